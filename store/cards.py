"""A card for each conversation: the derived row that lists are made of.

It is written in the turn's own transaction, and only by a turn that changes it: one that goes from
question to question costs a comparison. Nothing decides from it, and it can be made again from the
turns at any time (`store.rebuild`).

A list has its own order. First what waits for somebody: T1 and words of self-harm, then T2 and
whoever was not seen, then what was not finished and holds a flag. Then the same of what somebody
has acknowledged, until what came of it is written down. Then all else. Of each the newest first:
who was told of an emergency five minutes ago can still be kept from harm, and for those who have
waited long there are alarms.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Insert,
    Text,
    Update,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal_column,
    null,
    select,
    update,
)

from flows.conversation import Turn
from flows.definition import Flow
from flows.state import State
from store.card_tables import card_marks, cards, words
from store.database import Database
from store.duty_tables import alerts
from store.link import Write
from store.marks import channel_mark, flagged, question_mark, skipped, skipped_mark
from store.turns import NOBODY, Appended, Companion

OPEN: Final = "open"
"""The standing of a conversation that has not ended."""
ERASED: Final = "erased"


class Place(IntEnum):
    """Where a card stands in the list; `HANDS_ON` further where it was acknowledged."""

    EMERGENCY = 1
    TODAY = 2
    UNFINISHED = 3
    REST = 7
    ERASED = 8


HANDS_ON: Final = 3
WAITING: Final = (Place.EMERGENCY, Place.TODAY, Place.UNFINISHED)
IN_HAND: Final = tuple(place + HANDS_ON for place in WAITING)
PLACES: Final = (*WAITING, *IN_HAND, Place.REST, Place.ERASED)
"""Every place, in the order of the list."""

_TOLD_AT: Final = {
    "T1": Place.EMERGENCY,
    "crisis": Place.EMERGENCY,
    "T2": Place.TODAY,
    "not_seen": Place.TODAY,
    "T0": Place.UNFINISHED,
}


@dataclass(frozen=True, slots=True)
class Card:
    """What the turns of a conversation come to, for a list.

    `channels`: in the order in which they were first used.  `language`: the last.
    `standing`: the tier where it ended, or `OPEN`; `disposition`, `ended_at`: None while open.
    `told`: what the clinic has been told of.  `marks`: what it is found by (`marks_of`).
    """

    channels: tuple[str, ...]
    language: str
    standing: str
    disposition: str | None
    ended_at: datetime | None
    told: tuple[str, ...]
    marks: frozenset[str]


def place_of(told: Iterable[str]) -> Place:
    """Where a conversation stands of which the clinic was told that, while nobody has answered."""
    return min((_TOLD_AT[about] for about in told if about in _TOLD_AT), default=Place.REST)


def standing(flow: Flow, position: str) -> str:
    """The tier of a position, or `OPEN`."""
    ended = flow.disposition.get(position)
    return ended.tier.value if ended else OPEN


def card_of(flow: Flow, turns: Sequence[Turn]) -> Card:
    """The card that the turns of a conversation come to."""
    last = turns[-1].state
    ended_at = None
    for before, turn in zip([None, *turns], turns, strict=False):
        if before is None or before.state.position != turn.state.position:
            ended_at = turn.at if turn.state.position in flow.disposition else None
    channels = tuple(
        dict.fromkeys(
            turn.utterance.channel.name for turn in turns if turn.opens or _by_the_person(turn)
        )
    )
    questions = set[str]().union(*(flagged(flow, turn) for turn in turns))
    marks = {channel_mark(name) for name in channels} | {question_mark(q) for q in questions}
    for earlier, turn in zip([None, *turns], turns, strict=False):
        left = skipped(flow, turn, earlier.state if earlier else None)
        marks |= {skipped_mark(name) for name in left}
    is_open = last.position not in flow.disposition
    return Card(
        channels=channels,
        language=last.language,
        standing=standing(flow, last.position),
        disposition=None if is_open else last.position,
        ended_at=ended_at,
        told=last.alerted,
        marks=frozenset(marks),
    )


def _by_the_person(turn: Turn) -> bool:
    return turn.utterance.kind not in NOBODY


# --- With each turn -------------------------------------------------------------------------------


class CardWriter:
    """What a turn brings along, where it changes its conversation's card."""

    def __init__(self, database: Database, flow: Flow) -> None:
        self._flow = flow
        self._add = database.query(insert(cards).values(_named(cards.c)))
        self._mark = database.query(_mark())
        self._end = database.query(_change("standing", "disposition", "ended_at"))
        self._speak = database.query(_change("language"))
        self._raise = database.query(_raise())
        self._move = database.query(_move_marks())
        self._reach = database.query(_reach())

    def __call__(self, appended: Appended) -> Iterable[Write]:
        """The writes; none for an ordinary turn."""
        if appended.before is None:
            return self._opened(appended)
        return self._changed(appended, appended.before)

    def _opened(self, appended: Appended) -> list[Write]:
        turn, card = appended.turn, card_of(self._flow, [appended.turn])
        place = place_of(turn.alerts)
        values = {
            "conversation_id": appended.conversation,
            "sort_id": appended.conversation,
            "clinic_id": appended.clinic,
            "started_at": turn.at,
            **card_values(card),
            "place": place.value,
            "waiting_since": turn.at if place in WAITING else None,
            **dict.fromkeys(("acknowledged_at", "settled_at", "assignee")),
        }
        writes: list[Write] = [(self._add, values)]
        writes += self._marks(appended.conversation, card.marks)
        return writes

    def _changed(self, appended: Appended, before: State) -> list[Write]:
        turn, state = appended.turn, appended.turn.state
        of = {"of": appended.conversation}
        writes: list[Write] = []
        if state.position != before.position:
            new = standing(self._flow, state.position)
            if new != OPEN or standing(self._flow, before.position) != OPEN:
                end = (None, None) if new == OPEN else (state.position, turn.at)
                ended = dict(zip(("disposition", "ended_at"), end, strict=True))
                writes.append((self._end, {**of, "standing": new, **ended}))
        if state.language != before.language:
            writes.append((self._speak, {**of, "language": state.language}))
        if turn.alerts:
            place = place_of(state.alerted)
            told = " ".join(state.alerted)
            writes.append((self._raise, {**of, "told": told, "place": place.value, "at": turn.at}))
            writes.append((self._move, {**of, "place": place.value}))
        marks = {question_mark(name) for name in flagged(self._flow, turn, before)}
        marks |= {skipped_mark(name) for name in skipped(self._flow, turn, before)}
        channel = turn.utterance.channel.name
        if channel != appended.channel_before and _by_the_person(turn):
            marks.add(channel_mark(channel))
            writes.append((self._reach, {**of, "channel": f" {channel}"}))
        if marks:
            writes += self._marks(appended.conversation, marks)
        return writes

    def _marks(self, conversation: str, marks: Iterable[str]) -> Iterable[Write]:
        for mark in sorted(marks):
            yield self._mark, {"of": conversation, "mark": mark}


