"""The log as it was written, contact by contact, and what its chain says of every row."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, exists, literal_column, select, tuple_

from flows.conversation import Turn
from store.chain import START, tombstone, turn_chain
from store.database import Database
from store.errors import SealError, StoreError
from store.records import digest_of, stored_turn
from store.sealing import Sealer
from store.tables import contacts, conversations, turns

_AT_ONCE = 500
"""Rows that are read together: as many as are in memory at a time."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One row of the log.

    `contact`, `ordinal`: whose turn it is, and its place among theirs.  `chain`: as it is stored.
    `flow`, `flow_version`: those which its conversation was begun under.
    `turn`: None where it was erased or cannot be read.  `erased_at`: None where it was not (UTC).
    `faults`: what does not fit, a few plain words each; nobody's words are among them.
    """

    contact: int
    ordinal: int
    conversation: str
    number: int
    chain: bytes
    flow: str
    flow_version: str
    turn: Turn | None
    erased_at: datetime | None
    faults: tuple[str, ...]


def history(database: Database, sealer: Sealer, clinic: int) -> Iterator[Kept]:
    """Every turn of a clinic's contacts, each contact's in their order.

    Read a few at a time, while the line goes on. StoreError from each step: the database fails.
    """
    find = database.query(_ROWS)
    after = {"clinic_id": clinic, "contact": 0, "ordinal": 0}
    before: Mapping[str, Any] | None = None
    while True:
        with database.link() as link:
            try:
                rows = [find.named(row) for row in link.read(find, after)]
            except (TypeError, ValueError):
                raise StoreError("a stored moment cannot be read") from None
        if not rows:
            return
        for row in rows:
            if before is not None and before["contact_id"] != row["contact_id"]:
                before = None
            yield _kept(row, before, sealer)
            before = row
        after = {**after, "contact": row["contact_id"], "ordinal": row["ordinal"]}


def emptied(database: Database, clinic: int) -> list[str]:
    """The conversations and contacts without any turn: each was stored together with its first."""
    of_clinic = {"clinic_id": clinic}
    with database.link() as link:
        bare = link.read(database.query(_BARE_CONVERSATIONS), of_clinic)
        nobody = link.read(database.query(_BARE_CONTACTS), of_clinic)
    return [f"conversation {id_}" for (id_,) in bare] + [f"contact {id_}" for (id_,) in nobody]


# --- One row --------------------------------------------------------------------------------------


def _kept(row: Mapping[str, Any], before: Mapping[str, Any] | None, sealer: Sealer) -> Kept:
    faults = [*_place_faults(row, before)]
    turn = None
    if row["erased_at"] is None:
        try:
            if digest_of(row, sealer) != row["digest"]:
                faults.append("its content was changed")
            turn = stored_turn(row, sealer)
        except SealError:
            faults.append("its words do not open")
        except (StoreError, TypeError, ValueError):
            faults.append("it cannot be read")
    else:
        because = row["erased_because"] or ""
        if row["tombstone"] != tombstone(sealer, row["chain"], row["erased_at"], because):
            faults.append("it was erased by other means")
    chain = before["chain"] if before else START
    begun_under = f"{row['flow']} {row['flow_version']}"
    if turn_chain(sealer, chain, row["digest"], row, begun_under) != row["chain"]:
        faults.append("its chain does not follow from what stands before it")
    return Kept(
        contact=row["contact_id"],
        ordinal=row["ordinal"],
        conversation=row["conversation_id"],
        number=row["number"],
        chain=row["chain"],
        flow=row["flow"],
        flow_version=row["flow_version"],
        turn=turn,
        erased_at=row["erased_at"],
        faults=tuple(faults),
    )


def _place_faults(row: Mapping[str, Any], before: Mapping[str, Any] | None) -> Iterator[str]:
    """What is out of order; the chain would tell too, but not where rows are missing."""
    if row["ordinal"] != (before["ordinal"] + 1 if before else 1):
        yield "a turn before it is missing"
    same = before is not None and before["conversation_id"] == row["conversation_id"]
    if row["number"] != (before["number"] + 1 if same and before is not None else 1):
        yield "its number is not the next of its conversation"
    if row["owner"] != row["contact_id"]:
        yield "its conversation is another contact's"
    if row["number"] == 1 and row["started_at"] != row["at"]:
        yield "its conversation began at another time"


# --- Statements -----------------------------------------------------------------------------------

_place = tuple_(turns.c.contact_id, turns.c.ordinal)
_ROWS: Select[Any] = (
    select(
        turns,
        conversations.c.flow,
        conversations.c.flow_version,
        conversations.c.started_at,
        conversations.c.contact_id.label("owner"),
    )
    .join_from(turns, conversations)
    .where(
        turns.c.clinic_id == bindparam("clinic_id"),
        _place > tuple_(bindparam("contact"), bindparam("ordinal")),
    )
    .order_by(turns.c.contact_id, turns.c.ordinal)
    .limit(literal_column(str(_AT_ONCE)))
)


def _bare(turn: ColumnElement[bool]) -> tuple[ColumnElement[bool], ...]:
    return contacts.c.clinic_id == bindparam("clinic_id"), ~exists().where(turn)


_BARE_CONVERSATIONS = (
    select(conversations.c.id)
    .join_from(conversations, contacts)
    .where(*_bare(turns.c.conversation_id == conversations.c.id))
)
_BARE_CONTACTS = select(contacts.c.id).where(*_bare(turns.c.contact_id == contacts.c.id))
