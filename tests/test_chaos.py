"""Killed at any moment, the line loses no turn and sends nothing twice: a part of `./dev chaos`."""

import pytest

from tests.chaos.__main__ import Run, play


@pytest.mark.timeout(400)  # a busy machine takes long to start what was killed
def test_ten_kills() -> None:
    """`kill -9` of web, worker, clock and database, on PostgreSQL, with a clock that hurries."""
    small = Run("postgresql", 10, 0.7, threads=4, times=200, web_workers=1, workers=1, at_most=24)
    found, town, _ = play(small)
    assert found.faults == []
    assert sum(town.killed.values()) == 10
    assert found.people >= 4
    assert found.doubles == 0