def card_writes(database: Database, flow: Flow) -> Companion:
    """The companion that keeps cards."""
    return CardWriter(database, flow)


def card_values(card: Card) -> dict[str, Any]:
    """The columns that come from the turns alone."""
    return {
        "channels": " ".join(card.channels),
        "language": card.language,
        "standing": card.standing,
        "disposition": card.disposition,
        "ended_at": card.ended_at,
        "told": " ".join(card.told),
    }


def erased_values(channels: Iterable[str]) -> dict[str, Any]:
    """The columns of a conversation that was erased: nothing that the person said is in them."""
    return {
        "channels": " ".join(channels),
        "place": Place.ERASED.value,
        "standing": ERASED,
        "language": "",
        "told": "",
        **dict.fromkeys(("disposition", "ended_at", "waiting_since")),
    }


def forget_card_writes(database: Database, conversation: str) -> list[Write]:
    """What leaves of a conversation's card only that there was one, and of its words nothing."""
    of = {"of": conversation}
    return [(database.query(one), of) for one in (_FORGET, _FORGET_MARKS, _FORGET_WORDS)]


# --- Statements -----------------------------------------------------------------------------------

_this = cards.c.conversation_id == bindparam("of")


def _named(columns: Iterable[Any]) -> dict[str, Any]:
    return {column.key: bindparam(column.key) for column in columns}


