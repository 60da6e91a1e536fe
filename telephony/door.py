"""What a channel's webhooks stand on, put together once by the application.

`guarded` makes a channel's blueprint with everything that no route may forget: the signature is
checked before any route runs, and whatever fails is answered with words from memory.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from flask import Blueprint, Response, request

from flows.conversation import Conversation, Turn
from flows.line import Line
from flows.wording import Clinic
from telephony.failure import answer_failures
from telephony.signature import Verifier

_log = logging.getLogger(__name__)

Decide = Callable[[Conversation | None], Turn | None]


class Log(Protocol):
    """The turn log, as far as a channel needs it."""

    def take(self, contact: str, key: Any, decide: Decide) -> Turn | None:
        """Decide and keep the next turn of `contact`; for a `key` seen before, the kept one."""


def now() -> datetime:
    """The time (UTC)."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Door:
    """All that the webhooks of a channel need.

    `clinic`: whom a call is put through to.  `now`: the clock (UTC), read as a request comes in.
    """

    line: Line
    log: Log
    verifier: Verifier
    clinic: Clinic
    now: Callable[[], datetime] = now


def guarded(name: str, door: Door, safety_net: str) -> Blueprint:
    """A blueprint whose every route is for the carrier alone.

    `safety_net`: the TwiML for when anything fails.  Whoever is not the carrier gets 403 and no
    word of why.
    """
    blueprint = Blueprint(name, __name__)

    @blueprint.before_request
    def refuse_strangers() -> Response | None:
        if door.verifier.accepts(request):
            return None
        # Whoever sets the line up needs to know; nothing of what a stranger sent is repeated.
        _log.warning("%s refused: no signature of the carrier's for this URL", request.endpoint)
        return Response(status=403)

    answer_failures(blueprint, safety_net)
    return blueprint
