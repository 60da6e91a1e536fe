"""Conversations are found by the words that callers used, and by their number."""

import pytest

from store.inbox import Filter
from store.search import Found, search_number, search_words, wanted
from tests.store.desk import Desk, the_line
from tests.store.shelf import ANN, BEN, Shelf

CAT = "+12025550177"


@pytest.fixture
def desk(shelf: Shelf) -> Desk:
    return Desk(shelf)


def search(desk: Desk, typed: str, **by: object) -> Found:
    shelf = desk.shelf
    forms = wanted(the_line().vocabularies, typed).forms
    size = by.pop("size", 50)
    after = by.pop("after", None)
    chosen = Filter(**by)  # type: ignore[arg-type]
    return search_words(shelf.database, shelf.sealer, shelf.clinic, forms, chosen, after, size)  # type: ignore[arg-type]


def ids(found: Found) -> list[str]:
    return [one.conversation for one in found.cards]


def test_every_word_must_match_however_it_is_written(desk: Desk) -> None:
    one = desk.texts("My back hurts since I lifted the WASHING machine")
    two = desk.texts("the machine at work, my left kneé", contact=BEN)
    assert ids(search(desk, "machine")) == [two, one]
    assert ids(search(desk, "Machine washing!")) == [one]
    assert ids(search(desk, "knee")) == [two]
    assert ids(search(desk, "machine tractor")) == []
    assert ids(search(desk, "machine", channel="voice")) == []
    assert ids(search(desk, "machine", channel="sms", standing="open")) == [two, one]


def test_plain_answers_are_left_out(desk: Desk) -> None:
    desk.texts("hello", "agree", "no", "I don't know", "yes", "2", "no thanks")
    assert desk.shelf.rows("SELECT * FROM words") == []
    found = wanted(the_line().vocabularies, "yes machine, no")
    assert (len(found.forms), found.left_out) == (1, ("yes", "no"))


def test_spanish_is_found_by_its_own_spelling(desk: Desk) -> None:
    one = desk.texts("hola, tengo dolor en la rodilla")
    assert ids(search(desk, "rodilla")) == [one]
    assert ids(search(desk, "Rodílla dolor")) == [one]


def test_no_word_is_readable_in_the_index(desk: Desk) -> None:
    desk.texts("washing machine")
    rows = desk.shelf.rows("SELECT word FROM words")
    assert len(rows) == 2
    assert all(isinstance(row[0], int) for row in rows)
    with Shelf(desk.shelf.url, "another secret of the tests, 32 and more") as other:
        assert ids(search(Desk(other), "washing")) == []


def test_pages_of_a_search(desk: Desk) -> None:
    all_ = [desk.texts("washing machine", contact=f"+120255501{n:02}") for n in range(5)]
    found, after = [], None
    for _ in range(3):
        page = search(desk, "washing machine", size=2, after=after)
        found += ids(page)
        after = page.after
    assert found == all_[::-1]
    assert after is None


def test_a_number_finds_all_of_its_conversations(desk: Desk) -> None:
    shelf = desk.shelf
    one = desk.texts("hello", "agree", "yes")
    desk.texts("hello", contact=BEN)

    def by_number(number: str, **by: object) -> list[str]:
        chosen = Filter(**by)  # type: ignore[arg-type]
        return ids(search_number(shelf.database, shelf.sealer, shelf.clinic, number, chosen))

    assert by_number(ANN) == [one]
    assert by_number(ANN, standing="T2") == []
    assert by_number(ANN, standing="T1", question="bladder") == [one]
    assert by_number(CAT) == []
