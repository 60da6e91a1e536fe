"""The log of turns: load, decide, append, so that every turn is kept once.

Nothing is locked while a turn is decided. Two unique keys do the work:

- A turn's place among all turns of its contact. Two messages of one contact at the same moment
  both want the next place; the second is refused and decided again, after the first.
- The carrier's own key. A request that comes again, even at the same moment, gets the turn that
  is stored under it.

That is also how a connection that broke in the middle is mended: after a second try, the key
tells whether the first one had been kept.
"""

import os
import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Integer,
    Select,
    Text,
    bindparam,
    exists,
    insert,
    literal_column,
    null,
    select,
    union_all,
)

from flows.conversation import Conversation, Turn
from store.database import Database
from store.errors import Conflict, Lost, StoreError
from store.link import Link, Write
from store.query import Row
from store.records import stored_state, stored_turn, turn_values
from store.sealing import Sealer
from store.tables import contacts, conversations, turns

Decide = Callable[[Conversation | None], Turn | None]

_TRIES = 40
_PAUSE_SECONDS = 0.04
"""The longest pause before another try. Together under a second, on average."""


@dataclass(frozen=True, slots=True)
class CarrierKey:
    """By what the carrier's repeated request is known.

    `sid`: "SM..." (MessageSid); "CA...:7" (CallSid and the number of the turn); "CA...:hangup".
    `token`: the idempotency token, or None where the carrier sent none.
    """

    sid: str
    token: str | None


@dataclass(frozen=True, slots=True)
class _Newest:
    """Where a contact stands: their id, how many turns they have, the conversation's id."""

    contact: int
    ordinal: int
    id: str
    conversation: Conversation


