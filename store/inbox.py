"""The list of a clinic's conversations, a page at a time, however many there are.

Each place of the list (`store.cards.Place`) is walked by an index from its newest card, so a page
costs the same whether it is the first or the thousandth. A filter has an index of its own; of
several, the database takes one and looks at each card for the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, Text, and_, bindparam, literal_column, select

from store.card_tables import card_marks, cards
from store.cards import (
    ERASED,
    IN_HAND,
    PLACES,
    WAITING,
    Place,
)
from store.database import Database
from store.ids import lowest_id
from store.marks import channel_mark, question_mark

PAGE: Final = 50
"""Cards on a page."""
COUNTED: Final = 100
"""More waiting ones than that are not counted."""
LAST_ID: Final = "g"
"""Sorts after every id."""


class Where(StrEnum):
    """What state a conversation is in, for a filter."""

    WAITING = "waiting"
    IN_HAND = "in_hand"
    OPEN = "open"
    ENDED = "ended"
    ERASED = "erased"


_PLACES_OF: Final[dict[Where | None, tuple[int, ...]]] = {
    None: PLACES[:-1],
    Where.WAITING: WAITING,
    Where.IN_HAND: IN_HAND,
    Where.OPEN: PLACES[:-1],
    Where.ENDED: PLACES[:-1],
    Where.ERASED: (Place.ERASED,),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """Which conversations; all that were not erased where nothing is said.

    `standing`: a tier, or "open".  `begun_from`, `begun_before`: when they began (UTC).
    `question`: the id of one that was flagged.  `assignee`: a staff member's id.
    """

    standing: str | None = None
    channel: str | None = None
    language: str | None = None
    where: Where | None = None
    question: str | None = None
    assignee: int | None = None
    begun_from: datetime | None = None
    begun_before: datetime | None = None


class After(NamedTuple):
    """The card that a page begins after: its place, and its conversation."""

    place: int
    conversation: str


@dataclass(frozen=True, slots=True)
class Listed:
    """One card, as it is listed; what its fields mean: `store.card_tables`."""

    conversation: str
    place: int
    started_at: datetime
    channels: tuple[str, ...]
    language: str
    standing: str
    disposition: str | None
    ended_at: datetime | None
    told: tuple[str, ...]
    waiting_since: datetime | None
    acknowledged_at: datetime | None
    settled_at: datetime | None
    assignee: int | None

    @property
    def waits(self) -> bool:
        """Whether somebody has to acknowledge something of it."""
        return self.place in WAITING

    @property
    def in_hand(self) -> bool:
        return self.place in IN_HAND

    @property
    def erased(self) -> bool:
        return self.standing == ERASED


@dataclass(frozen=True, slots=True)
class Page:
    """Some cards in the order of the list.  `after`: where the next page begins, or None."""

    cards: tuple[Listed, ...]
    after: After | None


def read_page(
    database: Database,
    clinic: int,
    chosen: Filter = Filter(),
    after: After | None = None,
    size: int = PAGE,
) -> Page:
    """The cards that come after `after`, at most `size` of them."""
    find = database.query(_in_place(chosen, size + 1))
    found: list[Listed] = []
    with database.link() as link:
        for place in _PLACES_OF[chosen.where]:
            if after is not None and place < after.place:
                continue
            last = after.conversation if after is not None and place == after.place else LAST_ID
            values = {**filter_values(chosen), "clinic_id": clinic, "place": place, "last": last}
            found += [listed(find.named(row)) for row in link.read(find, values)]
            if len(found) > size:
                break
    shown = tuple(found[:size])
    more = len(found) > size
    return Page(shown, After(shown[-1].place, shown[-1].conversation) if more else None)


def read_card(database: Database, clinic: int, conversation: str) -> Listed | None:
    """The card of one conversation of the clinic, or None."""
    find = database.query(_ONE)
    with database.link() as link:
        rows = link.read(find, {"clinic_id": clinic, "conversation": conversation})
    return listed(find.named(rows[0])) if rows else None


def count_waiting(database: Database, clinic: int) -> int:
    """How many wait to be acknowledged; `COUNTED` for that many and more."""
    find = database.query(_WAITING)
    with database.link() as link:
        return len(link.read(find, {"clinic_id": clinic}))


class Reasons(NamedTuple):
    """The questions for which a conversation may need somebody: flagged, or skipped at its end."""

    flagged: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


def read_reasons(database: Database, shown: Sequence[Listed]) -> dict[str, Reasons]:
    """Those of some conversations, by their ids; of one that has none there is no entry."""
    if not shown:
        return {}
    ids = {f"id_{place}": card.conversation for place, card in enumerate(shown)}
    statement = (
        select(card_marks.c.conversation_id, card_marks.c.mark)
        .where(card_marks.c.conversation_id.in_([bindparam(name) for name in ids]))
        .order_by(card_marks.c.mark)
    )
    with database.link() as link:
        rows = link.read(database.query(statement), ids)
    found: dict[str, Reasons] = {}
    for conversation, mark in rows:
        kind, _, name = mark.partition(":")
        so_far = found.get(conversation, Reasons())
        if kind == "question":
            found[conversation] = so_far._replace(flagged=(*so_far.flagged, name))
        elif kind == "skipped":
            found[conversation] = so_far._replace(skipped=(*so_far.skipped, name))
    return found


# --- Statements -----------------------------------------------------------------------------------

LISTED: Final = [column for column in cards.c if column.key not in ("clinic_id", "sort_id")]


def filtered(statement: Select[Any], chosen: Filter) -> Select[Any]:
    """`statement` with the conditions on cards, but for the dates; see `filter_values`."""
    for name in ("standing", "language", "assignee"):
        if getattr(chosen, name) is not None:
            statement = statement.where(cards.c[name] == bindparam(name))
    statement = statement.where(*_ended_or_not(chosen.where))
    if chosen.channel is not None and mark_of(chosen) != channel_mark(chosen.channel):
        space = literal_column("' '", Text)
        used = space.concat(cards.c.channels).concat(space)
        statement = statement.where(used.like(bindparam("channel")))
    return statement


def in_place(where: Where | None) -> ColumnElement[bool]:
    """That the card stands in a place of the list where those of that state are."""
    places: list[Any] = [literal_column(str(int(place))) for place in _PLACES_OF[where]]
    return cards.c.place.in_(places)


def in_state(where: Where | None) -> ColumnElement[bool]:
    """That the card is in that state; None: that it was not erased."""
    return and_(in_place(where), *_ended_or_not(where))


def _ended_or_not(where: Where | None) -> list[ColumnElement[bool]]:
    is_open = cards.c.standing == literal_column("'open'")
    return {Where.OPEN: [is_open], Where.ENDED: [~is_open]}.get(where, []) if where else []


def _in_place(chosen: Filter, size: int) -> Select[Any]:
    """The cards of one place, the newest first."""
    mark = mark_of(chosen)
    # The list is walked by the index of what is asked for first.
    walked = cards if mark is None else card_marks
    statement = select(*LISTED)
    if mark is not None:
        statement = statement.join_from(
            card_marks, cards, cards.c.conversation_id == card_marks.c.conversation_id
        ).where(card_marks.c.mark == bindparam("mark"))
    statement = statement.where(
        walked.c.clinic_id == bindparam("clinic_id"),
        walked.c.place == bindparam("place"),
        walked.c.sort_id < bindparam("last"),
    )
    if chosen.begun_from is not None:
        statement = statement.where(walked.c.sort_id >= bindparam("low"))
    if chosen.begun_before is not None:
        statement = statement.where(walked.c.sort_id < bindparam("high"))
    newest = walked.c.sort_id.desc()
    return filtered(statement, chosen).order_by(newest).limit(literal_column(str(size)))


def mark_of(chosen: Filter) -> str | None:
    """The mark by which the list is walked; None: it is walked by the cards.

    By that of a channel only where nothing else is asked for: it is on many cards, and to look
    each of them up for its tier takes longer than to look at those of the tier for the channel.
    """
    if chosen.question is not None:
        return question_mark(chosen.question)
    others = (chosen.standing, chosen.language, chosen.assignee)
    if chosen.channel is not None and others == (None, None, None):
        return channel_mark(chosen.channel)
    return None


def filter_values(chosen: Filter) -> dict[str, Any]:
    values: dict[str, Any] = {
        name: getattr(chosen, name) for name in ("standing", "language", "assignee")
    }
    values |= {"mark": mark_of(chosen), "channel": f"% {chosen.channel} %"}
    # An id begins with the millisecond of the start.
    if chosen.begun_from is not None:
        values["low"] = lowest_id(chosen.begun_from)
    if chosen.begun_before is not None:
        values["high"] = lowest_id(chosen.begun_before)
    return values


def listed(row: dict[str, Any]) -> Listed:
    return Listed(
        conversation=row["conversation_id"],
        channels=tuple(row["channels"].split()),
        told=tuple(row["told"].split()),
        **{name: row[name] for name in _AS_THEY_ARE},
    )


_AS_THEY_ARE = [
    column.key for column in LISTED if column.key not in ("conversation_id", "channels", "told")
]
_ONE = select(*LISTED).where(
    cards.c.clinic_id == bindparam("clinic_id"),
    cards.c.conversation_id == bindparam("conversation"),
)
_WAITING = (
    select(cards.c.conversation_id)
    .where(
        cards.c.clinic_id == bindparam("clinic_id"),
        cards.c.place <= literal_column(str(Place.UNFINISHED.value)),
    )
    .limit(literal_column(str(COUNTED)))
)
