"""Where Twilio brings a text.

Point the number's messaging webhook at `POST /sms`, and its fallback at `POST /sms/fallback`.
"""

from flask import Blueprint, Response, request

from flows.conversation import Conversation, Turn, take_turn
from sms.hear import hear
from sms.render import render, safety_net
from store.turns import CarrierKey
from telephony.answer import twiml
from telephony.door import Door, guarded
from telephony.heard import IDEMPOTENCY_HEADER


def make_blueprint(door: Door) -> Blueprint:
    """The routes of this channel."""
    from_memory = safety_net(door.line)
    blueprint = guarded("sms", door, from_memory)

    @blueprint.post("/sms")
    def text() -> Response:
        at = door.now()
        heard = hear(request.form, request.headers.get(IDEMPOTENCY_HEADER))

        def decide(conversation: Conversation | None) -> Turn:
            return take_turn(door.line, conversation, heard.utterance, at)

        turn = door.log.take(heard.contact, CarrierKey(heard.sid, heard.token), decide)
        return twiml(render(turn))

    @blueprint.post("/sms/fallback")
    def fallback() -> Response:
        return twiml(from_memory)

    return blueprint
