"""Where Amazon brings what was said to a speaker.

Give the skill the endpoint `POST /alexa`. There is one skill, and it is the first clinic's.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Request, Response, request

from alexa.callback import Callbacks
from alexa.envelope import SESSION_ENDED, read_envelope
from alexa.render import nothing, render, safety_net
from alexa.signature import CHAIN_HEADER, SIGNATURE_HEADER, SkillVerifier
from alexa.visit import Visit
from flows.line import Line
from telephony.door import Log, guarded_by, now
from telephony.failure import describe
from telephony.signature import BODY_AT_MOST

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Skill:
    """All that the webhook needs.

    `line`: the clinic's, in a speaker's words.  `now`: the clock (UTC), read as a request comes in.
    """

    line: Line
    log: Log
    verifier: SkillVerifier
    callbacks: Callbacks
    now: Callable[[], datetime] = now


def make_blueprint(skill: Skill) -> Blueprint:
    """The route of this channel."""
    country = skill.line.locale.partition("-")[2]
    in_memory = safety_net(skill.line, country)

    def accepts(received: Request) -> bool:
        received.max_content_length = BODY_AT_MOST
        try:
            chain, signature = (received.headers[name] for name in (CHAIN_HEADER, SIGNATURE_HEADER))
            skill.verifier.check(chain, signature, received.get_data(), skill.now())
        except Exception as error:  # noqa: BLE001 - whatever it is, it was not found to be Amazon's
            _log.warning("not Amazon's, or not for this skill: %s", describe(error))
            return False
        return True

    # 400 is what Amazon's rules name.
    blueprint = guarded_by("alexa", accepts, lambda: _json(in_memory), refusal=400)

    @blueprint.post("/alexa")
    def alexa() -> Response:
        envelope = read_envelope(request.get_data())
        visit = Visit(envelope, skill.line, skill.log, skill.callbacks, skill.now())
        if envelope.request.type == SESSION_ENDED:
            if envelope.request.error is not None:
                _log.warning("a session ended by a fault: %s", envelope.request.error.kind)
            visit.note_end()
            # Nothing may be said to it.
            return _json(nothing())
        reply = visit.answer()
        if reply is None:
            return _json(nothing())
        return _json(render(reply, envelope.request.locale, country))

    return blueprint


def _json(body: bytes) -> Response:
    return Response(body, content_type="application/json; charset=utf-8")
