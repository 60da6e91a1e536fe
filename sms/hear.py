"""A text as Twilio hands it over becomes one thing heard. Here Twilio's field names end.

Source: Twilio's "Twilio's request to your incoming message Webhook URL".
"""

from collections.abc import Mapping
from typing import Final

from flows.utterance import Channel, Keyword, Kind, Medium, Utterance
from sms.base64_body import decoded
from sms.buttons import read_tap
from telephony.contact import RCS, WHATSAPP, sender
from telephony.heard import Heard, Unheard, clean

SMS: Final = Channel("sms", Medium.TEXT)
WHATSAPP_CHANNEL: Final = Channel("whatsapp", Medium.TEXT)
RCS_CHANNEL: Final = Channel("rcs", Medium.TEXT)

_CHANNELS: Final = {WHATSAPP: WHATSAPP_CHANNEL, RCS: RCS_CHANNEL}

_KEYWORDS: Final = {keyword.value: keyword for keyword in Keyword}


def hear(form: Mapping[str, str], token: str | None) -> Heard:
    """The text in `form`; Unheard where it has no sender or no MessageSid.

    `token`: the carrier's idempotency token, where the request has one.
    """
    address = form.get("From", "")
    contact = sender(address)
    if not contact:
        raise Unheard("From")
    sid = form.get("MessageSid") or form.get("SmsMessageSid") or form.get("SmsSid")
    if not sid:
        raise Unheard("MessageSid")
    tapped = read_tap(form.get("ButtonPayload", ""))
    words, confidence = (tapped.digit, 1.0) if tapped else _words(form)
    utterance = Utterance(
        channel=_channel(address),
        kind=Kind.TEXT,
        words=words,
        confidence=confidence,
        attachments=_attachments(form),
        keyword=_KEYWORDS.get(form.get("OptOutType", "").upper()),
        in_reply_to=tapped.asking.number if tapped else None,
        question=tapped.asking.question if tapped else None,
    )
    return Heard(contact, sid, token or None, utterance)


def _channel(address: str) -> Channel:
    scheme, colon, _ = address.strip().partition(":")
    return _CHANNELS.get(f"{scheme}{colon}", SMS)


def _words(form: Mapping[str, str]) -> tuple[str, float]:
    """What was written, and how surely it is that.

    A tap on a button of somebody else's may come without a body; the button's own words stand for
    it.

    Some carriers hand a text over as the base64 of its bytes. It is read, so that words of danger
    in it count, but with confidence 0: an answer in it is never taken as given, whatever it is.
    """
    body = clean(form.get("Body", ""))
    if not body.strip():
        return clean(form.get("ButtonText") or form.get("ButtonPayload") or body), 1.0
    hidden = decoded(body)
    return (body, 1.0) if hidden is None else (clean(hidden), 0.0)


def _attachments(form: Mapping[str, str]) -> int:
    try:
        return max(0, int(form.get("NumMedia", "0")))
    except ValueError:
        return 0
