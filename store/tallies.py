"""How many conversations of each day went how: counted by the database, day by day.

Nothing sealed is opened, so nobody's words or number can be in a figure; and a day at a time, so
that neither the memory nor the line feels how many days are asked for.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, exists, func, literal_column, select
from sqlalchemy.sql.selectable import ScalarSelect

from flows.definition import CONSENT, Flow, Tier
from flows.state import asked_question
from store.card_tables import cards
from store.cards import ERASED, OPEN
from store.database import Database
from store.ids import lowest_id
from store.link import Link
from store.query import Query
from store.records import stored_state
from store.tables import turns


@dataclass(frozen=True, slots=True)
class Tally:
    """The conversations that began in one span of time; what was erased is not among them.

    `ways`: how many, by the channel by which they began, their language, and where they stand (a
    tier, or "open").
    `put`: in how many a question was put: something was heard while it was open, or it is open now.
    `read`: how often a meaning ("yes", "no_match") was read in what was heard at a question.
    `stopped`: how many got no further than a question: it is open, or was the last that was open
    before an end T0; `CONSENT` where none was.
    """

    ways: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    put: Counter[str] = field(default_factory=Counter)
    read: Counter[tuple[str, str]] = field(default_factory=Counter)
    stopped: Counter[str] = field(default_factory=Counter)


def tallies(
    database: Database, clinic: int, flow: Flow, moments: Sequence[datetime]
) -> Iterator[Tally]:
    """A tally from each of `moments` (UTC, whole milliseconds) until before the next.

    StoreError from each step: the database fails.
    """
    count = _Counting(database, flow)
    for begins, ends in pairwise(moments):
        # An id begins with the millisecond of the start.
        span = {"clinic_id": clinic, "low": lowest_id(begins), "high": lowest_id(ends)}
        with database.link() as link:
            tally = count.tally(link, span)
        yield tally


class _Counting:
    """The statements of a tally, compiled once for all its days."""

    def __init__(self, database: Database, flow: Flow) -> None:
        self._flow = flow
        self._ways = database.query(_WAYS)
        self._put, self._read = database.query(_PUT), database.query(_READ)
        self._open, self._raised = database.query(_OPEN), database.query(_RAISED)
        self._unfinished = database.query(_UNFINISHED)

    def tally(self, link: Link, span: dict[str, Any]) -> Tally:
        tally = Tally()
        for channels, language, standing, times in link.read(self._ways, span):
            channel = channels.partition(" ")[0]
            tally.ways[channel, language, standing] += times
        if not tally.ways:
            return tally
        tally.put.update(dict(link.read(self._put, span)))
        for asked, meaning, times in link.read(self._read, span):
            tally.read[asked, meaning] = times
        for position, known, times in link.read(self._open, span):
            self._add_open(tally, position, times, known=bool(known))
        for state, asked in _by_conversation(link, self._raised, span):
            question = asked_question(self._flow, stored_state(state))
            name = question.id if question else CONSENT
            self._add_open(tally, name, 1, known=name in asked)
        for asked, times in link.read(self._unfinished, span):
            tally.stopped[asked or CONSENT] += times
        return tally

    def _add_open(self, tally: Tally, position: str, times: int, *, known: bool) -> None:
        name = position if position in self._flow.question else CONSENT
        tally.stopped[name] += times
        if not known:
            tally.put[name] += times


def _by_conversation(
    link: Link, query: Query, span: dict[str, Any]
) -> Iterator[tuple[str, set[str]]]:
    """The state of each conversation, and the questions at which something was heard in it."""
    states: dict[str, str] = {}
    heard: defaultdict[str, set[str]] = defaultdict(set)
    for conversation, state, asked in link.read(query, span):
        states[conversation] = state
        heard[conversation].add(asked)
    for conversation, state in states.items():
        yield state, heard[conversation]


# --- Statements -----------------------------------------------------------------------------------

_count = func.count().label("times")


def _in_span(of: Any, column: str) -> tuple[ColumnElement[bool], ...]:
    place = of.c[column]
    of_clinic = of.c.clinic_id == bindparam("clinic_id")
    return of_clinic, place >= bindparam("low"), place < bindparam("high")


def _word(word: str) -> ColumnElement[Any]:
    return literal_column(f"'{word}'")  # one of our own


_WAYS = (
    select(cards.c.channels, cards.c.language, cards.c.standing, _count)
    .where(*_in_span(cards, "conversation_id"), cards.c.standing != _word(ERASED))
    .group_by(cards.c.channels, cards.c.language, cards.c.standing)
)


_heard = (*_in_span(turns, "conversation_id"), turns.c.asked.is_not(None))
# Two statements, since one that groups by conversation first takes twice as long as both.
_PUT = (
    select(turns.c.asked, func.count(turns.c.conversation_id.distinct()).label("times"))
    .where(*_heard)
    .group_by(turns.c.asked)
)
_READ = (
    select(turns.c.asked, turns.c.meaning, _count)
    .where(*_heard, turns.c.meaning.is_not(None))
    .group_by(turns.c.asked, turns.c.meaning)
)

_of_card = turns.c.conversation_id == cards.c.conversation_id
_other = turns.alias("other")
_last: ScalarSelect[Any] = (
    select(func.max(_other.c.number))
    .where(_other.c.conversation_id == cards.c.conversation_id)
    .correlate(cards)
    .scalar_subquery()
)
_newest = (turns, _of_card & (turns.c.number == _last))
_open = (*_in_span(cards, "conversation_id"), cards.c.standing == _word(OPEN))
_raised = turns.c.state.like(literal_column("'%\"pending\":%'"))
"""Words raised a question before its turn; it is asked first, and is not the position."""


def _standing_open() -> Select[Any]:
    """Where those stand that are open, by the position alone; whether it was known before."""
    heard = exists().where(
        _other.c.conversation_id == turns.c.conversation_id, _other.c.asked == turns.c.position
    )
    known = case((heard, literal_column("1")), else_=literal_column("0")).label("known")
    each = select(turns.c.position, known).join_from(cards, *_newest).where(*_open, ~_raised)
    found = each.subquery()
    return select(found.c.position, found.c.known, _count).group_by(found.c.position, found.c.known)


_OPEN = _standing_open()
_RAISED = (
    select(cards.c.conversation_id, turns.c.state, _other.c.asked)
    .distinct()
    .join_from(cards, *_newest)
    .outerjoin(_other, _other.c.conversation_id == cards.c.conversation_id)
    .where(*_open, _raised)
)


def _standing_unfinished() -> Select[Any]:
    """The last question that was open in each that ended T0."""
    last = (
        select(turns.c.asked)
        .where(_of_card, turns.c.asked.is_not(None))
        .order_by(turns.c.number.desc())
        .limit(literal_column("1"))
        .scalar_subquery()
    )
    t0 = cards.c.standing == _word(Tier.T0.value)
    each = select(last.label("asked")).where(*_in_span(cards, "conversation_id"), t0).subquery()
    return select(each.c.asked, _count).group_by(each.c.asked)


_UNFINISHED = _standing_unfinished()
