"""Erasing what a person said, on request, so that the log can still be vouched for.

What was heard, how it was understood, what was answered and the state go, and with a contact their
number; and with them their card in the lists, the index of their words, and what staff wrote about
them. What stays of a turn is its place, its time, its channel and its hashes, with the moment
and the reason of the erasure: a tombstone, marked with the key, so that words taken out by hand
are told from those taken out by rule.

Copies of the database are not reached: erase in them too, or let them expire.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from store.actions import forget_actions_write
from store.alerts import forget_write
from store.blocking import forget_blocked_write
from store.cards import forget_card_writes
from store.chain import tombstone
from store.database import Database
from store.link import Link, Write
from store.outbox import forget_deliveries_write
from store.query import Query
from store.sealing import Sealer
from store.tables import contacts, turns
from store.tables import conversations as begun

_UNDER_WAY_SECONDS = 0.1
"""A turn that was being decided is stored after that, and swept up."""


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was erased."""

    conversations: int
    turns: int


class Erasure:
    """Erases for a clinic, giving `reason`, which is kept with each turn and must name nobody."""

    def __init__(self, database: Database, sealer: Sealer, clinic: int, reason: str) -> None:
        self._database = database
        self._sealer = sealer
        self._clinic = clinic
        self._reason = reason
        self._of_contact = database.query(_OF_CONTACT)
        self._of_conversation = database.query(_OF_CONVERSATION)
        self._bury = database.query(_BURY)

    def contact(self, address: str, at: datetime) -> Erased:
        """Erase a contact and all their conversations. Who writes again is somebody new."""
        fingerprint = self._sealer.fingerprint(self._clinic, address)
        values = {"clinic_id": self._clinic, "fingerprint": fingerprint}
        with self._database.link() as link:
            known = link.read(self._database.query(_CONTACT), values)
            if not known:
                return Erased(0, 0)
            ((contact,),) = known
            forget: Write = (self._database.query(_FORGET), {"contact": contact})
            unblock = forget_blocked_write(self._database, self._clinic, fingerprint)
            return self._erase(link, self._of_contact, [contact], at, [forget, unblock])

    def conversations(self, ids: Sequence[str], at: datetime) -> Erased:
        """Erase conversations of that id; the next turn of their contact begins a new one.

        What had gone along to a later conversation (a T1 of the last weeks) stays there. A number
        to call back goes: it was given in one of their conversations, and nobody knows in which.
        """
        forget = self._database.query(_NO_CALLBACK)
        also: list[Write] = [(forget, {"of": id_, "clinic": self._clinic}) for id_ in ids]
        with self._database.link() as link:
            return self._erase(link, self._of_conversation, ids, at, also)

    def _erase(
        self, link: Link, find: Query, ids: Sequence[Any], at: datetime, also: list[Write]
    ) -> Erased:
        done: list[str] = []
        for _ in range(2):
            writes = list(also)
            for id_ in ids:
                place = {"clinic_id": self._clinic, "id": id_}
                for conversation, number, chain in link.read(find, place):
                    writes.append(self._write(conversation, number, chain, at))
                    done.append(conversation)
            for one in set(done):
                writes.append(forget_write(self._database, one))
                writes += forget_card_writes(self._database, one)
                writes.append(forget_actions_write(self._database, one))
                writes.append(forget_deliveries_write(self._database, one))
            if writes:
                link.write(writes)
            also = []
            time.sleep(_UNDER_WAY_SECONDS)
        return Erased(len(set(done)), len(done))

    def _write(self, conversation: str, number: int, chain: bytes, at: datetime) -> Write:
        return self._bury, {
            "of_conversation": conversation,
            "of_number": number,
            # The carrier's key leads to the carrier's copy of the message.
            "sid": f"erased {conversation} {number}",
            "erased_at": at,
            "erased_because": self._reason,
            "tombstone": tombstone(self._sealer, chain, at, self._reason),
        }


_turn = select(turns.c.conversation_id, turns.c.number, turns.c.chain).where(
    turns.c.erased_at.is_(None), turns.c.clinic_id == bindparam("clinic_id")
)
_OF_CONTACT = _turn.where(turns.c.contact_id == bindparam("id"))
_OF_CONVERSATION = _turn.where(turns.c.conversation_id == bindparam("id"))
_CONTACT = select(contacts.c.id).where(
    contacts.c.fingerprint == bindparam("fingerprint"),
    contacts.c.clinic_id == bindparam("clinic_id"),
)
_FORGET = (
    update(contacts)
    .where(contacts.c.id == bindparam("contact"))
    .values(fingerprint=None, address=None, callback=None)
)
_whose = select(begun.c.contact_id).where(begun.c.id == bindparam("of")).scalar_subquery()
_NO_CALLBACK = (
    update(contacts)
    .where(contacts.c.id == _whose)
    .where(contacts.c.clinic_id == bindparam("clinic"))
    .values(callback=None)
)
_GONE = ("heard", "said", "state", "meaning", "rule", "flags", "asked", "question", "token")
_BURY = (
    update(turns)
    .where(
        turns.c.conversation_id == bindparam("of_conversation"),
        turns.c.number == bindparam("of_number"),
    )
    .values(
        dict.fromkeys((*_GONE, "keyword", "in_reply_to"))
        | {"position": "erased", "alerts": "[]", "connect": False, "hang_up": False}
        | {"confidence": 1.0, "attachments": 0}
        | {n: bindparam(n) for n in ("sid", "erased_at", "erased_because", "tombstone")}
    )
)
