"""Blocked numbers: sealed, known without a read, and gone with the person."""

from dataclasses import replace
from datetime import timedelta

import pytest

from store.blocking import READ_SECONDS, Blocked, BlockList, block, read_blocked, release
from store.erasure import Erasure
from store.sealing import Sealer
from tests.store.shelf import ANN, BEN, NOON, Shelf

ENTRY = Blocked(ANN, "Ann Example", "only adverts", NOON)


def test_a_number_is_blocked_and_released(shelf: Shelf) -> None:
    given = (shelf.database, shelf.sealer, shelf.clinic)
    assert block(*given, ENTRY)
    assert not block(*given, ENTRY)
    (kept,) = read_blocked(*given)
    assert kept == replace(ENTRY, id=kept.id)
    lifting = (shelf.database, shelf.clinic, kept.id, "Ben Example", NOON)
    assert release(*lifting)
    assert not release(*lifting)
    assert read_blocked(*given) == ()
    assert block(*given, ENTRY)
    ((who,),) = shelf.rows("SELECT lifted_by FROM blocked WHERE lifted_at IS NOT NULL")
    assert who == "Ben Example"


def test_the_number_is_sealed(shelf: Shelf) -> None:
    block(shelf.database, shelf.sealer, shelf.clinic, ENTRY)
    ((address, fingerprint),) = shelf.rows("SELECT address, fingerprint FROM blocked")
    assert ANN.encode() not in bytes(address) + bytes(fingerprint)


def test_a_process_learns_of_it_in_half_a_minute_and_reads_no_more_often(shelf: Shelf) -> None:
    now = [0.0]
    known = BlockList(shelf.database, shelf.sealer, lambda: now[0])
    assert known.since(shelf.clinic, ANN) is None
    block(shelf.database, shelf.sealer, shelf.clinic, ENTRY)
    now[0] = READ_SECONDS - 1
    assert known.since(shelf.clinic, ANN) is None
    now[0] = READ_SECONDS
    assert known.since(shelf.clinic, ANN) == NOON
    assert known.since(shelf.clinic, BEN) is None
    assert known.since(shelf.clinic + 1, ANN) is None


def test_what_was_known_holds_while_the_database_is_away(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    known = BlockList(shelf.database, shelf.sealer, lambda: now[0])
    block(shelf.database, shelf.sealer, shelf.clinic, ENTRY)
    assert known.since(shelf.clinic, ANN) == NOON
    shelf.rows("ALTER TABLE blocked RENAME TO away")
    now[0] += timedelta(hours=1).total_seconds()
    try:
        assert known.since(shelf.clinic, ANN) == NOON
    finally:
        shelf.rows("ALTER TABLE away RENAME TO blocked")


def test_who_is_forgotten_is_blocked_no_longer(shelf: Shelf) -> None:
    """Nothing of a number stays, and whoever writes again is somebody new."""
    shelf.take(ANN, "SM1")
    block(shelf.database, shelf.sealer, shelf.clinic, ENTRY)
    Erasure(shelf.database, shelf.sealer, shelf.clinic, "on request").contact(ANN, NOON)
    assert shelf.rows("SELECT id FROM blocked") == []


def test_another_secret_blocks_nobody(shelf: Shelf) -> None:
    block(shelf.database, shelf.sealer, shelf.clinic, ENTRY)
    other = BlockList(shelf.database, Sealer("another secret of the tests, 32 too"))
    assert other.since(shelf.clinic, ANN) is None
