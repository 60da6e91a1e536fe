"""Who acknowledges an alert has what is less urgent of the same conversation as well."""

import pytest

from duty.alert import Alert, How
from duty.ladder import Rung
from store.acknowledging import Acknowledging, Claim
from store.alerts import alert_writes, open_alerts, read_alert
from store.rotas import RotaBook
from store.rungs import RungBook
from tests.store.shelf import ANN, BEN, NOON, Shelf
from tests.store.test_alerts import alerting


@pytest.fixture
def staff(shelf: Shelf) -> Acknowledging:
    shelf.log = shelf.new_log(alert_writes(shelf.database))
    book = RotaBook(shelf.database, shelf.sealer)
    book.write(book.adding(shelf.clinic, "Ben Example", BEN, "", NOON))
    return Acknowledging(shelf.database, shelf.sealer)


def raised(shelf: Shelf, *about: str) -> list[Alert]:
    for number, one in enumerate(about):
        shelf.take(ANN, f"SM{number}", alerting(one))
    return sorted(open_alerts(shelf.database, shelf.clinic), key=lambda one: one.id)


def still_open(shelf: Shelf) -> list[str]:
    return [one.about for one in open_alerts(shelf.database, shelf.clinic)]


def test_t1_takes_t2_along(shelf: Shelf, staff: Acknowledging) -> None:
    t2, t1 = raised(shelf, "T2", "T1")
    claim = staff.by_phone(shelf.clinic, BEN, t1.reference)
    assert claim == Claim(t1, "Ben Example")
    assert staff.take(claim, How.REPLY, NOON).acknowledged_by == "Ben Example"
    assert still_open(shelf) == []
    stored = read_alert(shelf.database, t2.id)
    assert stored is not None
    assert (stored.acknowledged_by, stored.acknowledged_how) == ("Ben Example", How.REPLY)


def test_t2_does_not_take_t1_along(shelf: Shelf, staff: Acknowledging) -> None:
    t2, _ = raised(shelf, "T2", "T1")
    claim = staff.by_phone(shelf.clinic, BEN, t2.reference)
    assert claim is not None
    staff.take(claim, How.REPLY, NOON)
    assert still_open(shelf) == ["T1"]


def test_nobody_but_those_on_the_rota_of_its_clinic(shelf: Shelf, staff: Acknowledging) -> None:
    [t1] = raised(shelf, "T1")
    assert staff.by_phone(shelf.clinic, ANN, t1.reference) is None
    assert staff.by_phone(shelf.clinic + 1, BEN, t1.reference) is None
    assert staff.by_phone(shelf.clinic, BEN, "9999") is None
    assert staff.by_phone(shelf.clinic, BEN, "OK") is None


def test_a_rung_is_whose_it_was(shelf: Shelf, staff: Acknowledging) -> None:
    [t1] = raised(shelf, "T1")
    ben = RotaBook(shelf.database, shelf.sealer).by_phone(shelf.clinic, BEN)
    assert ben is not None
    rungs = RungBook(shelf.database)
    assert rungs.climb(t1.id, Rung(1, ben.id, NOON), ())
    assert rungs.climb(t1.id, Rung(2, None, NOON), ())
    assert not rungs.climb(t1.id, Rung(2, ben.id, NOON), ())
    names = [staff.by_rung(t1.id, number, "Test Clinic") for number in (1, 2, 3)]
    assert [one.name if one else None for one in names] == ["Ben Example", "Test Clinic", None]
