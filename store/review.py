"""Reading the log back: whole conversations, for export and for people to look at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, exists, func, literal_column, select

from flows.conversation import Turn
from store.callbacks import callback_place
from store.card_tables import card_marks, cards
from store.database import Database
from store.ids import highest_id, lowest_id
from store.inbox import Where, in_state
from store.marks import channel_mark, question_mark
from store.records import stored_turn
from store.sealing import Sealer
from store.tables import clinics, contacts, turns
from store.tables import conversations as begun

_AT_ONCE = 50
"""Conversations that are read together: as many as are in memory at a time."""


@dataclass(frozen=True, slots=True)
class StoredConversation:
    """A conversation and all its turns, in their order.

    `contact`: a name for the person that says nothing, the same for all their conversations.
    `flow`, `flow_version`: those that it was begun under.  `started_at`: UTC.
    `address`: the person's number, where it was asked for; the one to call back, if they gave one.
    """

    id: str
    contact: str
    clinic_name: str
    flow: str
    flow_version: str
    started_at: datetime
    turns: tuple[Turn, ...]
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """Which of a clinic's conversations; every one where nothing is said.

    `id`: that one alone.  `begun_from`, `begun_before`: when the first turn was heard (UTC).
    `until`: none that stands after the one of this id.  `kept`: only what was not erased.
    The others are those of a list (`store.inbox.Filter`).
    """

    id: str | None = None
    until: str | None = None
    kept: bool = False
    begun_from: datetime | None = None
    begun_before: datetime | None = None
    standing: str | None = None
    channel: str | None = None
    language: str | None = None
    question: str | None = None
    where: Where | None = None
    assignee: int | None = None


EVERY = Selection()


def conversations(
    database: Database,
    sealer: Sealer,
    clinic: int,
    selection: Selection = EVERY,
    *,
    after: str = "",
    numbers: bool = False,
) -> Iterator[StoredConversation]:
    """The conversations of a clinic, in the order in which they began; not what was erased.

    `after`: only those that stand after the one of this id.  `numbers`: with phone numbers.

    Read a few at a time, while the line goes on: a conversation is whole as of the moment when it
    is read. StoreError from each step: the database fails, or words do not open.
    """
    find_begun, find_turns = database.query(_begun(selection)), database.query(_TURNS)
    while True:
        with database.link() as link:
            place: dict[str, Any] = {"clinic_id": clinic, "after": after}
            found = [find_begun.named(row) for row in link.read(find_begun, place)]
            if not found:
                return
            ids = [row["id"] for row in found]
            place |= {name: ids[min(n, len(ids) - 1)] for n, name in enumerate(_PLACES)}
            rows = [find_turns.named(row) for row in link.read(find_turns, place)]
        of: dict[str, list[Turn]] = {id_: [] for id_ in ids}
        for values in rows:
            of[values["conversation_id"]].append(stored_turn(values, sealer))
        for row in found:
            if of[row["id"]]:
                yield _stored(row, tuple(of[row["id"]]), sealer, numbers=numbers)
        after = ids[-1]


def count(database: Database, clinic: int, selection: Selection = EVERY) -> int:
    """How many conversations are selected, what was erased among them. StoreError: no answer."""
    counted = database.query(chosen(select(func.count().label("count")), selection))
    with database.link() as link:
        ((found,),) = link.read(counted, {"clinic_id": clinic})
    return int(found)


def part_starts(
    database: Database, clinic: int, selection: Selection, size: int
) -> tuple[str, ...]:
    """What each part of `size` of the selected conversations stands after: "" and then ids."""
    place = func.row_number().over(order_by=begun.c.id).label("place")
    every = func.count().over().label("every")
    numbered = chosen(select(begun.c.id, place, every), selection).subquery()
    ends_part = (numbered.c.place % size == 0) & (numbered.c.place < numbered.c.every)
    find = database.query(select(numbered.c.id).where(ends_part).order_by(numbered.c.id))
    with database.link() as link:
        return ("", *(id_ for (id_,) in link.read(find, {"clinic_id": clinic})))


def _stored(
    row: Mapping[str, Any], turns: tuple[Turn, ...], sealer: Sealer, *, numbers: bool
) -> StoredConversation:
    fingerprint = row["fingerprint"]
    address = None
    if numbers and row["address"] is not None:
        address = sealer.open(row["address"], f"contact/{fingerprint.hex()}")
        if row["callback"] is not None:
            address = sealer.open(row["callback"], callback_place(fingerprint))
    return StoredConversation(
        id=row["id"],
        contact=_pseudonym(sealer, fingerprint or row["id"].encode()),
        clinic_name=row["name"],
        flow=row["flow"],
        flow_version=row["flow_version"],
        started_at=row["started_at"],
        turns=turns,
        address=address,
    )


def _pseudonym(sealer: Sealer, contact: bytes) -> str:
    # Not the fingerprint itself: an export must be no key to the rows of the database.
    return sealer.mark("pseudonym", contact).hex()[:32]


def chosen(columns: Select[Any], selection: Selection) -> Select[Any]:
    """`columns` of the clinic's conversations that are selected."""
    of_clinic = contacts.c.clinic_id == bindparam("clinic_id")
    found = columns.select_from(begun.join(contacts)).where(of_clinic)
    if selection.id is not None:
        found = found.where(begun.c.id == selection.id)
    if selection.until is not None:
        found = found.where(begun.c.id <= selection.until)
    if selection.standing is not None:
        found = found.where(_carded(cards.c.standing == selection.standing))
    if selection.language is not None:
        found = found.where(_carded(cards.c.language == selection.language))
    if selection.assignee is not None:
        found = found.where(_carded(cards.c.assignee == selection.assignee))
    if selection.kept:
        found = found.where(_carded(in_state(None)))
    if selection.where is not None:
        found = found.where(_carded(in_state(selection.where)))
    if selection.channel is not None:
        found = found.where(_marked(channel_mark(selection.channel)))
    if selection.question is not None:
        found = found.where(_marked(question_mark(selection.question)))
    # The ids sort by time, and have the index; the moment decides within a millisecond.
    if selection.begun_from is not None:
        low = lowest_id(selection.begun_from)
        found = found.where(begun.c.id >= low, begun.c.started_at >= selection.begun_from)
    if selection.begun_before is not None:
        high = highest_id(selection.begun_before)
        found = found.where(begun.c.id <= high, begun.c.started_at < selection.begun_before)
    return found


