"""Which processes go on: each says so itself."""

from datetime import timedelta

from store.heartbeats import ALIVE_SECONDS, BEAT_SECONDS, alive, beat, rest, this_process
from tests.store.shelf import NOON, Shelf


def test_a_process_that_beats_goes_on_and_one_that_does_not_is_gone(shelf: Shelf) -> None:
    worker, clock = this_process("worker", NOON), this_process("clock", NOON)
    for process in (worker, clock):
        beat(shelf.database, process, NOON)
    later = NOON + timedelta(seconds=ALIVE_SECONDS - 1)
    beat(shelf.database, worker, later)
    assert [one.kind for one in alive(shelf.database, later)] == ["clock", "worker"]
    much_later = NOON + timedelta(seconds=ALIVE_SECONDS + 1)
    (found,) = alive(shelf.database, much_later)
    assert (found.name, found.seen_at, found.started_at) == (worker.name, later, NOON)
    assert found.pid > 0


def test_one_late_beat_is_no_death() -> None:
    assert ALIVE_SECONDS > 3 * BEAT_SECONDS


def test_who_ends_is_not_missed(shelf: Shelf) -> None:
    process = this_process("worker", NOON)
    beat(shelf.database, process, NOON)
    rest(shelf.database, process, NOON)
    assert alive(shelf.database, NOON) == ()


def test_two_processes_of_one_host_and_one_number_are_two(shelf: Shelf) -> None:
    """As containers are, which are all process 1."""
    for _ in range(2):
        beat(shelf.database, this_process("worker", NOON), NOON)
    assert len(alive(shelf.database, NOON)) == 2


def test_the_dead_are_forgotten_after_a_week(shelf: Shelf) -> None:
    beat(shelf.database, this_process("worker", NOON), NOON)
    late = NOON + timedelta(days=8)
    beat(shelf.database, this_process("worker", late), late)
    assert len(shelf.rows("SELECT name FROM processes")) == 1
