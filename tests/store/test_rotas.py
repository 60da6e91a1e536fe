"""Rotas are kept as they were given, with numbers sealed."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from duty.clinic import Day
from duty.rota import Override, Person, Rota, Shift
from store.clinics import StoredClinic, add_clinic
from store.errors import Conflict
from store.rotas import RotaBook
from tests.store.shelf import ANN, BEN, NOON, Shelf

NIGHTS = frozenset((Day.MONDAY, Day.SUNDAY))


@pytest.fixture
def book(shelf: Shelf) -> RotaBook:
    return RotaBook(shelf.database, shelf.sealer)


def add(shelf: Shelf, book: RotaBook, name: str, phone: str, email: str = "") -> Person:
    book.write(book.adding(shelf.clinic, name, phone, email, NOON))
    found = book.by_phone(shelf.clinic, phone)
    assert found is not None
    return found


def night(person: Person, rung: int = 1) -> Shift:
    return Shift(person.id, rung, NIGHTS, time(17), time(8), "Europe/London")


def test_an_empty_rota(shelf: Shelf, book: RotaBook) -> None:
    assert book.read(shelf.clinic) == Rota()


def test_what_was_given_is_read(shelf: Shelf, book: RotaBook) -> None:
    ben = add(shelf, book, "Ben Example", BEN)
    ann = add(shelf, book, "Ann Example", ANN, "ann@example.org")
    assert ann == Person(ann.id, "Ann Example", ANN, "ann@example.org")
    book.write(
        book.adding_shift(shelf.clinic, night(ann)),
        book.adding_shift(shelf.clinic, night(ben, 2)),
        book.adding_override(
            shelf.clinic, Override(ann.id, None, None, NOON, NOON + timedelta(days=1))
        ),
        book.adding_override(
            shelf.clinic, Override(None, ben.id, 1, NOON, NOON + timedelta(days=2))
        ),
    )
    rota = book.read(shelf.clinic)
    assert rota.people == (ann, ben)
    assert [replace(one, id=0) for one in rota.shifts] == [night(ann), night(ben, 2)]
    assert [replace(one, id=0) for one in rota.overrides] == [
        Override(ann.id, None, None, NOON, NOON + timedelta(days=1)),
        Override(None, ben.id, 1, NOON, NOON + timedelta(days=2)),
    ]


def test_nobody_can_read_a_number_without_the_secret(shelf: Shelf, book: RotaBook) -> None:
    add(shelf, book, "Ann Example", ANN, "ann@example.org")
    stored = str([bytes(part) for part in shelf.rows("SELECT phone, email FROM people")[0]])
    assert ANN not in stored
    assert "ann@" not in stored


def test_a_number_is_on_a_rota_once(shelf: Shelf, book: RotaBook) -> None:
    add(shelf, book, "Ann Example", ANN)
    with pytest.raises(Conflict):
        add(shelf, book, "Ben Example", ANN)


def test_somebody_gets_another_number(shelf: Shelf, book: RotaBook) -> None:
    ann = add(shelf, book, "Ann Example", ANN)
    book.write(book.changing(shelf.clinic, ann.id, "Ann B. Example", BEN, "ann@example.org"))
    assert book.by_phone(shelf.clinic, ANN) is None
    changed = Person(ann.id, "Ann B. Example", BEN, "ann@example.org")
    assert book.by_phone(shelf.clinic, BEN) == changed


def test_who_leaves_takes_their_shifts_along_and_leaves_their_name(
    shelf: Shelf, book: RotaBook
) -> None:
    ann, ben = add(shelf, book, "Ann Example", ANN), add(shelf, book, "Ben Example", BEN)
    later = NOON + timedelta(days=1)
    book.write(
        book.adding_shift(shelf.clinic, night(ann)),
        book.adding_shift(shelf.clinic, night(ben)),
        book.adding_override(shelf.clinic, Override(ann.id, ben.id, None, NOON, later)),
        book.adding_override(shelf.clinic, Override(None, ann.id, 2, NOON, later)),
        book.adding_override(shelf.clinic, Override(ben.id, None, None, NOON, later)),
    )
    book.write(*book.removing(shelf.clinic, ann.id, NOON))
    rota = book.read(shelf.clinic)
    assert rota.people == (ben,)
    assert [one.person for one in rota.shifts] == [ben.id]
    assert [(one.absent, one.present) for one in rota.overrides] == [(ben.id, None)]
    assert book.names(shelf.clinic) == {ann.id: "Ann Example", ben.id: "Ben Example"}
    assert shelf.rows(
        "SELECT phone, email, fingerprint FROM people WHERE removed_at IS NOT NULL"
    ) == [(None, None, None)]
    again = add(shelf, book, "Ann Example", ANN)
    assert again.id != ann.id


def test_a_shift_and_an_override_can_be_taken_back(shelf: Shelf, book: RotaBook) -> None:
    ann = add(shelf, book, "Ann Example", ANN)
    book.write(
        book.adding_shift(shelf.clinic, night(ann)),
        book.adding_override(
            shelf.clinic, Override(ann.id, None, None, NOON, NOON + timedelta(days=1))
        ),
    )
    rota = book.read(shelf.clinic)
    book.write(
        book.removing_shift(shelf.clinic, rota.shifts[0].id),
        book.removing_override(shelf.clinic, rota.overrides[0].id),
    )
    assert book.read(shelf.clinic) == Rota((ann,))


def test_clinics_cannot_touch_each_others_rotas(shelf: Shelf, book: RotaBook) -> None:
    other = add_clinic(
        shelf.database, StoredClinic(0, "Other Clinic", "en-GB", "+442079460018", "Europe/London")
    )
    ann = add(shelf, book, "Ann Example", ANN)
    book.write(
        book.adding_shift(shelf.clinic, night(ann)),
        book.adding_override(
            shelf.clinic, Override(ann.id, None, None, NOON, NOON + timedelta(days=1))
        ),
    )
    before = book.read(shelf.clinic)
    book.write(
        book.adding_shift(other, night(ann)),
        book.changing(other, ann.id, "Nobody", BEN, ""),
        book.removing_shift(other, before.shifts[0].id),
        book.removing_override(other, before.overrides[0].id),
        *book.removing(other, ann.id, NOON),
    )
    assert book.read(shelf.clinic) == before
    assert book.read(other) == Rota()
    assert book.by_phone(other, ANN) is None
    # Somebody may be on call at two clinics.
    book.write(book.adding(other, "Ann Example", ANN, "", NOON))
