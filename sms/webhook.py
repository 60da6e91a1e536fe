"""Where Twilio brings a text.

Point the number's messaging webhook at `POST /sms`, and its fallback at `POST /sms/fallback`.
"""

from flask import Blueprint, Response, request

from flows.conversation import Conversation, Turn, take_turn
from sms.hear import hear
from sms.render import render, safety_net
from store.turns import CarrierKey
from telephony.answer import twiml
from telephony.door import Door, from_memory, guarded, line_number
from telephony.heard import IDEMPOTENCY_HEADER


def make_blueprint(door: Door) -> Blueprint:
    """The routes of this channel."""
    blueprint = guarded("sms", door, safety_net)
    fallen_back = from_memory(door, safety_net)

    @blueprint.post("/sms")
    def text() -> Response:
        at = door.now()
        heard = hear(request.form, request.headers.get(IDEMPOTENCY_HEADER))
        site = door.sites.at(line_number(request.form))

        def decide(conversation: Conversation | None) -> Turn:
            return take_turn(site.line, conversation, heard.utterance, at)

        turn = site.log.take(heard.contact, CarrierKey(heard.sid, heard.token), decide)
        return twiml(render(turn))

    @blueprint.post("/sms/fallback")
    def fallback() -> Response:
        return twiml(fallen_back())

    return blueprint
