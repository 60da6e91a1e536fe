"""What is sealed is safe from everybody who has the database alone."""

import re
import sqlite3
from pathlib import Path

import pytest

from store.errors import SealError, StoreError
from store.sealing import Sealer
from tests.store.shelf import ANN, SECRET, Shelf, a_turn, key

WORDS = "I leaked zanzibar"
PLACE = "conversation/1/heard"


@pytest.mark.parametrize("words", ["", "no", "ñandú 😀", "\0", "\ud83d", "x" * 5000])
def test_what_is_sealed_opens(words: str) -> None:
    sealer = Sealer(SECRET)
    assert sealer.open(sealer.seal(words, PLACE), PLACE) == words


def test_the_same_words_never_look_the_same() -> None:
    sealer = Sealer(SECRET)
    assert sealer.seal("no", PLACE) != sealer.seal("no", PLACE)


def test_it_opens_nowhere_else() -> None:
    sealed = Sealer(SECRET).seal(WORDS, PLACE)
    with pytest.raises(SealError):
        Sealer(SECRET).open(sealed, "conversation/2/heard")
    with pytest.raises(SealError):
        Sealer(SECRET[::-1]).open(sealed, PLACE)


@pytest.mark.parametrize("at", [0, 1, 13, 20, -1])
def test_one_changed_byte_is_noticed(at: int) -> None:
    sealed = bytearray(Sealer(SECRET).seal(WORDS, PLACE))
    sealed[at] ^= 1
    with pytest.raises(SealError):
        Sealer(SECRET).open(bytes(sealed), PLACE)


@pytest.mark.parametrize("length", [0, 1, 13, 28])
def test_cut_short(length: int) -> None:
    with pytest.raises(SealError):
        Sealer(SECRET).open(Sealer(SECRET).seal(WORDS, PLACE)[:length], PLACE)


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="32 characters"):
        Sealer("x" * 31)


def test_a_fingerprint_is_of_one_address_at_one_clinic_under_one_secret() -> None:
    sealer = Sealer(SECRET)
    found = {sealer.fingerprint(clinic, one) for clinic in (1, 2) for one in (ANN, ANN + "0")}
    found.add(Sealer(SECRET[::-1]).fingerprint(1, ANN))
    found.add(sealer.fingerprint(1, f"1{ANN}"))
    assert len(found) == 6
    assert sealer.fingerprint(1, ANN) == Sealer(SECRET).fingerprint(1, ANN)


def test_another_secret_does_not_open_the_log(shelf: Shelf) -> None:
    shelf.take(ANN, "SM1", WORDS)
    with Shelf(shelf.url, secret=SECRET[::-1]) as other:
        with pytest.raises(SealError):
            other.log.take(ANN, key("SM1"), a_turn)
        with pytest.raises(SealError):
            other.stored()


def test_words_that_were_moved_to_another_turn(shelf: Shelf) -> None:
    shelf.take(ANN, "SM1", "yes")
    shelf.take(ANN, "SM2", "no")
    of_the_first = "(SELECT heard FROM turns WHERE number = 1)"
    shelf.rows(f"UPDATE turns SET heard = {of_the_first} WHERE number = 2")  # noqa: S608
    with pytest.raises(SealError):
        shelf.stored()


def secrets(number: str) -> list[bytes]:
    """What must not be found: words, number, in the clear or as the digits of their bytes."""
    plain = [WORDS, "zanzibar", "You said", number, number[1:]]
    return [form for one in plain for form in (one.encode(), one.encode().hex().encode())]


def test_nothing_can_be_read_from_the_files(sqlite_file: Path) -> None:
    with Shelf(f"sqlite:///{sqlite_file}") as shelf:
        for number in range(3):
            shelf.take(ANN, f"SM{number}", WORDS)
        found = b"".join(path.read_bytes() for path in sorted(sqlite_file.parent.iterdir()))
    assert b"bladder" in found  # the answers are there
    assert not [secret for secret in secrets(ANN) if secret in found]


def test_nothing_can_be_read_by_asking(shelf: Shelf) -> None:
    shelf.take(ANN, "SM1", WORDS)
    found = ""
    for table in ("clinics", "contacts", "conversations", "turns"):
        if shelf.url.startswith("sqlite"):
            with sqlite3.connect(shelf.url.removeprefix("sqlite:///")) as connection:
                found += "\n".join(connection.iterdump())
            connection.close()
        else:
            rows = shelf.rows(f"SELECT {table}::text FROM {table}")  # noqa: S608
            found += "\n".join(row[0] for row in rows)  # a row's own text is cut short
    assert "bladder" in found
    assert not [s for s in secrets(ANN) if re.search(re.escape(s.decode()), found, re.IGNORECASE)]


def test_no_error_says_what_a_caller_said(own_url: str) -> None:
    shelf = Shelf(own_url)
    shelf.rows("DROP TABLE turns")
    with shelf, pytest.raises(StoreError) as raised:
        shelf.log.take(ANN, key("SM1"), lambda _: a_turn(words=WORDS))
    error: BaseException | None = raised.value
    assert error is not None
    assert error.__cause__ is None
    assert error.__suppress_context__
    assert not [secret for secret in secrets(ANN) if secret.decode() in str(error)]
