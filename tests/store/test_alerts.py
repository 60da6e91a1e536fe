"""An alert is there with the turn that raises it, once, and is acknowledged once."""

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from duty.alert import Alert, How, Ladder, alert_id
from flows.conversation import Conversation, Turn
from store.alerts import (
    acknowledge,
    acknowledge_conversation,
    alarms,
    alert_writes,
    alerts_of,
    daily_tests,
    open_alerts,
    raise_alert,
    read_alert,
    say_what_came_of,
)
from store.erasure import Erasure
from tests.store.shelf import ANN, BEN, NOON, Decide, Shelf, a_turn, at_once


def alerting(*about: str, opens: bool = False) -> Decide:
    """Decides on a turn that tells the clinic of this."""

    def decide(so_far: Conversation | None) -> Turn:
        return msgspec.structs.replace(a_turn(so_far, opens=opens), alerts=about)

    return decide


@pytest.fixture(autouse=True)
def with_alerts(shelf: Shelf) -> None:
    shelf.log = shelf.new_log(alert_writes(shelf.database))


def waiting(shelf: Shelf) -> list[Alert]:
    return open_alerts(shelf.database, shelf.clinic)


def test_a_turn_brings_its_alerts_along(shelf: Shelf) -> None:
    turn = shelf.take(ANN, "SM1", alerting("T1", "crisis"))
    conversation = shelf.stored()[0].id
    first, second = waiting(shelf)
    assert first == Alert(first.id, shelf.clinic, conversation, "T1", 1, turn.at)
    assert second == replace(first, id=first.id + 1, about="crisis")
    shelf.take(ANN, "SM2", alerting())
    assert len(waiting(shelf)) == 2


def test_a_turn_that_is_refused_raises_nothing(shelf: Shelf) -> None:
    """The same text twice at once: one turn, one alert."""
    at_once(4, lambda _: shelf.take(ANN, "SM1", alerting("T1")))
    assert [one.about for one in waiting(shelf)] == ["T1"]


def test_one_alert_for_each_conversation_and_tier(shelf: Shelf) -> None:
    shelf.take(ANN, "SM1", alerting("T2"))
    shelf.take(ANN, "SM2", alerting("T2"))
    shelf.take(ANN, "SM3", alerting("T1"))
    shelf.take(ANN, "SM4", alerting("T1", opens=True))
    shelf.take(BEN, "SM5", alerting("T2"))
    assert [(one.about, one.turn) for one in waiting(shelf)] == [
        *(("T1", 1), ("T1", 3)),
        *(("T2", 1), ("T2", 1)),
    ]


def test_what_no_turn_raises_is_raised_once(shelf: Shelf) -> None:
    shelf.take(ANN, "SM1", alerting("T1"))
    [first] = waiting(shelf)
    for about in ("undelivered:T1", "undelivered:T1", "undelivered:T2"):
        raise_alert(shelf.database, shelf.clinic, first.conversation, about, NOON)
    for _ in range(2):
        raise_alert(shelf.database, shelf.clinic, None, "test:2026-03-02", NOON)
    found = [(one.about, one.conversation is None, one.turn) for one in waiting(shelf)]
    assert found == [
        ("T1", False, 1),
        ("undelivered:T1", False, None),
        ("undelivered:T2", False, None),
    ]
    [test] = daily_tests(shelf.database, shelf.clinic)
    assert (test.about, test.conversation) == ("test:2026-03-02", None)


def test_the_first_to_acknowledge_is_the_one_who_did(shelf: Shelf) -> None:
    shelf.take(ANN, "SM1", alerting("T1"))
    [alert] = waiting(shelf)

    def claim(number: int) -> bool:
        at = NOON + timedelta(seconds=number)
        return acknowledge(shelf.database, alert.id, f"Person {number}", How.REPLY, at)

    won = at_once(4, claim)
    assert sorted(won) == [False, False, False, True]
    who = won.index(True)
    stored = read_alert(shelf.database, alert.id)
    assert stored is not None
    assert stored.acknowledged_by == f"Person {who}"
    assert stored.acknowledged_how is How.REPLY
    assert stored.acknowledged_at == NOON + timedelta(seconds=who)
    assert claim(who) is True
    assert waiting(shelf) == []


