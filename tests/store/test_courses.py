"""How conversations went: read from the log of either database, without a word of them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from flows.conversation import Conversation, Turn
from flows.reading import Miss, Reading
from store import courses as module
from store.courses import Course, courses
from store.erasure import Erasure
from store.review import Selection
from tests.store.shelf import ANN, BEN, NOON, Decide, Shelf, a_turn


def at_minute(minute: int, **changes: object) -> Decide:
    """The next turn, at another time and otherwise changed."""

    def later(so_far: Conversation | None) -> Turn:
        return replace(a_turn(so_far), at=NOON + timedelta(minutes=minute), **changes)  # type: ignore[arg-type]

    return later


def found(shelf: Shelf, **by: object) -> list[Course]:
    return list(courses(shelf.database, shelf.clinic, Selection(**by)))  # type: ignore[arg-type]


def test_what_was_asked_and_read_in_its_order(shelf: Shelf) -> None:
    shelf.take(ANN, "SM1", at_minute(1, asked=None, reading=None, alerts=()))
    shelf.take(ANN, "SM2", at_minute(2, reading=Reading(Miss.NO_MATCH, "x"), alerts=()))
    last = shelf.take(ANN, "SM3", at_minute(3, asked="bowel", alerts=("T2",)))
    shelf.take(ANN, "SM4", at_minute(4, alerts=("T1",), state=last.state))
    (course,) = found(shelf)
    assert (course.channel, course.state) == ("sms", last.state)
    assert course.started_at == NOON + timedelta(minutes=1)
    assert course.alerted_at == NOON + timedelta(minutes=3)
    assert [tuple(heard) for heard in course.heard] == [
        (None, None),
        ("bladder", "no_match"),
        ("bowel", "no"),
        ("bladder", "no"),
    ]


def test_no_alert_is_none(shelf: Shelf) -> None:
    shelf.take(ANN, "SM1", at_minute(1, alerts=()))
    assert found(shelf)[0].alerted_at is None


@pytest.mark.parametrize("at_once", [1, 2, 3, 500])
def test_a_few_at_a_time_is_all_of_them(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(module, "_AT_ONCE", at_once)
    for minute in (3, 1, 2):
        shelf.take(f"{ANN}{minute}", f"SM{minute}", at_minute(minute))
        shelf.take(f"{ANN}{minute}", f"SM{minute}b")
    assert [course.started_at.minute for course in found(shelf)] == [1, 2, 3]
    assert [len(course.heard) for course in found(shelf)] == [2, 2, 2]
    first = NOON + timedelta(minutes=2)
    assert [course.started_at.minute for course in found(shelf, begun_from=first)] == [2, 3]


def test_neither_what_was_erased_nor_another_clinic(shelf: Shelf) -> None:
    shelf.take(ANN, "SM1", at_minute(1))
    shelf.take(BEN, "SM2", at_minute(2))
    Erasure(shelf.database, shelf.sealer, shelf.clinic, "on request").contact(ANN, NOON)
    assert [course.started_at.minute for course in found(shelf)] == [2]
    assert list(courses(shelf.database, shelf.clinic + 1, Selection())) == []
