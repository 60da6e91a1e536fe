"""Where Twilio brings a call.

Point the number's voice webhook at `POST /voice`, its status callback at `POST /voice/status` and
its fallback at `POST /voice/fallback`.  The other routes are named in the TwiML that these give.
"""

from datetime import datetime

from flask import Blueprint, Response, request

from flows.conversation import Conversation, Turn, take_turn
from flows.utterance import Kind
from store.turns import CarrierKey
from telephony.answer import nothing, twiml
from telephony.door import Door, Site, from_memory, guarded, line_number
from telephony.heard import IDEMPOTENCY_HEADER, Heard
from telephony.receipts import call_receipt, job_id
from voice.hear import caller_id, hear_arrival, hear_clinic, hear_reply, hear_status
from voice.render import render, safety_net


def make_blueprint(door: Door) -> Blueprint:
    """The routes of this channel."""
    blueprint = guarded("voice", door, safety_net)
    fallen_back = from_memory(door, safety_net)

    def token() -> str | None:
        return request.headers.get(IDEMPOTENCY_HEADER)

    def take(site: Site, heard: Heard, at: datetime) -> Turn | None:
        def decide(conversation: Conversation | None) -> Turn | None:
            if conversation is None and heard.utterance.kind is Kind.HANG_UP:
                # Who hung up before anything was said needs no conversation.
                return None
            return take_turn(site.line, conversation, heard.utterance, at)

        key, line = CarrierKey(heard.sid, heard.token), line_number(request.form)
        return site.log.take(heard.contact, key, decide, line)

    def reply(heard: Heard, at: datetime) -> Response:
        site = door.sites.at(line_number(request.form))
        turn = take(site, heard, at)
        if turn is None:
            raise LookupError("the log kept no turn")
        to_show = caller_id(request.form)
        base_url = door.verifier.base_url(request)
        return twiml(render(turn, site.line, base_url, site.clinic.phone, to_show))

    @blueprint.post("/voice")
    def arrival() -> Response:
        at = door.now()
        return reply(hear_arrival(request.form, token()), at)

    @blueprint.post("/voice/turn")
    def turn() -> Response:
        at = door.now()
        return reply(hear_reply(request.form, token(), request.args), at)

    @blueprint.post("/voice/clinic")
    def clinic() -> Response:
        at = door.now()
        return reply(hear_clinic(request.form, token(), request.args), at)

    @blueprint.post("/voice/status")
    def status() -> Response:
        at = door.now()
        job = job_id(request.args)
        if job is not None:
            # News of a call that we placed: nobody has hung up on the line.
            receipt = call_receipt(request.form)
            if receipt is not None:
                door.news.receive(job, receipt, at)
            return nothing()
        heard = hear_status(request.form, token())
        if heard is not None:
            take(door.sites.at(line_number(request.form)), heard, at)
        return nothing()

    @blueprint.post("/voice/fallback")
    def fallback() -> Response:
        return twiml(fallen_back())

    return blueprint
