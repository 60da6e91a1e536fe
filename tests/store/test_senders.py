"""A number sends so much a second, whichever process sends it."""

from datetime import timedelta

from store.senders import Senders
from tests.store.shelf import ANN, BEN, NOON, Shelf, at_once

SECOND = timedelta(seconds=1)
MOMENT = NOON.replace(microsecond=123000)


def test_each_gets_the_slot_after_the_one_before(shelf: Shelf) -> None:
    senders = Senders(shelf.database)
    slots = [senders.reserve(ANN, 2 * SECOND, MOMENT) for _ in range(3)]
    assert slots == [MOMENT, MOMENT + 2 * SECOND, MOMENT + 4 * SECOND]
    assert senders.reserve(BEN, SECOND, MOMENT) == MOMENT


def test_a_free_number_is_free_now(shelf: Shelf) -> None:
    senders = Senders(shelf.database)
    senders.reserve(ANN, SECOND, MOMENT)
    later = MOMENT + 10 * SECOND
    assert senders.reserve(ANN, SECOND, later) == later


def test_two_never_get_the_same(shelf: Shelf) -> None:
    senders = Senders(shelf.database)
    slots = at_once(4, lambda _: [senders.reserve(ANN, SECOND, MOMENT) for _ in range(5)])
    found = sorted(slot for some in slots for slot in some)
    assert found == [MOMENT + place * SECOND for place in range(20)]
