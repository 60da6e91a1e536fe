"""The chain finds what was changed, removed or moved, and an erasure leaves it whole."""

import hmac
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from store.erasure import Erased, Erasure
from store.history import Kept, emptied, history
from store.sealing import Sealer, _key
from tests.store.shelf import ANN, BEN, NOON, SECRET, Shelf, a_turn, key, opening

LATER = NOON + timedelta(days=30)


def a_log(shelf: Shelf) -> None:
    """Ann: three turns, then two of a new conversation. Ben: two, at the same time as Ann's."""
    for number in range(3):
        shelf.take(ANN, f"SM{number}", f"word {number}")
    for number in range(2):
        shelf.take(BEN, f"SM of Ben {number}", f"Ben {number}")
    shelf.take(ANN, "SM3", opening("again"))
    shelf.take(ANN, "SM4", "and on")


def sql(shelf: Shelf, statement: str) -> Sequence[Any]:
    """Run `statement`, in which ANN and BEN stand for the ids of the contacts."""
    for name, which in (("ANN", "min"), ("BEN", "max")):
        statement = statement.replace(name, f"(SELECT {which}(id) FROM contacts)")  # noqa: S608
    return shelf.rows(statement)


def rows(shelf: Shelf) -> list[Kept]:
    """The history, with the contacts counted from 1."""
    kept = list(history(shelf.database, shelf.sealer, shelf.clinic))
    ids = sorted({one.contact for one in kept})
    return [replace(one, contact=ids.index(one.contact) + 1) for one in kept]


def faults(shelf: Shelf) -> list[tuple[int, int]]:
    """Contact and place of each row that does not fit."""
    return [(kept.contact, kept.ordinal) for kept in rows(shelf) if kept.faults]


def erasure(shelf: Shelf) -> Erasure:
    return Erasure(shelf.database, shelf.sealer, shelf.clinic, "on request")


def test_a_mark_is_an_hmac() -> None:
    expected = hmac.digest(_key(SECRET, b"backline marks"), b"turn\0words", "sha256")
    assert Sealer(SECRET).mark("turn", b"words") == expected


def test_what_was_written_fits(shelf: Shelf) -> None:
    a_log(shelf)
    kept = rows(shelf)
    assert faults(shelf) == []
    assert [(one.contact, one.ordinal) for one in kept] == [
        *((1, ordinal) for ordinal in range(1, 6)),
        *((2, ordinal) for ordinal in range(1, 3)),
    ]
    turns = [one.turn for one in kept if one.turn]
    assert [turn.utterance.words for turn in turns][3:] == [
        "again", "and on", "Ben 0", "Ben 1",
    ]  # fmt: skip
    assert emptied(shelf.database, shelf.clinic) == []


@pytest.mark.parametrize(
    "change",
    [
        "state = replace(state, 'bowel', 'saddle')",
        "said = (SELECT said FROM turns WHERE contact_id = BEN AND ordinal = 2)",
        "heard = (SELECT heard FROM turns WHERE contact_id = BEN AND ordinal = 2)",
        "heard = NULL",
        "said = NULL",
        "meaning = 'yes'",
        "rule = 'another'",
        "flags = '[]'",
        "position = 'saddle'",
        "alerts = '[]'",
        "asked = NULL",
        "question = 'bowel'",
        "in_reply_to = 1",
        "kind = 'speech'",
        "keyword = 'STOP'",
        "attachments = 1",
        "confidence = 0.25",
        "connect = (1 = 1)",
        "hang_up = (1 = 1)",
        "channel = 'voice'",
        "medium = 'voice'",
        "meaning = 'maybe'",
        "state = NULL",
        "state = '{}'",
        "digest = chain",
        "chain = digest",
        "at = (SELECT at FROM turns WHERE contact_id = ANN AND ordinal = 3)",
        "erased_at = at, erased_because = 'on request', tombstone = chain",
        "erased_at = at",
    ],
)
def test_a_changed_row(shelf: Shelf, change: str) -> None:
    a_log(shelf)
    sql(shelf, f"UPDATE turns SET {change} WHERE contact_id = ANN AND ordinal = 2")  # noqa: S608
    assert (1, 2) in faults(shelf)
    assert {ordinal for contact, ordinal in faults(shelf) if contact == 1} <= {2, 3}


@pytest.mark.parametrize("gone", [1, 2, 3, 4])
def test_a_removed_row(shelf: Shelf, gone: int) -> None:
    a_log(shelf)
    sql(shelf, f"DELETE FROM turns WHERE contact_id = ANN AND ordinal = {gone}")  # noqa: S608
    assert faults(shelf) == [(1, gone + 1)]
    # And closing the gap does not help.
    for ordinal in range(gone + 1, 6):
        sql(
            shelf,
            f"UPDATE turns SET ordinal = {ordinal - 1} "  # noqa: S608
            f"WHERE contact_id = ANN AND ordinal = {ordinal}",
        )
    assert (1, gone) in faults(shelf)


