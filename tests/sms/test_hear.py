"""From Twilio's form to one thing heard."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.utterance import Channel, Keyword, Kind, Medium, Utterance
from sms.hear import hear
from telephony.heard import Unheard

SMS = Channel("sms", Medium.TEXT)
FORM = {"MessageSid": "SM1", "From": "+12025550143", "Body": "no", "NumMedia": "0"}


def heard(**fields: str) -> Utterance:
    return hear({**FORM, **fields}, None).utterance


def test_a_text() -> None:
    found = hear(FORM, "token-1")
    assert (found.contact, found.sid, found.token) == ("+12025550143", "SM1", "token-1")
    assert found.utterance == Utterance(SMS, Kind.TEXT, "no")


@pytest.mark.parametrize("token", [None, ""])
def test_no_token(token: str | None) -> None:
    assert hear(FORM, token).token is None


@pytest.mark.parametrize("address", ["whatsapp:+12025550143", " whatsapp:+12025550143"])
def test_whatsapp_is_the_same_person(address: str) -> None:
    found = hear({**FORM, "From": address}, None)
    assert found.contact == "+12025550143"
    assert found.utterance.channel == Channel("whatsapp", Medium.TEXT)


def test_rcs_is_the_same_person() -> None:
    found = hear({**FORM, "From": "rcs:+12025550143", "To": "rcs:harbour_clinic_agent"}, None)
    assert found.contact == "+12025550143"
    assert found.utterance.channel == Channel("rcs", Medium.TEXT)


@pytest.mark.parametrize(
    ("fields", "missing"),
    [({"From": ""}, "From"), ({"From": "whatsapp:"}, "From"), ({"MessageSid": ""}, "MessageSid")],
)
def test_what_cannot_be_placed(fields: dict[str, str], missing: str) -> None:
    with pytest.raises(Unheard, match=f"^{missing}$"):
        hear({**FORM, **fields}, None)


def test_nothing_at_all() -> None:
    with pytest.raises(Unheard):
        hear({}, None)


@pytest.mark.parametrize("field", ["SmsMessageSid", "SmsSid"])
def test_the_older_names_of_the_sid(field: str) -> None:
    assert hear({"From": "+12025550143", field: "SM2"}, None).sid == "SM2"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", ""),
        (" ", " "),
        ("1", "1"),
        ("N\0o\0", "No"),
        ("a" * 1600, "a" * 1600),
        ("\U0001f44d", "\U0001f44d"),
        ("\ud83d\udc4d", "\U0001f44d"),
        ("no \ud83d", "no �"),
        ("\udc4d no", "� no"),
        ("не знаю", "не знаю"),
        ("a\r\nb\tc", "a\r\nb\tc"),
    ],
)
def test_the_words_come_as_they_are(body: str, words: str) -> None:
    assert heard(Body=body) == Utterance(SMS, Kind.TEXT, words)


def test_no_body() -> None:
    form = {name: value for name, value in FORM.items() if name != "Body"}
    assert hear(form, None).utterance == Utterance(SMS, Kind.TEXT, "")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"Body": "", "ButtonText": "Yes", "ButtonPayload": "yes-1"}, "Yes"),
        ({"Body": "", "ButtonPayload": "1"}, "1"),
        ({"Body": " ", "ButtonText": "", "ButtonPayload": "1"}, "1"),
        ({"Body": "no", "ButtonText": "Yes", "ButtonPayload": "1"}, "no"),
        ({"Body": " ", "ButtonText": ""}, " "),
    ],
)
def test_a_tap_on_a_button(fields: dict[str, str], words: str) -> None:
    assert heard(**fields).words == words


def test_a_tap_on_our_own_button_names_the_turn_that_asked() -> None:
    payload = "a=2&n=7&q=saddle&t=1772452840000"
    found = heard(Body="No", ButtonText="No", ButtonPayload=payload)
    assert (found.words, found.in_reply_to, found.question) == ("2", 7, "saddle")


@pytest.mark.parametrize(
    "payload", ["a=4&n=7&q=saddle&t=1", "a=2&n=x&q=&t=1", "a=2", "n=7&t=1", "%"]
)
def test_a_button_that_is_not_ours_is_its_words(payload: str) -> None:
    found = heard(Body="Yes", ButtonText="Yes", ButtonPayload=payload)
    assert (found.words, found.in_reply_to, found.question) == ("Yes", None, None)


@pytest.mark.parametrize(
    ("count", "attachments"),
    [("0", 0), ("1", 1), ("10", 10), ("", 0), ("-1", 0), ("many", 0), ("1.0", 0)],
)
def test_pictures_are_counted(count: str, attachments: int) -> None:
    assert heard(NumMedia=count).attachments == attachments


@pytest.mark.parametrize(
    ("value", "keyword"),
    [
        ("STOP", Keyword.STOP), ("START", Keyword.START), ("HELP", Keyword.HELP),
        ("stop", Keyword.STOP), ("", None), ("OTHER", None),
    ],
)  # fmt: skip
def test_a_keyword_that_the_carrier_answers_itself(value: str, keyword: Keyword | None) -> None:
    assert heard(OptOutType=value).keyword is keyword


def test_a_keyword_that_it_does_not_is_a_text() -> None:
    assert heard(Body="STOP").keyword is None


# --- Bodies in base64 --------------------------------------------------------------------------

SENTENCES = [
    "I am numb between my legs",
    "No I do not have that",
    "Ich weiß es nicht",
    "yes it is\nat times",
]


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("broken_at", [76, 20])
def test_a_sentence_in_base64_is_read_but_never_sure(
    sentence: str, encoding: str, broken_at: int
) -> None:
    body = b64encode(sentence.encode(encoding)).decode()
    lines = "\r\n".join(body[at : at + broken_at] for at in range(0, len(body), broken_at))
    assert heard(Body=lines) == Utterance(SMS, Kind.TEXT, sentence, confidence=0.0)


@pytest.mark.parametrize(
    "body",
    [
        # Short answers might be words.
        "Tm8=", "WWVz", "bm8gbm8=", "Mg==", "Yes", "nope", "1111",
        # Words and runs of letters that have the right length.
        "internationalize", "nonononononononono", "aaaaaaaaaaaaaaaa", "NOOOOOOOOOOOOOOO",
        "abcdefghijklmnop", "1234567890123456", "++++////++++////", "supercalifragilisticexpi",
        # Base64, but not of words that somebody wrote.
        b64encode(bytes(range(64))).decode(), b64encode(b"\xff" * 30).decode(),
        b64encode(b"no spaces in this at all".replace(b" ", b"")).decode(),
        b64encode(b"1 2 3 4 5 6 7 8 9 0").decode(), b64encode(b"a bell \x07 rings here").decode(),
        b64encode("\N{ZERO WIDTH SPACE} hidden words".encode()).decode(),
        # Not quite base64.
        b64encode(b"I am numb between my legs").decode().replace("=", ""),
        b64encode(b"I am numb between my legs").decode() + "!",
        "no SSBhbSBudW1iIGJldHdlZW4gbXkgbGVncw==",
    ],
)  # fmt: skip
def test_anything_else_is_what_it_says(body: str) -> None:
    assert heard(Body=body) == Utterance(SMS, Kind.TEXT, body)


@given(st.text())
def test_any_body_is_heard(body: str) -> None:
    utterance = heard(Body=body)
    utterance.words.encode()
    assert "\0" not in utterance.words
