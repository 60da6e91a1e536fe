"""From Twilio's form and our own query to one thing heard."""

import pytest

from flows.utterance import Channel, Kind, Medium, Utterance
from telephony.heard import Heard, Unheard
from voice.hear import caller_id, hear_arrival, hear_clinic, hear_reply, hear_status

VOICE = Channel("voice", Medium.VOICE)
FORM = {
    "CallSid": "CA1",
    "From": "+12025550143",
    "To": "+12025550100",
    "Direction": "inbound",
    "CallStatus": "in-progress",
}
QUERY = {"n": "7", "q": "bladder", "t": "1772453000000"}


def reply(fields: dict[str, str], query: dict[str, str] = QUERY) -> Heard:
    return hear_reply({**FORM, **fields}, None, query)


def test_a_call_begins() -> None:
    expected = Heard("+12025550143", "CA1:0", "token-1", Utterance(VOICE, Kind.ARRIVAL))
    assert hear_arrival(FORM, "token-1") == expected


@pytest.mark.parametrize(
    ("fields", "kind", "words", "confidence"),
    [
        ({"Digits": "1"}, Kind.DIGITS, "1", 1.0),
        ({"Digits": "#"}, Kind.DIGITS, "#", 1.0),
        ({"Digits": "1", "SpeechResult": "no", "Confidence": "0.9"}, Kind.DIGITS, "1", 1.0),
        ({"Digits": "", "SpeechResult": "no", "Confidence": "0.9"}, Kind.SPEECH, "no", 0.9),
        ({"SpeechResult": "No.", "Confidence": "0.25"}, Kind.SPEECH, "No.", 0.25),
        ({"SpeechResult": "no", "Confidence": "1"}, Kind.SPEECH, "no", 1.0),
        ({"SpeechResult": "no", "Confidence": "0.0"}, Kind.SPEECH, "no", 0.0),
        ({"SpeechResult": "n\0o\ud83d", "Confidence": "1"}, Kind.SPEECH, "no�", 1.0),
        # A confidence that cannot be read is none.
        ({"SpeechResult": "no"}, Kind.SPEECH, "no", 0.0),
        ({"SpeechResult": "no", "Confidence": ""}, Kind.SPEECH, "no", 0.0),
        ({"SpeechResult": "no", "Confidence": "high"}, Kind.SPEECH, "no", 0.0),
        ({"SpeechResult": "no", "Confidence": "nan"}, Kind.SPEECH, "no", 0.0),
        ({"SpeechResult": "no", "Confidence": "inf"}, Kind.SPEECH, "no", 0.0),
        ({"SpeechResult": "no", "Confidence": "87"}, Kind.SPEECH, "no", 0.0),
        ({"SpeechResult": "no", "Confidence": "-0.1"}, Kind.SPEECH, "no", 0.0),
        ({"SpeechResult": "no", "Confidence": "0,9"}, Kind.SPEECH, "no", 0.0),
        ({}, Kind.SILENCE, "", 1.0),
        ({"Digits": ""}, Kind.SILENCE, "", 1.0),
        ({"SpeechResult": " ", "Confidence": "0.9"}, Kind.SILENCE, "", 1.0),
        ({"SpeechResult": "\0"}, Kind.SILENCE, "", 1.0),
    ],
)
def test_a_reply(fields: dict[str, str], kind: Kind, words: str, confidence: float) -> None:
    found = reply(fields)
    assert found.sid == "CA1:7:1772453000000"
    assert found.utterance == Utterance(
        VOICE, kind, words, confidence, in_reply_to=7, question="bladder"
    )


def test_a_reply_to_a_turn_that_put_no_question() -> None:
    assert reply({"Digits": "1"}, {**QUERY, "q": ""}).utterance.question is None


@pytest.mark.parametrize(
    "query",
    [{}, {"n": "7"}, {"t": "1"}, {"n": "", "t": "1"}, {"n": "x", "t": "1"}, {"n": "1", "t": "x"}],
)
def test_a_reply_to_no_turn_of_ours(query: dict[str, str]) -> None:
    with pytest.raises(Unheard, match=r"^the turn in the query$"):
        reply({"Digits": "1"}, query)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("completed", Kind.CLINIC_REACHED), ("answered", Kind.CLINIC_REACHED),
        ("busy", Kind.CLINIC_MISSED), ("no-answer", Kind.CLINIC_MISSED),
        ("failed", Kind.CLINIC_MISSED), ("canceled", Kind.CLINIC_MISSED),
        ("", Kind.CLINIC_MISSED), ("anything new", Kind.CLINIC_MISSED),
    ],
)  # fmt: skip
def test_back_from_the_clinic(status: str, kind: Kind) -> None:
    found = hear_clinic({**FORM, "DialCallStatus": status}, "t", QUERY)
    expected = Utterance(VOICE, kind, in_reply_to=7)
    assert found == Heard("+12025550143", "CA1:7:1772453000000:clinic", "t", expected)


@pytest.mark.parametrize("status", ["completed", "busy", "failed", "no-answer", "canceled"])
def test_a_call_ends(status: str) -> None:
    expected = Heard("+12025550143", "CA1:hangup", None, Utterance(VOICE, Kind.HANG_UP))
    assert hear_status({**FORM, "CallStatus": status}, None) == expected


@pytest.mark.parametrize("status", ["", "queued", "initiated", "ringing", "in-progress", "new"])
def test_other_news_of_a_call(status: str) -> None:
    assert hear_status({**FORM, "CallStatus": status}, None) is None


@pytest.mark.parametrize("address", ["", "anonymous", "+266696687"])
def test_a_hidden_caller(address: str) -> None:
    assert hear_arrival({**FORM, "From": address}, None).contact == "call:CA1"


def test_when_we_rang_the_person_is_the_one_called() -> None:
    form = {**FORM, "Direction": "outbound-api"}
    assert hear_arrival(form, None).contact == "+12025550100"


@pytest.mark.parametrize("call", [{}, {"CallSid": ""}])
def test_a_call_without_a_sid(call: dict[str, str]) -> None:
    form = {name: value for name, value in FORM.items() if name != "CallSid"} | call
    with pytest.raises(Unheard, match=r"^CallSid$"):
        hear_arrival(form, None)


@pytest.mark.parametrize(
    ("fields", "number"),
    [
        ({}, None),
        ({"From": "+266696687"}, "+12025550100"),
        ({"From": "anonymous"}, "+12025550100"),
        ({"From": "client:alice"}, "+12025550100"),
        ({"From": "sip:alice@example.com"}, "+12025550100"),
        ({"From": "sip:alice@example.com", "To": "sip:line@example.com"}, None),
        ({"Direction": "outbound-api"}, "+12025550143"),
    ],
)
def test_the_number_that_the_clinic_is_shown(fields: dict[str, str], number: str | None) -> None:
    assert caller_id({**FORM, **fields}) == number
