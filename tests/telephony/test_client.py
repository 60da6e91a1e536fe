"""Asking the carrier: every request is one that Twilio takes, and every failure says what to do."""

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import responses

from telephony.client import Carrier
from telephony.codes import in_words
from telephony.outgoing import Call, DeliveryError, Outgoing, Text
from tests.twilio_api import TABLE, Break, Fault, Hang, Lose, Refuse, TwilioApi, wrong

ANN, LINE = "+12025550143", "+12025550111"
URL = "https://line.example"
TEXT = Text(ANN, LINE, "Go to the ER now. ¿Sí? €", f"{URL}/sms/status?job=7", 600)
CALL = Call(ANN, LINE, f"{URL}/alert?job=8", f"{URL}/alert/status?job=8")
LATELY = timedelta(seconds=60)


@pytest.fixture
def twilio() -> Iterator[TwilioApi]:
    with TwilioApi() as api:
        yield api
        assert api.violations == []


@pytest.fixture
def carrier(twilio: TwilioApi) -> Carrier:
    return Carrier(twilio.account, twilio.token, twilio.url)


def failure(carrier: Carrier, outgoing: Outgoing = TEXT) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        carrier.take(outgoing)
    assert caught.value.__cause__ is None
    assert ANN not in f"{caught.value}"
    return caught.value


@pytest.mark.parametrize(
    "outgoing",
    [
        TEXT,
        Text(ANN, LINE, "Still there?"),
        Text(f"whatsapp:{ANN}", f"whatsapp:{LINE}", "Still there?", valid_seconds=1),
        Text(ANN, "MG" + "a" * 32, "Still there?", valid_seconds=36000),
        CALL,
        Call(ANN, LINE, f"{URL}/alert", ring_seconds=20),
    ],
)
def test_what_is_asked_is_what_twilio_takes(
    twilio: TwilioApi, carrier: Carrier, outgoing: Outgoing
) -> None:
    taken = carrier.take(outgoing)
    (one,) = twilio.texts + twilio.calls
    assert (taken.sid, taken.state, one.to) == (one.sid, "queued", outgoing.to)
    assert taken.created_at is not None
    assert one.form.get("StatusCallback") == outgoing.status_url
    if isinstance(outgoing, Text):
        assert one.body == outgoing.body
        assert (outgoing.sender in one.form.values()) is True


def test_a_template_takes_the_place_of_the_words(twilio: TwilioApi, carrier: Carrier) -> None:
    template, variables = "HX" + "0" * 32, (("1", 'Any "numbness"?'), ("2", "n=1"))
    text = Text(f"whatsapp:{ANN}", f"whatsapp:{LINE}", "?", template=template, variables=variables)
    carrier.send(text)
    (one,) = twilio.texts
    assert one.form["ContentSid"] == template
    assert json.loads(one.form["ContentVariables"]) == dict(variables)
    assert "Body" not in one.form


def test_what_twilio_does_not_take_is_seen() -> None:
    """The table can fail: unknown names, wrong kinds, what is missing."""
    assert wrong("POST Messages.json", [("To", ANN), ("From", LINE), ("Body", "x")]) == []
    for bad in (
        [("From", LINE), ("Body", "x")],
        [("To", ANN), ("Body", "x")],
        [("To", ANN), ("From", LINE), ("Bdoy", "x")],
        [("To", ANN), ("From", LINE), ("Body", "x" * 1601)],
        [("To", ANN), ("From", LINE), ("Body", "x"), ("ValidityPeriod", "soon")],
        [("To", ANN), ("From", LINE), ("Body", "x"), ("StatusCallback", "/sms/status")],
        [("To", ANN), ("MessagingServiceSid", "MG1"), ("Body", "x")],
        [("To", ANN), ("To", ANN), ("From", LINE), ("Body", "x")],
        [("To", ANN), ("From", LINE), ("Body", "x"), ("RiskCheck", "no")],
    ):
        assert wrong("POST Messages.json", bad), bad
    assert wrong("POST Faxes.json", [])
    assert "twilio_api_v2010" in TABLE.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("fault", "permanent", "unknown", "code"),
    [
        (Refuse(400, 21610), True, False, 21610),
        (Refuse(400, 21211), True, False, 21211),
        (Refuse(400, 99999), True, False, 99999),
        (Refuse(400), True, False, None),
        (Refuse(400, 21611), False, False, 21611),
        (Refuse(401, 20003), False, False, 20003),
        (Refuse(403), False, False, 20003),
        (Refuse(429, 20429), False, False, 20429),
        (Refuse(500), False, True, None),
        (Refuse(503, 20500), False, True, 20500),
        (Break(), False, True, None),
        (Lose(), False, True, None),
    ],
)
def test_a_failure_says_whether_asking_again_helps(
    twilio: TwilioApi, carrier: Carrier, fault: Fault, permanent: bool, unknown: bool, code: int
) -> None:
    twilio.faults.append(fault)
    error = failure(carrier)
    assert (error.permanent, error.unknown, error.code) == (permanent, unknown, code)
    assert error.sentence.endswith((".", f"(Twilio {code})"))


