"""Somebody on call is rung, and acknowledges with a key; without a key nobody does."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from duty.alert import Alert, How
from tests.on_call import ANN, BEN, OnCall, on_call
from voice.alert import alert_url


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[OnCall]:
    with on_call(tmp_path) as clinic:
        yield clinic


@pytest.fixture
def alert(clinic: OnCall) -> Alert:
    alert = clinic.raised()
    ann = clinic.add("Ann Example", ANN)
    clinic.told(alert, ann, clinic.add("Ben Example", BEN, 2), None)
    return alert


def test_a_key_acknowledges_in_the_name_of_who_was_rung(clinic: OnCall, alert: Alert) -> None:
    call = clinic.call(alert, 1, ANN)
    assert call.heard == [
        (
            "This is an urgent alert, tier one, from the massage check of Test Clinic. "
            "The reference is 1 0 0 1. To acknowledge it, press 1. To hear this again, press 9."
        )
    ]
    call.press("1")
    assert "in your name, Ann Example" in call.heard[0]
    assert call.ended
    stored = clinic.now(alert)
    assert (stored.acknowledged_by, stored.acknowledged_how) == ("Ann Example", How.KEY)


def test_nine_says_it_again_and_other_keys_say_that_too(clinic: OnCall, alert: Alert) -> None:
    call = clinic.call(alert, 1, ANN)
    first = call.heard[0]
    assert call.press("9").heard == [first]
    assert call.press("5").heard == [f"That key does nothing here. {first}"]
    assert call.press("1").ended
    assert clinic.now(alert).acknowledged_by == "Ann Example"


def test_an_answering_machine_acknowledges_nothing(clinic: OnCall, alert: Alert) -> None:
    call, said = clinic.call(alert, 1, ANN), 1
    while not call.ended:
        said += bool(call.silence().gather)
    assert said == 3
    assert call.heard == [
        "Nobody has pressed 1, so the next one on call is told. Goodbye.",
    ]
    assert clinic.now(alert).acknowledged_at is None


def test_the_second_one_hears_who_was_first(clinic: OnCall, alert: Alert) -> None:
    late = clinic.call(alert, 2, BEN)
    clinic.call(alert, 1, ANN).press("1")
    assert late.press("1").heard == ["Ann Example has already acknowledged it. Thank you. Goodbye."]
    again = clinic.call(alert, 2, BEN)
    assert again.heard[0].startswith("Ann Example has already")
    assert again.ended


def test_the_clinics_own_number_acknowledges_in_the_clinics_name(
    clinic: OnCall, alert: Alert
) -> None:
    clinic.call(alert, 3, "+12025550143").press("1")
    assert clinic.now(alert).acknowledged_by == "Test Clinic"


def test_a_call_that_was_not_placed_acknowledges_nothing(clinic: OnCall, alert: Alert) -> None:
    call = clinic.call(alert, 9, ANN)
    assert call.heard == ["This alert is not open any more. Thank you. Goodbye."]
    assert clinic.now(alert).acknowledged_at is None


def test_the_same_key_twice_is_the_same_answer(clinic: OnCall, alert: Alert) -> None:
    carrier = clinic.carrier()
    url = carrier.public_url + alert_url("", alert.id, 1).replace("alert?", "alert/key?")
    form = {"From": "+12025550143", "To": ANN, "Digits": "1", "CallSid": "CA1"}
    first, second = (carrier.post(url, form) for _ in range(2))
    assert first.data == second.data


def test_only_the_carrier_can_ask(clinic: OnCall, alert: Alert) -> None:
    client = clinic.app().test_client()
    for path in (alert_url("", alert.id, 1), alert_url("", alert.id, 1).replace("?", "/key?")):
        assert client.post(path, data={"Digits": "1"}).status_code == 403
    assert clinic.now(alert).acknowledged_at is None


def test_when_anything_fails_they_are_told_to_look(clinic: OnCall, alert: Alert) -> None:
    clinic.database.close()
    carrier = clinic.carrier()
    for query in ("", "?alert=x&rung=1", "?alert=1"):
        answer = carrier.post(f"{carrier.public_url}/voice/alert{query}", {"CallSid": "CA1"})
        assert answer.status_code == 200
        assert b"Please open the desk now" in answer.data