_FORGET = (
    update(cards)
    .where(_this)
    .values(
        place=literal_column(str(Place.ERASED.value)),
        standing=literal_column(f"'{ERASED}'"),
        language=literal_column("''"),
        told=literal_column("''"),
        **dict.fromkeys(
            ("disposition", "ended_at", "waiting_since", "acknowledged_at", "settled_at"), null()
        ),
        assignee=null(),
    )
)
_FORGET_MARKS = delete(card_marks).where(card_marks.c.conversation_id == bindparam("of"))
_FORGET_WORDS = delete(words).where(words.c.conversation_id == bindparam("of"))


def _change(*names: str) -> Update:
    return update(cards).where(_this).values({name: bindparam(name) for name in names})


def _raise() -> Update:
    """The clinic is told of something: it waits, if it did not already."""
    at = bindparam("at", type_=cards.c.waiting_since.type)
    return (
        update(cards)
        .where(_this)
        .values(
            told=bindparam("told"),
            place=bindparam("place"),
            waiting_since=func.coalesce(cards.c.waiting_since, at),
            settled_at=None,
        )
    )


def _move_marks() -> Update:
    this = card_marks.c.conversation_id == bindparam("of")
    return update(card_marks).where(this).values(place=bindparam("place"))


def _reach() -> Update:
    """One channel more, unless it was used before."""
    channel = bindparam("channel", type_=Text)
    space, anything = literal_column("' '", Text), literal_column("'%'", Text)
    used = space.concat(cards.c.channels).concat(space)
    known = used.like(anything.concat(channel).concat(literal_column("' %'", Text)))
    return update(cards).where(_this, ~known).values(channels=cards.c.channels.concat(channel))


def _mark() -> Insert:
    """A mark of a card, unless it has it."""
    mark = bindparam("mark", type_=Text)
    known = exists().where(
        card_marks.c.conversation_id == bindparam("of"), card_marks.c.mark == mark
    )
    chosen = select(
        cards.c.conversation_id, mark, cards.c.clinic_id, cards.c.place, cards.c.sort_id
    )
    names = ["conversation_id", "mark", "clinic_id", "place", "sort_id"]
    return insert(card_marks).from_select(names, chosen.where(_this, ~known))


# --- When somebody acknowledges -------------------------------------------------------------------


def acknowledged_writes(database: Database, alert: int) -> list[Write]:
    """What follows for a card where that alert of its conversation was acknowledged.

    To be written after it, in its transaction: the card waits as long as another alert is open.
    """
    of = {"alert": alert}
    return [(database.query(_ACKNOWLEDGED), of), (database.query(_MARKS_FOLLOW), of)]


_of_alert = (
    select(alerts.c.conversation_id).where(alerts.c.id == bindparam("alert")).scalar_subquery()
)


def after_acknowledging(conversation: ColumnElement[Any]) -> Update:
    """The card of `conversation` as its alerts say, if it waits."""
    its = alerts.alias("its")
    found = select(func.max(its.c.acknowledged_at)).where(its.c.conversation_id == conversation)
    still = its.c.acknowledged_at.is_(None)
    since = select(func.min(its.c.raised_at)).where(its.c.conversation_id == conversation, still)
    in_hand = cards.c.place + literal_column(str(HANDS_ON))
    waits = since.scalar_subquery().is_not(None)
    return (
        update(cards)
        .where(
            cards.c.conversation_id == conversation,
            cards.c.place <= literal_column(str(Place.UNFINISHED.value)),
        )
        .values(
            acknowledged_at=found.scalar_subquery(),
            waiting_since=since.scalar_subquery(),
            place=case((waits, cards.c.place), else_=in_hand),
        )
    )


def marks_follow(conversation: ColumnElement[Any]) -> Update:
    """The marks of `conversation` stand where its card does."""
    place = select(cards.c.place).where(cards.c.conversation_id == conversation)
    return (
        update(card_marks)
        .where(card_marks.c.conversation_id == conversation)
        .values(place=place.scalar_subquery())
    )


_ACKNOWLEDGED = after_acknowledging(_of_alert)
_MARKS_FOLLOW = marks_follow(_of_alert)