class TurnLog:
    """The turns of the contacts of one clinic.

    `flow`, `flow_version`: those which new conversations are begun under.
    """

    def __init__(
        self, database: Database, sealer: Sealer, flow: str, flow_version: str, clinic: int
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._begun_under = {"flow": flow, "flow_version": flow_version}
        self._clinic = clinic
        self._find = database.query(_find())
        self._stored = database.query(_stored())
        self._add_contact = database.query(_add_contact())
        self._add_conversation = database.query(_add_conversation())
        self._add_first_turn = database.query(
            _add_turn(
                select(conversations.c.contact_id)
                .where(conversations.c.id == bindparam("conversation_id"))
                .scalar_subquery()
            )
        )
        self._add_turn = database.query(_add_turn(bindparam("contact_id")))

    def take(self, contact: str, key: CarrierKey, decide: Decide) -> Turn | None:
        """The turn of the request known by `key`: the stored one, or a new one, then stored.

        `contact`: an address, such as "+12025550143"; "call:CA..." for a hidden caller.
        `decide`: gets the contact's newest conversation, or None, and gives its next turn, or
        None where nothing is to be kept. It may be called more than once, so it must be pure;
        what it raises comes out, and nothing is kept.

        When a turn is returned, it is on the disk. StoreError: it is not known to be.
        """
        place = {
            "clinic_id": self._clinic,
            "fingerprint": self._sealer.fingerprint(self._clinic, contact),
            "sid": key.sid,
            "token": key.token,
        }
        lost = False
        for tried in range(_TRIES):
            try:
                with self._database.link() as link:
                    return self._try(link, contact, place, decide)
            except Conflict:
                # Somebody else was first. Pauses differ, so that the losers do not meet again.
                time.sleep(random.random() * min(0.001 * 2**tried, _PAUSE_SECONDS))  # noqa: S311
            except Lost:
                if lost:
                    raise
                lost = True
        raise StoreError("a contact's turns came too fast to be taken one after the other")

    def _try(self, link: Link, contact: str, place: dict[str, Any], decide: Decide) -> Turn | None:
        rows = link.read(self._find, place)
        for row in rows:
            if row[0]:
                return self._load(link, row)
        newest = _newest(rows[0]) if rows else None
        turn = decide(newest.conversation if newest else None)
        if turn is None:
            return None
        link.write(self._writes(turn, contact, place, newest))
        return turn

    def _load(self, link: Link, found: Row) -> Turn:
        _, _, _, conversation, number, _, _ = found
        place = {"conversation_id": conversation, "number": number}
        row = link.read(self._stored, place)[0]
        return stored_turn(self._stored.named(row), self._sealer)

    def _writes(
        self, turn: Turn, contact: str, place: dict[str, Any], newest: _Newest | None
    ) -> list[Write]:
        """What appends `turn`, in one transaction."""
        place = {**place, "ordinal": newest.ordinal + 1 if newest else 1}
        if not turn.opens:
            if newest is None or turn.number != newest.conversation.number + 1:
                raise ValueError("a turn that goes on with no conversation, or not at its end")
            values = turn_values(turn, newest.id, self._sealer)
            return [(self._add_turn, {**place, **values, "contact_id": newest.contact})]
        if turn.number != 1:
            raise ValueError("a turn that opens a conversation has the number 1")
        begun = _conversation_id(turn.at)
        writes: list[Write] = []
        if newest is None:
            seal = self._sealer.seal(contact, f"contact/{place['fingerprint'].hex()}")
            writes.append((self._add_contact, {**place, "address": seal, "created_at": turn.at}))
        started = {**place, **self._begun_under, "id": begun, "started_at": turn.at}
        writes.append((self._add_conversation, started))
        values = turn_values(turn, begun, self._sealer)
        writes.append((self._add_first_turn, {**place, **values}))
        return writes


def _newest(row: Row) -> _Newest:
    _, contact, ordinal, conversation, number, version, state = row
    return _Newest(
        contact, ordinal, conversation, Conversation(version, number, stored_state(state))
    )


def _conversation_id(at: datetime) -> str:
    """A UUID of version 7: 48 bits of milliseconds, then chance."""
    milliseconds = int(at.timestamp() * 1000)
    number = int.from_bytes(milliseconds.to_bytes(6) + os.urandom(10))
    number = number & ~(0xF << 76) | 7 << 76  # the version
    number = number & ~(0x3 << 62) | 2 << 62  # the variant
    return str(uuid.UUID(int=number))


# --- The statements ---------------------------------------------------------------------------


def _find() -> Any:
    """In one statement: the turns that have the carrier's key, and the contact's newest turn."""

    def found(seen: int) -> Select[Any]:
        return select(
            literal_column(str(seen), Integer).label("seen"),
            turns.c.contact_id,
            turns.c.ordinal,
            turns.c.conversation_id,
            turns.c.number,
            # All the rest is for the newest turn alone.
            *((conversations.c.flow_version, turns.c.state) if not seen else (null(), null())),
        )

    clinic = bindparam("clinic_id", type_=Integer)
    at_clinic = turns.c.clinic_id == clinic
    contact = (
        select(contacts.c.id)
        .where(contacts.c.clinic_id == clinic)
        .where(contacts.c.fingerprint == bindparam("fingerprint"))
        .scalar_subquery()
    )
    newest = (
        found(0)
        .join_from(turns, conversations)
        .where(turns.c.contact_id == contact)
        .order_by(turns.c.ordinal.desc())
        .limit(literal_column("1"))
        .subquery()
    )
    return union_all(
        select(newest),
        found(1).where(at_clinic, turns.c.sid == bindparam("sid")),
        found(1).where(at_clinic, turns.c.token == bindparam("token", type_=Text)),
    )


def _stored() -> Any:
    return select(turns).where(
        turns.c.conversation_id == bindparam("conversation_id"),
        turns.c.number == bindparam("number"),
    )


def _add_contact() -> Any:
    # A contact whose turns were all removed is still there.
    known = exists().where(
        contacts.c.clinic_id == bindparam("clinic_id"),
        contacts.c.fingerprint == bindparam("fingerprint"),
    )
    columns = [contacts.c.clinic_id, contacts.c.fingerprint, contacts.c.address]
    columns.append(contacts.c.created_at)
    values = (bindparam(column.key, type_=column.type) for column in columns)
    return insert(contacts).from_select(columns, select(*values).where(~known))


def _add_conversation() -> Any:
    contact = (
        select(contacts.c.id)
        .where(contacts.c.clinic_id == bindparam("clinic_id"))
        .where(contacts.c.fingerprint == bindparam("fingerprint"))
        .scalar_subquery()
    )
    values: dict[Any, Any] = {c: bindparam(c.key) for c in conversations.c}
    return insert(conversations).values({**values, conversations.c.contact_id: contact})


def _add_turn(contact: Any) -> Any:
    values: dict[Any, Any] = {column: bindparam(column.key) for column in turns.c}
    return insert(turns).values({**values, turns.c.contact_id: contact})