def test_two_rows_that_changed_places(shelf: Shelf) -> None:
    a_log(shelf)
    for old, new in ((2, 9), (3, 2), (9, 3)):
        sql(
            shelf,
            f"UPDATE turns SET number = {new}, ordinal = {new} "  # noqa: S608
            f"WHERE contact_id = ANN AND ordinal = {old}",
        )
    assert {(1, 2), (1, 3)} <= set(faults(shelf))


@pytest.mark.parametrize(
    "change",
    [
        "flow = 'another'",
        "flow_version = '9.0.0'",
        "contact_id = BEN",
        "started_at = (SELECT max(at) FROM turns)",
    ],
)
def test_a_changed_conversation(shelf: Shelf, change: str) -> None:
    a_log(shelf)
    sql(shelf, f"UPDATE conversations SET {change} WHERE contact_id = ANN")  # noqa: S608
    assert faults(shelf)


def test_a_newest_conversation_whose_turns_were_all_removed(shelf: Shelf) -> None:
    a_log(shelf)
    sql(shelf, "DELETE FROM turns WHERE contact_id = BEN")
    [conversation, contact] = emptied(shelf.database, shelf.clinic)
    assert conversation.startswith("conversation ")
    assert contact.startswith("contact ")


def test_another_secret_vouches_for_nothing(shelf: Shelf) -> None:
    a_log(shelf)
    with Shelf(shelf.url, "another secret of the tests, 32+ long") as other:
        assert len(faults(other)) == 7


# --- Erasing --------------------------------------------------------------------------------------


def test_an_erased_contact(shelf: Shelf) -> None:
    a_log(shelf)
    before = {(kept.contact, kept.ordinal): kept.chain for kept in rows(shelf)}
    assert erasure(shelf).contact(ANN, LATER) == Erased(2, 5)
    assert faults(shelf) == []
    for kept in rows(shelf):
        assert kept.chain == before[kept.contact, kept.ordinal]
        assert kept.erased_at == (LATER if kept.contact == 1 else None)
        assert (kept.turn is None) == (kept.contact == 1)
    [(fingerprint, address)] = sql(
        shelf, "SELECT fingerprint, address FROM contacts WHERE id = ANN"
    )
    assert fingerprint is address is None
    [left] = {
        tuple(row)
        for row in sql(
            shelf,
            "SELECT heard, said, state, meaning, rule, flags, asked, question, keyword, token, "
            "position, alerts, erased_because FROM turns WHERE contact_id = ANN",
        )
    }
    assert left == (None,) * 10 + ("erased", "[]", "on request")
    assert not sql(shelf, "SELECT 1 FROM turns WHERE contact_id = ANN AND sid LIKE 'SM%'")
    assert shelf.words() == [["Ben 0", "Ben 1"]]


def test_who_was_erased_is_somebody_new(shelf: Shelf) -> None:
    a_log(shelf)
    erasure(shelf).contact(ANN, LATER)
    assert erasure(shelf).contact(ANN, LATER) == Erased(0, 0)
    seen: list[object] = []
    assert shelf.log.take(ANN, key("SM0"), seen.append) is None
    assert seen == [None]
    assert shelf.take(ANN, "SM0", "hello").number == 1
    assert rows(shelf)[-1].contact == 3
    assert faults(shelf) == []


def test_an_erased_conversation_is_not_gone_on_with(shelf: Shelf) -> None:
    a_log(shelf)
    newest = rows(shelf)[4].conversation
    assert erasure(shelf).conversations([newest, "none"], LATER) == Erased(1, 2)
    seen: list[object] = []
    shelf.log.take(ANN, key("none"), seen.append)
    assert seen == [None]
    assert shelf.take(ANN, "SM9", "hello").number == 1
    assert rows(shelf)[5].ordinal == 6
    assert faults(shelf) == []
    assert len(shelf.stored()) == 3


def test_a_turn_under_way_is_erased_too(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    a_log(shelf)
    slept: list[float] = []

    def late(seconds: float) -> None:
        # It was decided on what stood there before, and is stored only now.
        if not slept:
            sql(
                shelf,
                "UPDATE turns SET erased_at = NULL, tombstone = NULL "
                "WHERE contact_id = ANN AND ordinal = 5",
            )
        slept.append(seconds)

    monkeypatch.setattr("store.erasure.time.sleep", late)
    erasure(shelf).contact(ANN, LATER)
    assert faults(shelf) == []
    assert not sql(shelf, "SELECT 1 FROM turns WHERE contact_id = ANN AND erased_at IS NULL")


def test_a_row_that_was_erased_by_hand(shelf: Shelf) -> None:
    a_log(shelf)
    erasure(shelf).contact(ANN, LATER)
    sql(shelf, "UPDATE turns SET erased_because = 'mine' WHERE contact_id = ANN AND ordinal = 5")
    assert faults(shelf) == [(1, 5)]
    sql(shelf, "DELETE FROM turns WHERE contact_id = ANN AND ordinal = 3")
    assert faults(shelf) == [(1, 4), (1, 5)]


def test_half_a_character_is_vouched_for_too(shelf: Shelf) -> None:
    turn = a_turn()
    shelf.take(
        ANN,
        "SM1",
        lambda _: msgspec.structs.replace(
            turn, utterance=msgspec.structs.replace(turn.utterance, words="\ud83d")
        ),
    )
    assert faults(shelf) == []
