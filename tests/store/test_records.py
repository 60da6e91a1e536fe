"""A turn that was stored and loaded equals the turn that was decided, whatever is in it."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.conversation import Conversation, Turn
from flows.prompts import Part
from flows.reading import Answer, Expecting, Flag, Miss, Reading, Request
from flows.state import Given, Reached, State
from flows.utterance import Channel, Keyword, Kind, Medium, Utterance
from store.errors import StoreError
from store.records import stored_turn, turn_values
from store.sealing import Sealer
from tests.store.shelf import ANN, SECRET, Shelf, a_turn, key, never

# Names come from our own data; words come from anybody.
NAMES = st.text("abcdefghijklmnopqrstuvwxyz_.12", min_size=1, max_size=12)
WORDS = st.text(max_size=40)
COUNTS = st.integers(0, 1000)
MOMENTS = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001 — the strategy adds the zone
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
MEDIA = st.sampled_from(Medium)
ANSWERS = st.sampled_from(Answer)

STATES = st.builds(
    State,
    position=NAMES,
    expecting=st.sampled_from(Expecting),
    since=MOMENTS,
    language=NAMES,
    begun=MEDIA,
    put=COUNTS,
    pending=st.lists(NAMES, max_size=3).map(tuple),
    given=st.dictionaries(NAMES, st.builds(Given, ANSWERS, MOMENTS), max_size=4),
    doubts=COUNTS,
    skips=COUNTS,
    misses=COUNTS,
    heard=st.none() | ANSWERS,
    agreed=st.booleans(),
    opted_out=st.booleans(),
    reached=st.none() | st.builds(Reached, NAMES, MOMENTS, st.none() | NAMES),
    emergency_at=st.none() | MOMENTS,
    unread=st.booleans(),
    alerted=st.lists(NAMES, max_size=2).map(tuple),
    asked=COUNTS,
)
UTTERANCES = st.builds(
    Utterance,
    channel=st.builds(Channel, NAMES, MEDIA),
    kind=st.sampled_from(Kind),
    words=WORDS,
    confidence=st.floats(0, 1),
    attachments=COUNTS,
    keyword=st.none() | st.sampled_from(Keyword),
    in_reply_to=st.none() | COUNTS,
    question=st.none() | NAMES,
)
FLAGS = st.builds(Flag, NAMES, st.booleans(), NAMES)
READINGS = st.builds(
    Reading,
    ANSWERS | st.sampled_from(Request) | st.sampled_from(Miss),
    NAMES,
    st.lists(FLAGS, max_size=3).map(tuple),
)
MESSAGES = st.lists(st.builds(Part, NAMES, WORDS, NAMES | st.just("")), max_size=3).map(tuple)


def turns_of_number(numbers: st.SearchStrategy[int]) -> st.SearchStrategy[Turn]:
    def build(number: int) -> st.SearchStrategy[Turn]:
        return st.builds(
            Turn,
            number=st.just(number),
            opens=st.just(number == 1),
            at=MOMENTS,
            utterance=UTTERANCES,
            asked=st.none() | NAMES,
            reading=st.none() | READINGS,
            said=st.lists(MESSAGES, max_size=3).map(tuple),
            state=STATES,
            alerts=st.lists(NAMES, max_size=2).map(tuple),
            connect=st.booleans(),
            hang_up=st.booleans(),
        )

    return numbers.flatmap(build)


@settings(max_examples=50)
@given(turn=turns_of_number(st.integers(1, 2000)))
def test_a_row_is_its_turn(turn: Turn) -> None:
    sealer = Sealer(SECRET)
    assert stored_turn(turn_values(turn, "a conversation", sealer), sealer) == turn


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turn=turns_of_number(st.sampled_from([1, 2])))
def test_a_turn_comes_back_from_the_database_as_it_went_in(shelf: Shelf, turn: Turn) -> None:
    number = len(shelf.rows("SELECT 1 FROM turns"))
    contact = f"{ANN}{number}"
    if not turn.opens:
        shelf.take(contact, f"SM before {number}")
    assert shelf.take(contact, f"SM{number}", lambda _: turn) is turn
    loaded = shelf.log.take(contact, key(f"SM{number}"), never)
    assert loaded == turn
    assert [type(value) for value in values(loaded)] == [type(value) for value in values(turn)]

    so_far: list[Conversation | None] = []
    shelf.log.take(contact, key("none"), so_far.append)
    assert so_far == [Conversation("1.2.0", turn.number, turn.state)]


def values(turn: Turn | None) -> list[Any]:
    return [getattr(turn, name) for name in Turn.__struct_fields__]


def test_a_moment_is_one_wherever_it_was_said(shelf: Shelf) -> None:
    turn = a_turn()
    east = turn.at.astimezone(timezone(timedelta(hours=10)))
    moved = Turn(**{name: getattr(turn, name) for name in Turn.__struct_fields__} | {"at": east})
    shelf.take(ANN, "SM1", lambda _: moved)
    loaded = shelf.take(ANN, "SM1", never)
    assert loaded.at == turn.at
    assert loaded.at.tzinfo is UTC


def test_a_moment_without_a_zone_is_refused(shelf: Shelf) -> None:
    turn = a_turn()
    naive = turn.at.replace(tzinfo=None)
    moved = Turn(**{name: getattr(turn, name) for name in Turn.__struct_fields__} | {"at": naive})
    with pytest.raises(ValueError, match="time zone"):
        shelf.log.take(ANN, key("SM1"), lambda _: moved)
    assert shelf.stored() == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("state", "'{}'"),
        ("state", "'[]'"),
        ("flags", "'[1]'"),
        ("meaning", "'perhaps'"),
        ("kind", "'smell'"),
        ("keyword", "'GO'"),
    ],
)
def test_a_row_that_nobody_can_read(shelf: Shelf, column: str, value: str) -> None:
    shelf.take(ANN, "SM1")
    shelf.rows(f"UPDATE turns SET {column} = {value}")  # noqa: S608
    with pytest.raises(StoreError, match="cannot be read"):
        shelf.log.take(ANN, key("SM1"), never)
    if column == "state":
        with pytest.raises(StoreError, match="cannot be read"):
            shelf.take(ANN, "SM2")
