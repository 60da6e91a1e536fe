"""A call as Twilio hands it over becomes one thing heard. Here Twilio's field names end.

Each request of a call has a key of its own, so that one that is sent twice is taken once:
`<CallSid>:0` for the call itself, `<CallSid>:<asking>` for what answers the turn `asking`.

Sources: Twilio's "Request parameters" of TwiML Voice, and its pages of <Gather> and <Dial>.
"""

from collections.abc import Mapping
from typing import Final

from flows.utterance import Channel, Kind, Medium, Utterance
from telephony.asking import Asking
from telephony.contact import caller, number
from telephony.heard import Heard, Unheard, clean

VOICE: Final = Channel("voice", Medium.VOICE)

_OVER: Final = frozenset(("completed", "busy", "failed", "no-answer", "canceled"))
_REACHED: Final = frozenset(("completed", "answered"))


def hear_arrival(form: Mapping[str, str], token: str | None) -> Heard:
    """A call begins.

    `token`, here and below: the carrier's idempotency token, where the request has one.
    Unheard, here and below, where the call has no CallSid.
    """
    return _heard(form, token, "0", Utterance(VOICE, Kind.ARRIVAL))


def hear_reply(form: Mapping[str, str], token: str | None, query: Mapping[str, str]) -> Heard:
    """Keys, words or silence after a turn, which the query names."""
    asking = _asking(query)
    digits = form.get("Digits", "")
    speech = clean(form.get("SpeechResult", ""))
    if digits:
        kind, words, confidence = Kind.DIGITS, clean(digits), 1.0
    elif speech.strip():
        kind, words, confidence = Kind.SPEECH, speech, _confidence(form.get("Confidence", ""))
    else:
        kind, words, confidence = Kind.SILENCE, "", 1.0
    utterance = Utterance(
        channel=VOICE,
        kind=kind,
        words=words,
        confidence=confidence,
        in_reply_to=asking.number,
        question=asking.question,
    )
    return _heard(form, token, asking.key, utterance)


def hear_clinic(form: Mapping[str, str], token: str | None, query: Mapping[str, str]) -> Heard:
    """The call comes back from the clinic, which answered or did not."""
    asking = _asking(query)
    reached = form.get("DialCallStatus", "") in _REACHED
    kind = Kind.CLINIC_REACHED if reached else Kind.CLINIC_MISSED
    utterance = Utterance(VOICE, kind, in_reply_to=asking.number)
    return _heard(form, token, f"{asking.key}:clinic", utterance)


def hear_status(form: Mapping[str, str], token: str | None) -> Heard | None:
    """The end of a call, or None for any other news of it."""
    if form.get("CallStatus", "") not in _OVER:
        return None
    return _heard(form, token, "hangup", Utterance(VOICE, Kind.HANG_UP))


def caller_id(form: Mapping[str, str]) -> str | None:
    """The number to show when the call is put through, or None for the caller's own.

    It is the line's own where the caller shows none, or one that cannot be called back: carriers
    refuse those (Twilio's error 13214).
    """
    if not _is_outbound(form) and number(form.get("From", "")):
        return None
    return number(form.get("From" if _is_outbound(form) else "To", ""))


def _heard(form: Mapping[str, str], token: str | None, key: str, utterance: Utterance) -> Heard:
    call = form.get("CallSid", "")
    if not call:
        raise Unheard("CallSid")
    person = caller(form.get("To" if _is_outbound(form) else "From", ""), call)
    return Heard(person, f"{call}:{key}", token or None, utterance)


def _is_outbound(form: Mapping[str, str]) -> bool:
    """Whether we rang the person, and not the person us."""
    return form.get("Direction", "").startswith("outbound")


def _asking(query: Mapping[str, str]) -> Asking:
    try:
        return Asking.read(query)
    except (KeyError, ValueError):
        # Not `from`: the fault's own words hold what was sent.
        raise Unheard("the turn in the query") from None


def _confidence(value: str) -> float:
    """0 to 1; 0 for anything else, so that it is read back."""
    try:
        confidence = float(value)
    except ValueError:
        return 0.0
    return confidence if 0.0 <= confidence <= 1.0 else 0.0
