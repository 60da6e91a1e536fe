"""The log keeps each turn once, in order, whoever else is writing."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import bindparam, insert, update

from flows.conversation import Conversation, Turn
from store import turns
from store.errors import StoreError
from store.link import Write
from store.tables import clinics
from tests.store.shelf import (
    ANN,
    BEN,
    NOON,
    Decide,
    Shelf,
    a_turn,
    at_once,
    key,
    never,
    opening,
    saying,
)


def test_a_conversation_goes_on_from_its_newest_turn(shelf: Shelf) -> None:
    seen: list[Conversation | None] = []

    def decide(so_far: Conversation | None) -> Turn:
        seen.append(so_far)
        return a_turn(so_far, "no")

    first, second = (shelf.take(ANN, sid, decide) for sid in ("SM1", "SM2"))
    assert seen == [None, Conversation("1.2.0", 1, first.state)]
    assert (first.number, second.number) == (1, 2)
    [stored] = shelf.stored()
    assert stored.turns == (first, second)
    assert (stored.flow, stored.flow_version) == ("red_flags", "1.2.0")
    assert (stored.clinic_name, stored.started_at) == ("Test Clinic", first.at)


def test_a_new_conversation_takes_the_place_of_the_last(shelf: Shelf) -> None:
    shelf.take(ANN, "SM1", "a")
    shelf.take(ANN, "SM2", "b")
    shelf.take(ANN, "SM3", opening("c"))
    shelf.take(ANN, "SM4", "d")
    assert sorted(shelf.words()) == [["a", "b"], ["c", "d"]]


def test_contacts_do_not_know_each_other(shelf: Shelf) -> None:
    shelf.take(ANN, "SM1", "a")
    shelf.take("call:CA1", "CA1:1", "b")
    assert shelf.take(BEN, "SM2", "c").number == 1


@pytest.mark.parametrize(
    "again",
    [key("SM1", "token 1"), key("SM1", None), key("SM1", "another"), key("SM9", "token 1")],
)
@pytest.mark.parametrize("later", [0, 1, 3])
def test_a_request_that_comes_again_gets_its_turn(
    shelf: Shelf, again: turns.CarrierKey, later: int
) -> None:
    first = shelf.log.take(ANN, key("SM1", "token 1"), saying("no"))
    for number in range(later):
        shelf.take(ANN, f"SM later {number}")
    decide = saying("something else") if later else never
    assert shelf.log.take(ANN, again, decide) == first
    assert len(shelf.stored()[0].turns) == 1 + later


def test_tokens_that_are_missing_are_not_the_same(shelf: Shelf) -> None:
    shelf.log.take(ANN, key("SM1", None), saying("a"))
    shelf.log.take(ANN, key("SM2", None), saying("b"))
    assert shelf.words() == [["a", "b"]]


def test_nothing_is_kept_where_nothing_is_decided(shelf: Shelf) -> None:
    assert shelf.log.take(ANN, key("SM1"), lambda _: None) is None
    assert shelf.stored() == []
    assert shelf.rows("SELECT * FROM contacts") == []


def test_a_known_request_gets_its_turn_where_nothing_is_decided(shelf: Shelf) -> None:
    first = shelf.take(ANN, "SM1")
    shelf.take(ANN, "SM2")
    assert shelf.log.take(ANN, key("SM1"), lambda _: None) == first


def test_what_decide_raises_comes_out_and_leaves_nothing(shelf: Shelf) -> None:
    def fail(_: Conversation | None) -> Turn:
        raise LookupError("no such question")

    with pytest.raises(LookupError):
        shelf.log.take(ANN, key("SM1"), fail)
    assert shelf.stored() == []
    first = shelf.take(ANN, "SM1")
    shelf.take(ANN, "SM2")
    assert shelf.log.take(ANN, key("SM1"), fail) == first


@pytest.mark.parametrize(("number", "opens"), [(1, False), (3, False), (2, True)])
def test_a_turn_out_of_place_is_refused(shelf: Shelf, number: int, opens: bool) -> None:
    shelf.take(ANN, "SM1")
    turn = a_turn(Conversation("1.2.0", number - 1, a_turn().state))
    wrong = Turn(**{f: getattr(turn, f) for f in turn.__struct_fields__} | {"opens": opens})
    with pytest.raises(ValueError, match="a turn that"):
        shelf.log.take(ANN, key("SM2"), lambda _: wrong)
    assert shelf.words() == [["no"]]


# --- At the same moment. What comes in between is put there: no race is left to chance. -----------


def in_between(decide: Decide, other: Callable[[], object]) -> tuple[Decide, list[int]]:
    """`decide`, but the first time `other` happens before its turn is stored."""
    seen: list[int] = []

    def interrupted(so_far: Conversation | None) -> Turn | None:
        seen.append(so_far.number if so_far else 0)
        if len(seen) == 1:
            other()
        return decide(so_far)

    return interrupted, seen


@pytest.mark.parametrize("before", [0, 1, 5])
@pytest.mark.parametrize("first", [saying, opening])
@pytest.mark.parametrize("second", [saying, opening])
def test_what_came_first_is_known_when_it_is_decided_again(
    shelf: Shelf,
    before: int,
    first: Callable[[str], Decide],
    second: Callable[[str], Decide],
) -> None:
    for number in range(before):
        shelf.take(ANN, f"SM before {number}", "before")
    decide, seen = in_between(second("second"), lambda: shelf.take(ANN, "SM1", first("first")))
    shelf.take(ANN, "SM2", decide)
    alone = first is opening or before == 0
    assert seen == [before, 1 if alone else before + 1]

    expected = [["before"] * before] if before else []
    for words, opens in (("first", alone), ("second", second is opening)):
        if opens:
            expected.append([words])
        else:
            expected[-1].append(words)
    assert sorted(shelf.words()) == sorted(expected)


@pytest.mark.parametrize("before", [0, 1])
def test_the_same_request_in_between(shelf: Shelf, before: int) -> None:
    for number in range(before):
        shelf.take(ANN, f"SM before {number}")
    taken: list[Turn] = []
    decide, _ = in_between(
        saying("mine"), lambda: taken.append(shelf.take(ANN, "SM1", "the other's"))
    )
    assert shelf.take(ANN, "SM1", decide) == taken[0]
    assert [len(one.turns) for one in shelf.stored()] == [before + 1]


def test_somebody_always_quicker(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "_TRIES", 3)
    sids = iter(range(100))

    def overtaken(so_far: Conversation | None) -> Turn:
        shelf.take(ANN, f"SM overtaking {next(sids)}")
        return a_turn(so_far)

    with pytest.raises(StoreError, match="too fast"):
        shelf.log.take(ANN, key("SM1"), overtaken)
    assert next(sids) == 3


def test_the_same_request_five_times_at_once(shelf: Shelf) -> None:
    taken = at_once(5, lambda number: shelf.take(ANN, "SM1", f"no, {number}"))
    assert taken == [taken[0]] * 5
    assert shelf.words() == [[taken[0].utterance.words]]


def test_one_contact_many_times_at_once(shelf: Shelf) -> None:
    taken = at_once(24, lambda number: shelf.take(ANN, f"SM{number}", f"{number}"))
    [stored] = shelf.stored()
    assert list(stored.turns) == sorted(taken, key=lambda turn: turn.number)
    assert [turn.number for turn in stored.turns] == list(range(1, 25))


def test_two_hundred_contacts_at_once(shelf: Shelf) -> None:
    def text_twice(number: int) -> tuple[Turn, ...]:
        contact = f"+1202555{number:04}"
        return tuple(shelf.take(contact, f"SM{number}:{part}", f"{number}") for part in "ab")

    taken = at_once(200, text_twice)
    stored = {one.turns[0].utterance.words: one.turns for one in shelf.stored()}
    assert stored == {str(number): turns for number, turns in enumerate(taken)}


def test_what_follows_from_a_turn_is_written_with_it(shelf: Shelf) -> None:
    """A companion sees each turn, and writes in its transaction: neither is there alone."""
    seen: list[turns.Appended] = []
    rename = shelf.database.query(update(clinics).values(name=bindparam("new")))
    again = {"id": shelf.clinic, "name": "", "locale": "", "created_at": NOON}
    columns: dict[str, Any] = {column: bindparam(column) for column in again}
    broken = shelf.database.query(insert(clinics).values(columns))

    def companion(appended: turns.Appended) -> list[Write]:
        seen.append(appended)
        if appended.turn.utterance.words == "broken":
            return [(broken, again)]
        return [(rename, {"new": f"after {appended.turn.utterance.words}"})]

    shelf.log = shelf.new_log(companion)
    first = shelf.take(ANN, "SM1", "one")
    shelf.take(ANN, "SM2", "two")
    [stored] = shelf.stored()
    assert stored.clinic_name == "after two"
    shelf.take(ANN, "SM3", opening("three"))
    assert [(one.before, one.gave_way) for one in seen] == [
        (None, None),
        (first.state, None),
        (None, stored.id),
    ]
    assert seen[0].conversation == seen[1].conversation == stored.id
    with pytest.raises(StoreError):
        shelf.take(BEN, "SM4", "broken")
    assert sorted(len(one.turns) for one in shelf.stored()) == [1, 2]
