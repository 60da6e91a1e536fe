"""The audit log: kept in order, whole, and found out where somebody has changed it."""

from datetime import timedelta

import pytest

from store.audit import Action, AuditLog, Entry, Wanted
from store.clinics import StoredClinic, add_clinic
from store.errors import Conflict
from store.staff import StaffBook
from tests.store.shelf import NOON, Shelf, at_once

VIEWED = Action.CONVERSATION_VIEWED


@pytest.fixture
def log(shelf: Shelf) -> AuditLog:
    return AuditLog(shelf.database, shelf.sealer)


def entry(minute: int, staff: int = 1, action: Action = VIEWED, about: str = "x") -> Entry:
    at = NOON + timedelta(minutes=minute)
    return Entry(action, at, staff, f"staff{staff}", about, {"how": "page"})


def faults(log: AuditLog, clinic: int) -> list[tuple[int, str]]:
    return [(one.number, one.fault) for one in log.check(clinic) if one.fault]


def test_what_is_added_is_read_back_newest_first(shelf: Shelf, log: AuditLog) -> None:
    entries = [entry(minute) for minute in range(5)]
    for one in entries:
        log.add(shelf.clinic, one)
    found = log.entries(shelf.clinic, Wanted(), 10**6, 3)
    assert [one.number for one in found] == [5, 4, 3]
    assert [one.entry for one in found] == entries[:1:-1]
    older = log.entries(shelf.clinic, Wanted(), found[-1].number, 3)
    assert [one.number for one in older] == [2, 1]
    assert faults(log, shelf.clinic) == []


def test_filters(shelf: Shelf, log: AuditLog) -> None:
    log.add(shelf.clinic, entry(0, 1, Action.SIGNED_IN))
    log.add(shelf.clinic, entry(1, 2, VIEWED, "a"))
    log.add(shelf.clinic, entry(2, 1, VIEWED, "b"))

    def numbers(wanted: Wanted) -> list[int]:
        return [one.number for one in log.entries(shelf.clinic, wanted, 10**6, 10)]

    assert numbers(Wanted(staff_id=1)) == [3, 1]
    assert numbers(Wanted(action=VIEWED)) == [3, 2]
    assert numbers(Wanted(about="a")) == [2]
    assert numbers(Wanted(since=NOON + timedelta(minutes=1))) == [3, 2]
    assert numbers(Wanted(until=NOON + timedelta(minutes=1))) == [1]
    assert numbers(Wanted(staff_id=1, action=VIEWED, since=NOON, until=NOON)) == []


def test_each_clinic_has_its_own(shelf: Shelf, log: AuditLog) -> None:
    other = add_clinic(shelf.database, StoredClinic(0, "Other", "en-US", "+12025550199", "UTC"))
    log.add(shelf.clinic, entry(0))
    log.add(other, entry(1))
    assert [one.number for one in log.entries(other, Wanted(), 10**6, 10)] == [1]
    assert faults(log, other) == []


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE audit SET login = 'somebody' WHERE number = 2", [2]),
        ("UPDATE audit SET action = 'searched' WHERE number = 2", [2]),
        ("UPDATE audit SET about = 'y' WHERE number = 2", [2]),
        ("UPDATE audit SET detail = '{}' WHERE number = 2", [2]),
        ("UPDATE audit SET staff_id = NULL WHERE number = 2", [2]),
        ("DELETE FROM audit WHERE number = 2", [3]),
        ("DELETE FROM audit WHERE number = 1", [2]),
    ],
)
def test_a_change_is_found(shelf: Shelf, log: AuditLog, statement: str, found: list[int]) -> None:
    for minute in range(4):
        log.add(shelf.clinic, entry(minute))
    shelf.rows(statement)
    assert [number for number, _ in faults(log, shelf.clinic)] == found


def test_an_entry_and_what_it_is_about_are_kept_together(shelf: Shelf, log: AuditLog) -> None:
    """Where the one cannot be, the other is not either."""
    book = StaffBook(shelf.database, shelf.sealer)
    id_ = book.add("ann", "Ann Example", NOON)
    spend = book.spending(id_, "totp:1", NOON)
    log.add(shelf.clinic, entry(0), [spend])
    with pytest.raises(Conflict):
        log.add(shelf.clinic, entry(1), [book.changing(id_, name="Changed"), spend])
    assert [one.number for one in log.check(shelf.clinic)] == [1]
    found = book.by_id(id_)
    assert found is not None
    assert found.name == "Ann Example"


def test_many_write_at_once(shelf: Shelf, log: AuditLog) -> None:
    """None is lost, and the chain is whole."""
    at_once(6, lambda minute: log.add(shelf.clinic, entry(minute)))
    assert [one.number for one in log.check(shelf.clinic)] == [1, 2, 3, 4, 5, 6]
    assert faults(log, shelf.clinic) == []
