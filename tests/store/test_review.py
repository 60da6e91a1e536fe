"""Reading back: every conversation, in its order, a few at a time."""

from collections import Counter
from datetime import timedelta
from itertools import islice
from typing import Any

import pytest

from flows.conversation import Conversation, Turn
from store import review
from store.clinics import ensure_clinic
from store.review import Selection, StoredConversation, conversations, count, part_starts
from tests.store.shelf import ANN, BEN, NOON, Decide, Shelf, a_turn, opening


def at_minute(minute: int, decide: Decide) -> Decide:
    """What `decide` says, at another time."""

    def later(so_far: Conversation | None) -> Turn:
        turn = decide(so_far)
        assert turn
        fields = {name: getattr(turn, name) for name in Turn.__struct_fields__}
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


# --- Which of them ----------------------------------------------------------------------------


@pytest.fixture
def three(shelf: Shelf) -> list[StoredConversation]:
    """Conversations begun at minutes 1, 2 and 3."""
    for minute in (1, 2, 3):
        shelf.take(f"{ANN}{minute}", f"SM{minute}", at_minute(minute, opening(f"{minute}")))
    return shelf.stored()


def chosen(shelf: Shelf, **by: Any) -> tuple[str, int]:
    """The first words of each, and how many are counted."""
    selection = Selection(**by)
    found = conversations(shelf.database, shelf.sealer, shelf.clinic, selection)
    words = "".join(one.turns[0].utterance.words for one in found)
    return words, count(shelf.database, shelf.clinic, selection)


def test_by_id(shelf: Shelf, three: list[StoredConversation]) -> None:
    assert chosen(shelf) == ("123", 3)
    assert chosen(shelf, id=three[1].id) == ("2", 1)
    assert chosen(shelf, id="none") == ("", 0)


def test_by_the_time_of_their_beginning(shelf: Shelf, three: list[StoredConversation]) -> None:
    second = three[1].started_at
    assert chosen(shelf, begun_from=second) == ("23", 2)
    assert chosen(shelf, begun_before=second) == ("1", 1)
    assert chosen(shelf, begun_from=second, begun_before=second) == ("", 0)
    assert chosen(shelf, begun_from=second, begun_before=three[2].started_at) == ("2", 1)


def test_those_after_another(shelf: Shelf, three: list[StoredConversation]) -> None:
    place = three[0].id
    found = conversations(shelf.database, shelf.sealer, shelf.clinic, after=place)
    assert [one.id for one in found] == [one.id for one in three[1:]]


def test_a_number_only_where_it_is_asked_for(shelf: Shelf, three: list[StoredConversation]) -> None:
    assert {one.address for one in three} == {None}
    found = conversations(shelf.database, shelf.sealer, shelf.clinic, numbers=True)
    assert [one.address for one in found] == [f"{ANN}1", f"{ANN}2", f"{ANN}3"]


def test_a_contact_has_the_same_name_in_every_conversation(shelf: Shelf) -> None:
    for number, contact in enumerate((ANN, ANN, BEN)):
        shelf.take(contact, f"SM{number}", opening("x"))
    names = Counter(one.contact for one in shelf.stored())
    assert sorted(names.values()) == [1, 2]


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_parts_are_the_whole(shelf: Shelf, three: list[StoredConversation], size: int) -> None:
    starts = part_starts(shelf.database, shelf.clinic, Selection(), size)
    ids: list[str] = []
    for after in starts:
        part = conversations(shelf.database, shelf.sealer, shelf.clinic, after=after)
        ids += [one.id for one in islice(part, size)]
    assert ids == [one.id for one in three]
    assert len(starts) == -(-3 // size)


def test_parts_of_those_that_are_selected(shelf: Shelf, three: list[StoredConversation]) -> None:
    later = Selection(begun_from=three[1].started_at)
    assert part_starts(shelf.database, shelf.clinic, later, 1) == ("", three[1].id)
    assert part_starts(shelf.database, shelf.clinic, Selection(id="none"), 1) == ("",)