def test_an_alert_that_is_not_there_is_not_acknowledged(shelf: Shelf) -> None:
    assert acknowledge(shelf.database, 7, "Ann Example", How.KEY, NOON) is False
    assert read_alert(shelf.database, 7) is None


def test_a_conversation_is_acknowledged_whole(shelf: Shelf) -> None:
    shelf.take(ANN, "SM1", alerting("T2"))
    shelf.take(ANN, "SM2", alerting("T1"))
    shelf.take(BEN, "SM3", alerting("T1"))
    ann = next(one.conversation for one in waiting(shelf) if one.about == "T2")
    assert ann is not None
    assert acknowledge_conversation(shelf.database, ann, "Ann Example", How.PAGE, NOON)
    assert not acknowledge_conversation(shelf.database, ann, "Ben Example", How.PAGE, NOON)
    assert [one.conversation == ann for one in waiting(shelf)] == [False]
    assert {one.acknowledged_by for one in alerts_of(shelf.database, ann)} == {"Ann Example"}


def test_what_ran_out_comes_first(shelf: Shelf) -> None:
    for number, about in enumerate(("T0", "not_seen", "T2", "undelivered:T2", "crisis", "T1")):
        shelf.take(f"{ANN}{number}", f"SM{number}", alerting(about))
    shelf.rows("UPDATE alerts SET ladder = 'ran_out' WHERE about = 'T2'")
    order = ["T2", "T1", "crisis", "undelivered:T2", "not_seen", "T0"]
    assert [one.about for one in waiting(shelf)] == order
    assert [one.about for one in alarms(shelf.database, shelf.clinic)] == ["T2"]


def test_a_clinic_sees_its_own(shelf: Shelf) -> None:
    shelf.take(ANN, "SM1", alerting("T1"))
    assert open_alerts(shelf.database, shelf.clinic + 1) == []


def test_what_came_of_it_is_kept(shelf: Shelf) -> None:
    shelf.take(ANN, "SM1", alerting("T1"))
    [alert] = waiting(shelf)
    say_what_came_of(shelf.database, alert.id, "reached")
    stored = read_alert(shelf.database, alert.id)
    assert stored is not None
    assert stored.came_of == "reached"


def test_an_erased_conversation_says_no_tier(shelf: Shelf) -> None:
    """Who answered stays; what the person had goes, and nobody is rung for it any more."""
    shelf.take(ANN, "SM1", alerting("T2"))
    shelf.take(ANN, "SM2", alerting("T1"))
    ids = [one.id for one in sorted(waiting(shelf), key=lambda one: one.id)]
    acknowledge(shelf.database, ids[0], "Ann Example", How.PAGE, NOON)
    say_what_came_of(shelf.database, ids[0], "reached")
    Erasure(shelf.database, shelf.sealer, shelf.clinic, "on request").contact(ANN, NOON)
    first, second = (read_alert(shelf.database, number) for number in ids)
    assert first is not None
    assert second is not None
    assert (first.about, second.about) == (f"erased:{ids[0]}", f"erased:{ids[1]}")
    assert (first.acknowledged_by, first.came_of) == ("Ann Example", None)
    assert second.ladder is Ladder.RESTS
    assert waiting(shelf) == []


def test_a_reference_leads_back_to_its_alert() -> None:
    alert = Alert(1, 1, None, "T1", None, NOON)
    assert alert.reference == "1001"
    assert alert_id(alert.reference) == 1
    for words in ("", "1", "1000", "-1001", "\u0661\u0660\u0660\u0661", "9" * 40):
        assert alert_id(words) is None
