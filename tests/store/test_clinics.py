"""Several clinics share an installation; each has its own name, numbers and settings."""

from dataclasses import replace
from datetime import time

import pytest
from msgspec.structs import replace as settled

from duty.clinic import DEFAULTS, Day, Opening
from store.clinics import StoredClinic, add_clinic, ensure_clinic, read_clinics, write_clinic
from store.errors import Conflict
from tests.store.shelf import Shelf

HARBOUR = StoredClinic(
    id=0,
    name="Harbour Clinic",
    locale="en-GB",
    phone="+442079460000",
    time_zone="Europe/London",
    numbers=("+442079460001", "+442079460002"),
    settings=settled(DEFAULTS, hours=(Opening(Day.SUNDAY, time(10), time(12, 30)),)),
)


def test_the_first_clinic_is_that_of_the_settings(shelf: Shelf) -> None:
    """What it has not said is its country's usual, or the default."""
    assert read_clinics(shelf.database) == (
        StoredClinic(1, "Test Clinic", "en-US", "", "America/New_York"),
    )
    ensure_clinic(shelf.database, "Harbour Clinic", "en-GB", "+442079460000")
    ensure_clinic(shelf.database, "Harbour Clinic", "en-GB")
    assert read_clinics(shelf.database) == (
        StoredClinic(1, "Harbour Clinic", "en-GB", "+442079460000", "Europe/London"),
    )


def test_another_clinic_is_added_and_changed(shelf: Shelf) -> None:
    id_ = add_clinic(shelf.database, HARBOUR)
    kept = replace(HARBOUR, id=id_)
    assert read_clinics(shelf.database)[1:] == (kept,)
    moved = replace(kept, name="Hill Clinic", numbers=("+442079460003",), settings=DEFAULTS)
    write_clinic(shelf.database, moved)
    assert read_clinics(shelf.database)[1:] == (moved,)
    assert add_clinic(shelf.database, HARBOUR) == id_ + 1


def test_a_number_is_one_clinics_alone(shelf: Shelf) -> None:
    """Who answers there is never a matter of chance; the refused change leaves nothing behind."""
    add_clinic(shelf.database, HARBOUR)
    before = read_clinics(shelf.database)
    with pytest.raises(Conflict):
        add_clinic(shelf.database, replace(HARBOUR, name="Hill Clinic"))
    with pytest.raises(Conflict):
        write_clinic(shelf.database, replace(before[0], name="X", numbers=HARBOUR.numbers[:1]))
    assert read_clinics(shelf.database) == before
