"""Reading back: every conversation, in its order, a few at a time."""

from datetime import timedelta

import pytest

from flows.conversation import Conversation, Turn
from store import review
from store.clinics import ensure_clinic
from store.review import conversations
from tests.store.shelf import ANN, NOON, Decide, Shelf, a_turn, opening


def at_minute(minute: int, decide: Decide) -> Decide:
    """What `decide` says, at another time."""

    def later(so_far: Conversation | None) -> Turn:
        turn = decide(so_far)
        assert turn
        fields = {name: getattr(turn, name) for name in Turn.__slots__}
        return Turn(**fields | {"at": NOON + timedelta(minutes=minute)})

    return later


@pytest.mark.parametrize("at_once", [1, 2, 5, 50])
def test_in_the_order_of_start(shelf: Shelf, monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(review, "_AT_ONCE", at_once)
    minutes = [5, 3, 9, 0, 7]
    for minute in minutes:
        shelf.take(f"{ANN}{minute}", f"SM{minute}", at_minute(minute, opening(f"{minute}")))
    for minute in minutes:
        shelf.take(f"{ANN}{minute}", f"SM{minute}b", "again")
    assert shelf.words() == [[f"{minute}", "again"] for minute in sorted(minutes)]


def test_a_conversation_that_begins_while_others_are_read(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review, "_AT_ONCE", 1)
    shelf.take(ANN, "SM1", at_minute(1, opening("first")))
    reading = conversations(shelf.database, shelf.sealer, shelf.clinic)
    assert next(reading).turns[0].utterance.words == "first"
    shelf.take(ANN, "SM2", at_minute(2, opening("second")))
    assert [one.turns[0].utterance.words for one in reading] == ["second"]


def test_another_clinic_is_not_read(shelf: Shelf) -> None:
    shelf.take(ANN, "SM1")
    assert list(conversations(shelf.database, shelf.sealer, shelf.clinic + 1)) == []


def test_a_clinic_keeps_its_conversations_under_a_new_name(shelf: Shelf) -> None:
    first = shelf.take(ANN, "SM1", lambda _: a_turn())
    for name in ("New Name", "New Name"):
        assert ensure_clinic(shelf.database, name, "en-GB") == shelf.clinic
    [stored] = shelf.stored()
    assert (stored.clinic_name, stored.turns) == ("New Name", (first,))
    assert [tuple(row) for row in shelf.rows("SELECT name, locale FROM clinics")] == [
        ("New Name", "en-GB")
    ]
