"""Erasing by rule: the right ones, with tombstones, a report, and nobody kept waiting."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from duty.clinic import DEFAULTS
from flows.conversation import Conversation, Turn
from flows.definition import read_flow
from store import erasure
from store.clinics import StoredClinic
from store.errors import Conflict
from store.history import history
from store.retention import Report, Retention, nightly, runs
from tests.store.shelf import ANN, BEN, NOON, Shelf, a_turn

FLOW = read_flow()
LATER = NOON + timedelta(days=100)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasure, "_UNDER_WAY_SECONDS", 0)


def at_rest(
    position: str = "bladder", at: datetime = NOON, *, flagged: bool = False
) -> Callable[[Conversation | None], Turn]:
    """Decides on a turn that leaves the conversation there."""

    def decide(so_far: Conversation | None) -> Turn:
        turn = a_turn(so_far)
        assert turn.reading is not None
        return replace(
            turn,
            at=at,
            alerts=("T0",) if flagged else (),
            reading=replace(turn.reading, flags=()),
            state=replace(turn.state, position=position),
        )

    return decide


def retention(shelf: Shelf) -> Retention:
    return Retention(shelf.database, shelf.sealer, FLOW, shelf.clinic, DEFAULTS)


def clinic(shelf: Shelf) -> StoredClinic:
    return StoredClinic(shelf.clinic, "Test Clinic", "en-GB", "", "Europe/London")


def last(found: list[Report]) -> Report:
    return found[-1]


def test_what_is_due_is_erased_and_the_rest_stays(shelf: Shelf) -> None:
    shelf.take(ANN, "SM1", at_rest())
    shelf.take(BEN, "SM2", at_rest("guidance"))
    shelf.take("+12025550111", "SM3", at_rest(flagged=True))
    shelf.take("+12025550112", "SM4", at_rest(at=LATER - timedelta(days=89)))
    assert last(list(retention(shelf).run(LATER))) == Report(unfinished=1, turns=1, contacts=1)
    assert len(shelf.stored()) == 3
    ((because, state, heard),) = shelf.rows(
        "SELECT erased_because, state, heard FROM turns WHERE erased_at IS NOT NULL"
    )
    assert because == "retention: unfinished, 90 days"
    assert (state, heard) == (None, None)


def test_a_flag_in_any_turn_keeps_the_whole(shelf: Shelf) -> None:
    shelf.take(ANN, "SM1", "my leg is numb")
    shelf.take(ANN, "SM2", at_rest())
    assert list(retention(shelf).due(LATER)) == []


def test_after_eight_years_all_of_it_goes(shelf: Shelf) -> None:
    shelf.take(ANN, "SM1", at_rest("guidance"))
    shelf.take(BEN, "SM2", at_rest(flagged=True))
    done = last(list(retention(shelf).run(NOON + timedelta(days=8 * 366))))
    assert done == Report(expired=2, turns=2, contacts=2)
    assert shelf.stored() == []


def test_the_chain_stays_whole(shelf: Shelf) -> None:
    shelf.take(ANN, "SM1", at_rest())
    shelf.take(ANN, "SM2", at_rest("guidance"))
    shelf.take(BEN, "SM3", at_rest())
    list(retention(shelf).run(LATER))
    kept = list(history(shelf.database, shelf.sealer, shelf.clinic))
    assert len(kept) == 3
    assert not any(one.faults for one in kept)


def test_a_number_goes_with_its_last_conversation(shelf: Shelf) -> None:
    """Whoever writes again is somebody new; who has a conversation left is not."""
    shelf.take(ANN, "SM1", at_rest())
    list(retention(shelf).run(LATER))
    assert shelf.rows("SELECT fingerprint, address FROM contacts") == [(None, None)]
    again = shelf.take(ANN, "SM2", at_rest(at=LATER))
    assert again.number == 1
    assert len(shelf.rows("SELECT id FROM contacts")) == 2


def test_a_few_at_a_time_is_all_of_them(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.retention.BATCH", 2)
    for number in range(5):
        shelf.take(f"+1202555010{number}", f"SM{number}", at_rest())
    found = list(retention(shelf).run(LATER))
    assert [report.unfinished for report in found] == [2, 4, 5]
    (run,) = runs(shelf.database, shelf.clinic)
    assert (run.report, run.began_at, run.ended_at) == (found[-1], LATER, LATER)


def test_a_run_that_was_cut_off_shows_how_far_it_came(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.retention.BATCH", 1)
    for number in range(3):
        shelf.take(f"+1202555010{number}", f"SM{number}", at_rest())
    next(retention(shelf).run(LATER))
    (run,) = runs(shelf.database, shelf.clinic)
    assert (run.report.unfinished, run.ended_at) == (1, None)
    tomorrow = LATER + timedelta(days=1)
    assert last(list(retention(shelf).run(tomorrow))).unfinished == 2


def test_a_night_is_done_once_on_however_many_machines(shelf: Shelf) -> None:
    shelf.take(ANN, "SM1", at_rest())
    night = (NOON + timedelta(days=100)).replace(hour=2)
    given = (shelf.database, shelf.sealer, FLOW, clinic(shelf))
    first, second = nightly(*given, night), nightly(*given, night)
    assert last(list(first)).unfinished == 1
    assert list(second) == []
    with pytest.raises(Conflict):
        next(retention(shelf).run(night, night.date().isoformat()))
    assert len(runs(shelf.database, shelf.clinic)) == 1
    assert last(list(nightly(*given, night + timedelta(days=1)))) == Report()


def test_by_day_nothing_is_begun(shelf: Shelf) -> None:
    shelf.take(ANN, "SM1", at_rest())
    given = (shelf.database, shelf.sealer, FLOW, clinic(shelf))
    assert list(nightly(*given, LATER)) == []
    assert runs(shelf.database, shelf.clinic) == ()
    assert len(shelf.stored()) == 1


def test_another_clinics_conversations_are_not_touched(shelf: Shelf) -> None:
    shelf.take(ANN, "SM1", at_rest())
    other = Retention(shelf.database, shelf.sealer, FLOW, shelf.clinic + 1, DEFAULTS)
    assert list(other.due(LATER)) == []
