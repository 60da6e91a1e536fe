"""What a channel's webhooks stand on, put together once by the application.

`guarded` makes a channel's blueprint with everything that no route may forget: the signature is
checked before any route runs, and whatever fails is answered with words from memory.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from flask import Blueprint, Request, Response, request

from duty.delivery import Receipt
from flows.conversation import Conversation, Turn
from flows.line import Line
from flows.wording import Clinic
from telephony.answer import twiml
from telephony.contact import sender
from telephony.failure import answer_failures
from telephony.signature import Verifier

_log = logging.getLogger(__name__)

Decide = Callable[[Conversation | None], Turn | None]


class Log(Protocol):
    """The turn log, as far as a channel needs it."""

    def take(self, contact: str, key: Any, decide: Decide, line: str | None = None) -> Turn | None:
        """Decide and keep the next turn of `contact`; for a `key` seen before, the kept one.

        `line`: our own number at which it was heard.
        """


class News(Protocol):
    """Where the carrier's news goes of what was sent."""

    def receive(self, about: int | str, receipt: Receipt, at: datetime) -> None:
        """`about`: the id or the key of what it is about; old and unknown news change nothing."""


def now() -> datetime:
    """The time (UTC)."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Site:
    """One clinic, as callers meet it.

    `id`: the clinic's.  `clinic`: whom a call is put through to.
    """

    id: int
    line: Line
    log: Log
    clinic: Clinic


class Sites(Protocol):
    """Which clinic is meant by the number that was texted or called."""

    def at(self, number: str) -> Site:
        """The site that answers at `number`, E.164 or anything; StoreError where none is known."""

    def known(self, number: str) -> Site:
        """As `at`, by what is known already: asks nothing, and never raises."""


@dataclass(frozen=True, slots=True)
class Door:
    """All that the webhooks of a channel need.

    `now`: the clock (UTC), read as a request comes in.
    """

    sites: Sites
    verifier: Verifier
    news: News
    now: Callable[[], datetime] = now


def guarded(name: str, door: Door, safety_net: Callable[[Line], str]) -> Blueprint:
    """A blueprint whose every route is for the carrier alone.

    `safety_net`: the TwiML for when anything fails.  Whoever is not the carrier gets 403 and no
    word of why.
    """
    in_memory = from_memory(door, safety_net)
    return guarded_by(name, door.verifier.accepts, lambda: twiml(in_memory()), refusal=403)


def guarded_by(
    name: str,
    accepts: Callable[[Request], bool],
    in_memory: Callable[[], Response],
    refusal: int,
) -> Blueprint:
    """A blueprint whose every route is for those alone whom `accepts` tells from strangers.

    `in_memory`: what answers when anything fails.  `refusal`: the status that a stranger gets.
    """
    blueprint = Blueprint(name, __name__)

    @blueprint.before_request
    def refuse_strangers() -> Response | None:
        if accepts(request):
            return None
        # Whoever sets the line up needs to know; nothing of what a stranger sent is repeated.
        _log.warning("%s refused: no signature of the carrier's for this URL", request.endpoint)
        return Response(status=refusal)

    answer_failures(blueprint, in_memory)
    return blueprint


def from_memory(door: Door, safety_net: Callable[[Line], str]) -> Callable[[], str]:
    """What gives the safety net of the clinic that was meant; it needs no database.

    That of the first clinic is made now, for when even that fails: an unknown number, a body that
    cannot be read.
    """
    first = safety_net(door.sites.known("").line)

    def found() -> str:
        try:
            return safety_net(door.sites.known(line_number(request.form)).line)
        except Exception:  # noqa: BLE001  whatever it is: silence is worse
            return first

    return found


def line_number(form: Mapping[str, str]) -> str:
    """The number of ours that a text or a call is about: whom it came to, or who rang out."""
    ours = "From" if form.get("Direction", "").startswith("outbound") else "To"
    return sender(form.get(ours, ""))
