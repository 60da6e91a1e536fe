"""Each night what is older than a clinic keeps is erased, by whoever minds the clock, once."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.retention import in_words
from app.works import Works
from duty.clinic import FIRST, TRIAL
from store import erasure, retention
from store.retention import Report, runs
from store.review import conversations
from tests.works import Plant

ONE = Report(unfinished=1, expired=0, turns=1, contacts=1)


@pytest.fixture
def plant(sqlite_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plant]:
    monkeypatch.setattr(erasure, "_UNDER_WAY_SECONDS", 0)
    with Plant(f"sqlite:///{sqlite_file}") as plant:
        plant.works.begin()
        yield plant


def reports(works: Works, clinic: int = FIRST) -> list[Report]:
    return [run.report for run in runs(works.database, clinic)]


def test_an_old_conversation_is_erased_in_the_night(plant: Plant) -> None:
    """Not by day, not twice in a night; and the run is on the record."""
    plant.texts("hello")
    plant.passes(days=91)
    assert reports(plant.works) == []
    assert plant.stored().turns
    plant.at = (plant.at + timedelta(days=1)).replace(hour=7)  # three in the morning in New York
    plant.work()
    assert reports(plant.works) == [ONE]
    records = plant.works.records
    assert list(conversations(records.database, records.sealer, FIRST)) == []
    plant.passes(minutes=20)
    assert reports(plant.works) == [ONE]


def test_trials_are_kept_for_a_day(plant: Plant) -> None:
    """In a night of their own, whether there was any or not."""
    plant.at = (plant.at + timedelta(days=1)).replace(hour=8)
    plant.work()
    assert reports(plant.works, TRIAL) == [Report()]


def test_a_long_night_lets_other_things_go_on(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few batches at a time: the row waits a moment between, and what is left goes on."""
    monkeypatch.setattr(retention, "BATCH", 1)
    for number in range(15):
        plant.texter.number = f"+120255502{number:02}"
        plant.texts("hello")
    plant.at = (plant.at + timedelta(days=91)).replace(hour=7)
    plant.work()
    (some,) = reports(plant.works)
    assert 0 < some.unfinished < 15
    for _ in range(3):
        plant.passes(seconds=2)
    (every,) = reports(plant.works)
    assert every == Report(unfinished=15, expired=0, turns=15, contacts=15)


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (
            Report(unfinished=1, expired=0, turns=3, contacts=1),
            "1 conversation (1 unfinished, 0 expired), 3 turns; 1 number forgotten.",
        ),
        (
            Report(unfinished=1200, expired=2, turns=4000, contacts=0),
            "1,202 conversations (1,200 unfinished, 2 expired), 4,000 turns; 0 numbers forgotten.",
        ),
    ],
)
def test_a_night_is_said_in_words(report: Report, said: str) -> None:
    assert in_words(report) == said