def test_how_long_to_wait_is_what_twilio_says(twilio: TwilioApi, carrier: Carrier) -> None:
    twilio.faults += [Refuse(429, 20429, retry_after=7), Refuse(429, 20429)]
    assert failure(carrier).retry_after == 7
    assert failure(carrier).retry_after is None


def test_an_answer_that_does_not_come_is_not_waited_for(
    twilio: TwilioApi, carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twilio's own library waits for ever."""
    monkeypatch.setattr(carrier._client.http_client, "timeout", 0.2)  # noqa: SLF001
    twilio.faults.append(Hang(30))
    error = failure(carrier)
    assert (error.unknown, error.permanent) == (True, False)
    assert len(twilio.texts) == 1


def test_the_time_it_waits_is_set() -> None:
    http = Carrier("AC" + "0" * 32, "x")._client.http_client  # noqa: SLF001
    assert http.timeout == 10


def test_nobody_there_means_that_nothing_was_taken() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    error = failure(Carrier("AC" + "0" * 32, "x", f"http://127.0.0.1:{port}"))
    assert (error.unknown, error.permanent) == (False, False)


@responses.activate
def test_without_another_address_twilio_itself_is_asked() -> None:
    account = "AC" + "0" * 32
    where = f"https://api.twilio.com/2010-04-01/Accounts/{account}/Messages.json"
    responses.post(where, json={"sid": "SM1", "status": "queued"}, status=201)
    assert Carrier(account, "x").take(TEXT).sid == "SM1"


@responses.activate
def test_an_answer_that_makes_no_sense_may_mean_that_it_was_taken() -> None:
    account = "AC" + "0" * 32
    where = f"https://api.twilio.com/2010-04-01/Accounts/{account}/Messages.json"
    responses.post(where, body="<html>", status=201)
    assert failure(Carrier(account, "x")).unknown


@pytest.mark.parametrize("outgoing", [TEXT, CALL])
def test_what_was_taken_without_an_answer_is_found(
    twilio: TwilioApi, carrier: Carrier, outgoing: Outgoing
) -> None:
    since = datetime.now(UTC) - LATELY
    assert carrier.find(outgoing, since) == []
    twilio.faults.append(Lose())
    failure(carrier, outgoing)
    (found,) = carrier.find(outgoing, since)
    assert found.sid == (twilio.texts + twilio.calls)[0].sid
    assert carrier.find(outgoing, datetime.now(UTC) + LATELY) == []


def test_other_words_to_the_same_number_are_another_text(
    twilio: TwilioApi, carrier: Carrier
) -> None:
    carrier.take(Text(ANN, LINE, "Still there?"))
    carrier.take(Text("+12025550199", LINE, TEXT.body))
    assert carrier.find(TEXT, datetime.now(UTC) - LATELY) == []


def test_how_a_text_stands_can_be_asked(twilio: TwilioApi, carrier: Carrier) -> None:
    sid = carrier.take(TEXT).sid
    twilio.texts[0].status, twilio.texts[0].error_code = "undelivered", 30006
    taken = carrier.text(sid)
    assert (taken.state, taken.code) == ("undelivered", 30006)


def test_each_code_is_a_sentence() -> None:
    for code in (21211, 21408, 21610, 21611, 21612, 21614, 20003, 20429, 30032, 30034):
        assert "http" not in in_words(code)
    for code in range(30001, 30009):
        assert in_words(code).endswith(f". (Twilio {code})")
    assert "/12345" in in_words(12345)


def test_a_text_is_found_whichever_number_it_went_out_from(
    twilio: TwilioApi, carrier: Carrier
) -> None:
    """What stands in an answer goes out from the number that was texted, whatever is chosen."""
    carrier.take(Text(ANN, "+12025550122", TEXT.body))
    assert len(carrier.find(TEXT, datetime.now(UTC) - LATELY)) == 1