def _carded(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(cards.c.conversation_id == begun.c.id, condition)


def _marked(mark: str) -> ColumnElement[bool]:
    return exists().where(card_marks.c.conversation_id == begun.c.id, card_marks.c.mark == mark)


def _begun(selection: Selection) -> Select[Any]:
    columns = select(
        begun.c.id,
        clinics.c.name,
        contacts.c.fingerprint,
        contacts.c.address,
        contacts.c.callback,
        begun.c.flow,
        begun.c.flow_version,
        begun.c.started_at,
    )
    # An id begins with the time of the first turn, so the primary key is the order of start.
    return (
        chosen(columns, selection)
        .join(clinics, clinics.c.id == contacts.c.clinic_id)
        .where(begun.c.id > bindparam("after"))
        .order_by(begun.c.id)
        .limit(literal_column(str(_AT_ONCE)))
    )


_PLACES = [f"id_{n}" for n in range(_AT_ONCE)]
# By the ids, and not from the first to the last: of what few filters leave, years lie between.
_TURNS = (
    select(turns)
    .where(
        turns.c.clinic_id == bindparam("clinic_id"),
        turns.c.conversation_id.in_([bindparam(name) for name in _PLACES]),
        turns.c.erased_at.is_(None),
    )
    .order_by(turns.c.conversation_id, turns.c.number)
)
