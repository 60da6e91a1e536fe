"""Cards, marks and words, made again from the turns: after a migration, or a new vocabulary.

The line may go on meanwhile. A conversation is made again in one transaction; one whose newest
turn comes in between is made again once more.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    update,
)

from flows.line import Line
from store.actions import SETTLES, Did
from store.card_tables import actions, card_marks, cards, words
from store.cards import (
    IN_HAND,
    WAITING,
    Place,
    after_acknowledging,
    card_of,
    card_values,
    erased_values,
    marks_follow,
    place_of,
)
from store.database import Database
from store.link import Link, Write
from store.records import stored_turn
from store.sealing import Sealer
from store.tables import contacts, conversations, turns
from store.word_index import word_hash, words_of

_AT_ONCE = 50
_TRIES = 5


def rebuild(database: Database, sealer: Sealer, clinic: int, line: Line) -> Iterator[int]:
    """Make the cards of a clinic again; gives how many are done, now and then.

    StoreError from each step: the database fails, or words do not open.
    """
    queries = _Queries(database)
    after, done = "", 0
    while True:
        place: dict[str, Any] = {"clinic_id": clinic, "after": after}
        with database.link() as link:
            found = link.read(queries.begun, place)
            remaking = _Remaking(link, queries, sealer, line, clinic)
            for conversation, started_at in found:
                remaking.remake(conversation, started_at)
        if not found:
            return
        after = found[-1][0]
        done += len(found)
        yield done


def is_behind(database: Database) -> bool:
    """Whether there are conversations and not one card: the tables are new."""
    with database.link() as link:
        known = link.read(database.query(_ANY_CARD), {})
        begun = link.read(database.query(_ANY_CONVERSATION), {})
    return bool(begun) and not known


class _Queries:
    def __init__(self, database: Database) -> None:
        self.begun = database.query(_BEGUN)
        self.turns = database.query(_TURNS)
        self.newest = database.query(_NEWEST)
        self.done = database.query(_DONE)
        self.clear = [database.query(one) for one in (_NO_MARKS, _NO_WORDS, _NO_CARD)]
        self.card, self.mark, self.word = (
            database.query(insert(one).values({c.key: bindparam(c.key) for c in one.c}))
            for one in (cards, card_marks, words)
        )
        self.acknowledged = database.query(after_acknowledging(bindparam("of")))
        self.settle = database.query(_SETTLE)
        self.follow = database.query(marks_follow(bindparam("of")))


@dataclass(frozen=True, slots=True)
class _Remaking:
    """One conversation at a time, on one connection."""

    link: Link
    queries: _Queries
    sealer: Sealer
    line: Line
    clinic: int

    def remake(self, conversation: str, started_at: datetime) -> None:
        of = {"of": conversation}
        for _ in range(_TRIES):
            rows = [self.queries.turns.named(row) for row in self.link.read(self.queries.turns, of)]
            self.link.write(self._writes(conversation, started_at, rows))
            ((now,),) = self.link.read(self.queries.newest, of)
            if now == len(rows):
                return

    def _writes(
        self, conversation: str, started_at: datetime, rows: list[dict[str, Any]]
    ) -> list[Write]:
        queries, of = self.queries, {"of": conversation}
        writes: list[Write] = [(query, of) for query in queries.clear]
        if not rows:
            return writes
        values = {"conversation_id": conversation, "clinic_id": self.clinic} | dict.fromkeys(
            ("acknowledged_at", "settled_at", "assignee", "waiting_since")
        )
        values |= {"started_at": started_at, "sort_id": conversation}
        if rows[-1]["state"] is None:
            channels = dict.fromkeys(row["channel"] for row in rows)
            return [*writes, (queries.card, {**values, **erased_values(channels)})]
        taken = [stored_turn(row, self.sealer) for row in rows if row["state"] is not None]
        card = card_of(self.line.flow, taken)
        place = place_of(card.told)
        told_at = [turn.at for turn in taken if turn.alerts]
        since = min(told_at) if told_at and place in WAITING else None
        values |= {**card_values(card), "place": place.value, "waiting_since": since}
        done = [queries.done.named(row) for row in self.link.read(queries.done, of)]
        for row in done:
            if row["kind"] == Did.ASSIGNED.value:
                values["assignee"] = row["assignee"]
        writes.append((queries.card, values))
        keys = ("conversation_id", "clinic_id", "place", "sort_id")
        copied = {key: values[key] for key in keys}
        writes += [(queries.mark, {**copied, "mark": mark}) for mark in sorted(card.marks)]
        used = set[str]().union(*(words_of(self.line.vocabularies, turn) for turn in taken))
        for word in sorted(used):
            hashed = word_hash(self.sealer, self.clinic, word)
            writes.append((queries.word, {"word": hashed, "conversation_id": conversation}))
        writes.append((queries.acknowledged, of))
        writes += [
            (queries.settle, {**of, "at": row["at"]})
            for row in done
            if row["kind"] == Did.OUTCOME.value and row["detail"] in SETTLES
        ]
        writes.append((queries.follow, of))
        return writes


# --- Statements -----------------------------------------------------------------------------------

_of: BindParameter[str] = bindparam("of")
_BEGUN = (
    select(conversations.c.id, conversations.c.started_at)
    .join_from(conversations, contacts)
    .where(contacts.c.clinic_id == bindparam("clinic_id"), conversations.c.id > bindparam("after"))
    .order_by(conversations.c.id)
    .limit(literal_column(str(_AT_ONCE)))
)
_TURNS = select(turns).where(turns.c.conversation_id == _of).order_by(turns.c.number)
_NEWEST = select(func.count().label("count")).where(turns.c.conversation_id == _of)
_DONE = (
    select(actions.c.kind, actions.c.at, actions.c.detail, actions.c.assignee)
    .where(actions.c.conversation_id == _of)
    .order_by(actions.c.at, actions.c.id)
)
_NO_MARKS = delete(card_marks).where(card_marks.c.conversation_id == _of)
_NO_WORDS = delete(words).where(words.c.conversation_id == _of)
_NO_CARD = delete(cards).where(cards.c.conversation_id == _of)
_at = bindparam("at", type_=cards.c.settled_at.type)
_SETTLE = (
    update(cards)
    .where(
        cards.c.conversation_id == _of,
        cards.c.place.in_([literal_column(str(place)) for place in IN_HAND]),
        cards.c.acknowledged_at <= _at,
    )
    .values(settled_at=_at, place=literal_column(str(Place.REST.value)))
)
_ANY_CARD = select(cards.c.conversation_id).limit(literal_column("1"))
_ANY_CONVERSATION = select(conversations.c.id).limit(literal_column("1"))
