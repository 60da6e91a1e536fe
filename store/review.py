"""Reading the log back: whole conversations, for export and for people to look at."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, literal_column, select

from flows.conversation import Turn
from store.database import Database
from store.records import stored_turn
from store.sealing import Sealer
from store.tables import clinics, contacts, turns
from store.tables import conversations as begun

_AT_ONCE = 50
"""Conversations that are read together: as many as are in memory at a time."""


@dataclass(frozen=True, slots=True)
class StoredConversation:
    """A conversation and all its turns, in their order.

    `flow`, `flow_version`: those that it was begun under.  `started_at`: UTC.
    """

    id: str
    clinic_name: str
    flow: str
    flow_version: str
    started_at: datetime
    turns: tuple[Turn, ...]


def conversations(database: Database, sealer: Sealer, clinic: int) -> Iterator[StoredConversation]:
    """Every conversation of a clinic, in the order in which they began; not what was erased.

    Read a few at a time, while the line goes on: a conversation is whole as of the moment when it
    is read. StoreError from each step: the database fails, or words do not open.
    """
    find_begun, find_turns = database.query(_BEGUN), database.query(_TURNS)
    after = ""
    while True:
        with database.link() as link:
            found = link.read(find_begun, {"clinic_id": clinic, "after": after})
            if not found:
                return
            place = {"clinic_id": clinic, "after": after, "last": found[-1][0]}
            rows = [find_turns.named(row) for row in link.read(find_turns, place)]
        of: dict[str, list[Turn]] = {id_: [] for id_, *_ in found}
        for values in rows:
            # One that began in between may sort among these: it is as if it had not yet.
            if values["conversation_id"] in of:
                of[values["conversation_id"]].append(stored_turn(values, sealer))
        for id_, clinic_name, flow, version, started_at in found:
            if of[id_]:
                here = tuple(of[id_])
                yield StoredConversation(id_, clinic_name, flow, version, started_at, here)
        after = place["last"]


# An id begins with the time of the first turn, so the primary key is the order of start.
_BEGUN = (
    select(
        begun.c.id,
        clinics.c.name,
        begun.c.flow,
        begun.c.flow_version,
        begun.c.started_at,
    )
    .select_from(begun.join(contacts).join(clinics))
    .where(contacts.c.clinic_id == bindparam("clinic_id"), begun.c.id > bindparam("after"))
    .order_by(begun.c.id)
    .limit(literal_column(str(_AT_ONCE)))
)
_TURNS = (
    select(turns)
    .where(
        turns.c.clinic_id == bindparam("clinic_id"),
        turns.c.conversation_id > bindparam("after"),
        turns.c.conversation_id <= bindparam("last"),
        turns.c.erased_at.is_(None),
    )
    .order_by(turns.c.conversation_id, turns.c.number)
)
