"""Where Twilio brings a text.

Point the number's messaging webhook at `POST /sms`, and its fallback at `POST /sms/fallback`.
`POST /sms/status` gets the receipts of what was sent; its address goes out with each text.
"""

from urllib.parse import urlencode

from flask import Blueprint, Response, request

from duty.patient import urgent_tier
from flows.conversation import Conversation, Turn, take_turn
from sms.acknowledge import Answer
from sms.buttons import Buttons
from sms.hear import RCS_CHANNEL, WHATSAPP_CHANNEL, hear
from sms.render import render, render_words, safety_net
from store.follows import reply_key
from store.turns import CarrierKey
from telephony.answer import nothing, twiml
from telephony.door import Door, from_memory, guarded, line_number
from telephony.heard import IDEMPOTENCY_HEADER
from telephony.receipts import REPLY, job_id, reply_to, text_receipt


def make_blueprint(
    door: Door, staff: Answer | None = None, buttons: Buttons | None = None
) -> Blueprint:
    """The routes of this channel.

    `staff`: knows the texts that acknowledge an alert.  `buttons`: for the channels that have them.
    """
    blueprint = guarded("sms", door, safety_net)
    fallen_back = from_memory(door, safety_net)

    @blueprint.post("/sms")
    def text() -> Response:
        at, form = door.now(), request.form
        heard = hear(form, request.headers.get(IDEMPOTENCY_HEADER))
        line = line_number(form)
        site = door.sites.at(line)
        acknowledged = staff(site, heard, at) if staff else None
        if acknowledged is not None:
            return twiml(render_words(acknowledged))

        def decide(conversation: Conversation | None) -> Turn:
            return take_turn(site.line, conversation, heard.utterance, at)

        key = CarrierKey(heard.sid, heard.token)
        turn = site.log.take(heard.contact, key, decide, line)
        rich = heard.utterance.channel in (WHATSAPP_CHANNEL, RCS_CHANNEL)
        if turn is not None and buttons is not None and rich:
            to, sender = form["From"], form.get("To", "")
            if buttons.asked(turn, site.line, to, sender):
                return twiml(render(None))
        if turn is None or urgent_tier(site.line.flow, turn.state.position) is None:
            return twiml(render(turn))
        base_url, reply = door.verifier.base_url(request), urlencode({REPLY: heard.sid})
        return twiml(render(turn, f"{base_url}/sms/status?{reply}"))

    @blueprint.post("/sms/status")
    def status() -> Response:
        receipt, reply = text_receipt(request.form), reply_to(request.args)
        about = job_id(request.args) if reply is None else reply_key(reply)
        if receipt is not None and about is not None:
            door.news.receive(about, receipt, door.now())
        return nothing()

    @blueprint.post("/sms/fallback")
    def fallback() -> Response:
        return twiml(fallen_back())

    return blueprint
