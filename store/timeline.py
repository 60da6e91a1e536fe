"""One conversation for people to look at: every turn, and where one was erased, its tombstone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, literal_column, select

from flows.conversation import Turn
from store.database import Database
from store.errors import SealError
from store.records import stored_turn
from store.sealing import Sealer
from store.tables import contacts, conversations, turns

OTHERS: Final = 20
"""Of a person's other conversations, the newest that are named."""


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What stays of a turn that was erased: its place, its time, its channel, and why."""

    number: int
    at: datetime
    channel: str
    erased_at: datetime
    because: str


@dataclass(frozen=True, slots=True)
class Other:
    """Another conversation of the same person."""

    id: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Timeline:
    """A conversation.

    `flow`, `flow_version`: those that it was begun under.  `started_at`: UTC.
    `has_number`: whether the person's address is kept, and is a number to call.
    `others`: the person's other conversations, the newest first.
    """

    id: str
    flow: str
    flow_version: str
    started_at: datetime
    has_number: bool
    turns: tuple[Turn | Tombstone, ...]
    others: tuple[Other, ...]

    @property
    def heard(self) -> tuple[Turn, ...]:
        """The turns that were not erased."""
        return tuple(one for one in self.turns if isinstance(one, Turn))

    @property
    def erased(self) -> bool:
        return not self.heard


def read_timeline(
    database: Database, sealer: Sealer, clinic: int, conversation: str
) -> Timeline | None:
    """The conversation of that id, if it is the clinic's. StoreError: words do not open."""
    find, find_turns, find_others = (database.query(one) for one in (_ONE, _TURNS, _OTHERS))
    of = {"clinic_id": clinic, "of": conversation}
    with database.link() as link:
        rows = link.read(find, of)
        if not rows:
            return None
        found = find.named(rows[0])
        taken = [find_turns.named(row) for row in link.read(find_turns, of)]
        others = link.read(find_others, {**of, "contact": found["contact_id"]})
    address = _address(found, sealer)
    return Timeline(
        id=conversation,
        flow=found["flow"],
        flow_version=found["flow_version"],
        started_at=found["started_at"],
        has_number=address.startswith("+") or found["callback"] is not None,
        turns=tuple(_taken(row, sealer) for row in taken),
        others=tuple(Other(*row) for row in others),
    )


def read_address(database: Database, sealer: Sealer, clinic: int, conversation: str) -> str | None:
    """The address of whom the conversation is with, such as "+12025550143"; None: not kept."""
    find = database.query(_ONE)
    with database.link() as link:
        rows = link.read(find, {"clinic_id": clinic, "of": conversation})
    return (_address(find.named(rows[0]), sealer) or None) if rows else None


def read_newest(database: Database, conversation: str) -> tuple[int, datetime] | None:
    """The number of the conversation's newest turn, and when it was taken (UTC); None: no turn."""
    with database.link() as link:
        rows = link.read(database.query(_NEWEST), {"of": conversation})
    return (rows[0][0], rows[0][1]) if rows else None


def _address(row: Mapping[str, Any], sealer: Sealer) -> str:
    if row["address"] is None:
        return ""
    try:
        return sealer.open(row["address"], f"contact/{row['fingerprint'].hex()}")
    except SealError:
        return ""


def _taken(row: dict[str, Any], sealer: Sealer) -> Turn | Tombstone:
    if row["state"] is not None:
        return stored_turn(row, sealer)
    return Tombstone(
        number=row["number"],
        at=row["at"],
        channel=row["channel"],
        erased_at=row["erased_at"] or row["at"],
        because=row["erased_because"] or "",
    )


# --- Statements -----------------------------------------------------------------------------------

_of = conversations.c.id == bindparam("of")
_ONE = (
    select(
        conversations.c.contact_id,
        conversations.c.flow,
        conversations.c.flow_version,
        conversations.c.started_at,
        contacts.c.fingerprint,
        contacts.c.address,
        contacts.c.callback,
    )
    .join_from(conversations, contacts)
    .where(_of, contacts.c.clinic_id == bindparam("clinic_id"))
)
_TURNS = (
    select(turns)
    .where(turns.c.conversation_id == bindparam("of"), turns.c.clinic_id == bindparam("clinic_id"))
    .order_by(turns.c.number)
)
_NEWEST = (
    select(turns.c.number, turns.c.at)
    .where(turns.c.conversation_id == bindparam("of"))
    .order_by(turns.c.number.desc())
    .limit(literal_column("1"))
)
_OTHERS = (
    select(conversations.c.id, conversations.c.started_at)
    .where(
        conversations.c.contact_id == bindparam("contact"), conversations.c.id != bindparam("of")
    )
    .order_by(conversations.c.id.desc())
    .limit(literal_column(str(OTHERS)))
)
