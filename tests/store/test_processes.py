"""Processes of their own: killed at any moment, and many at a time."""

import os
import random
import signal
import time
from collections import Counter

from tests.store.shelf import ANN, Shelf
from tests.store.writer import nursery, sid

KILLS = 20


def test_kill_at_any_moment(url: str) -> None:
    """Whoever is told that a turn is kept finds it kept, once; a request sent again adds none."""
    chance = random.Random(20)  # noqa: S311 — moments, no secrets
    kept = -1
    with nursery(url) as (order, output):
        for _ in range(KILLS):
            # The request under way may or may not have been kept: the carrier sends it again.
            print(f"{ANN} {kept + 1} 1000000", file=order)
            process = int(output.readline().split()[-1])
            kept = int(output.readline().split()[-1])
            time.sleep(chance.random() * 0.03)
            os.kill(process, signal.SIGKILL)
            # What it had still said, up to the first line of the next one.
            print("sentinel 0 0", file=order)
            while (line := output.readline().split())[0] != "sentinel":
                kept = int(line[-1])
    with Shelf(url) as shelf:
        [stored] = shelf.stored()
        heard = [int(turn.utterance.words) for turn in stored.turns]
        assert heard == list(range(len(heard)))
        assert [turn.number for turn in stored.turns] == list(range(1, len(heard) + 1))
        # Of the last process, one turn more may have been kept than it could say.
        assert len(heard) - (kept + 1) in (0, 1)
        assert kept > KILLS


def test_many_processes(url: str) -> None:
    """Four processes, one contact in common: nothing lost, nothing twice, nothing out of order."""
    with nursery(url) as (order, output):
        for process in range(4):
            print(f"{ANN} 0 15", file=order)
            print(f"{ANN}{process} 0 15", file=order)
        order.close()
        said = Counter(line for line in output.read().splitlines() if " kept " in line)
    assert set(said.values()) == {4, 1}  # the common requests were answered four times
    with Shelf(url) as shelf:
        for one in shelf.stored():
            assert [turn.number for turn in one.turns] == list(range(1, 16))
        rows = shelf.rows("SELECT sid FROM turns")
        expected = {sid(f"{ANN}{who}", n) for who in ("", *range(4)) for n in range(15)}
        assert Counter(found for (found,) in rows) == Counter(expected)
