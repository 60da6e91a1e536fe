"""Somebody on call acknowledges by a reply; all else that they write is a patient's text."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from duty.alert import How
from sms.acknowledge import reference
from tests.doors import CLINIC
from tests.on_call import ANN, BEN, OnCall, on_call
from tests.twiml_player import Texter


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[OnCall]:
    with on_call(tmp_path) as clinic:
        yield clinic


@pytest.mark.parametrize(
    "words",
    [
        *("1001 OK", "1001 ok", "ok 1001", "OK, 1001", "1001 1", "1001", "#1001 Okay", "1001. Ok!"),
        *("ref 1001 ok", "Ref 1001", "1001\nOK", "  1001 OK  "),
    ],
)
def test_replies_that_acknowledge(words: str) -> None:
    assert reference(words) == "1001"


@pytest.mark.parametrize(
    "words",
    [
        *("1", "OK", "2", "101 OK", "1 OK", "agree", "1001 ok but i cant feel it when i pee"),
        *("1001 numb between my legs", "not 1001 ok", "1001 no", "1001 1002", "", "12345678901"),
    ],
)
def test_replies_that_do_not(words: str) -> None:
    assert reference(words) is None


def test_a_reply_acknowledges_in_the_name_of_its_number(clinic: OnCall) -> None:
    clinic.add("Ann Example", ANN)
    alert = clinic.raised()
    texter = Texter(clinic.carrier(), ANN, CLINIC.phone)
    assert texter.text(f"{alert.reference} OK") == [
        f"Test Clinic: thank you. Alert {alert.reference} is yours."
    ]
    stored = clinic.now(alert)
    assert (stored.acknowledged_by, stored.acknowledged_how) == ("Ann Example", How.REPLY)
    # A request that comes again is answered as before.
    assert "is yours" in texter.text(f"{alert.reference} OK")[0]


def test_the_second_one_hears_who_was_first(clinic: OnCall) -> None:
    clinic.add("Ann Example", ANN)
    clinic.add("Ben Example", BEN, 2)
    alert = clinic.raised()
    carrier = clinic.carrier()
    Texter(carrier, ANN, CLINIC.phone).text(f"{alert.reference} OK")
    said = Texter(carrier, BEN, CLINIC.phone).text(f"{alert.reference} OK")
    assert said == [f"Test Clinic: Ann Example has already acknowledged alert {alert.reference}."]
    assert clinic.now(alert).acknowledged_by == "Ann Example"


def test_a_stranger_with_the_code_is_a_patient(clinic: OnCall) -> None:
    alert = clinic.raised()
    said = Texter(clinic.carrier(), BEN, CLINIC.phone).text(f"{alert.reference} OK")
    assert "Reply AGREE to start" in said[0]
    assert clinic.now(alert).acknowledged_at is None


def test_staff_can_be_patients(clinic: OnCall) -> None:
    """What is not the reply goes to the flow, with a reference in it or not."""
    clinic.add("Ann Example", ANN)
    alert = clinic.raised()
    texter = Texter(clinic.carrier(), ANN, CLINIC.phone)
    assert "Reply AGREE to start" in texter.text("OK")[0]
    said = texter.text(f"{alert.reference} ok but I am numb between my legs and cant pee")
    assert said[0].startswith("DANGER SIGN.")
    assert clinic.now(alert).acknowledged_at is None


def test_a_code_that_is_no_alert_is_a_patients_text(clinic: OnCall) -> None:
    clinic.add("Ann Example", ANN)
    assert "Reply AGREE" in Texter(clinic.carrier(), ANN, CLINIC.phone).text("9999 OK")[0]


def test_nobody_else_can_say_it(clinic: OnCall) -> None:
    """A reply that the carrier did not sign changes nothing."""
    clinic.add("Ann Example", ANN)
    alert = clinic.raised()
    form = {"From": ANN, "To": CLINIC.phone, "Body": f"{alert.reference} OK", "MessageSid": "SM1"}
    answer = clinic.app().test_client().post("/sms", data=form)
    assert answer.status_code == 403
    assert clinic.now(alert).acknowledged_at is None
