"""The log of turns: load, decide, append, so that every turn is kept once.

Nothing is locked while a turn is decided. Two unique keys do the work:

- A turn's place among all turns of its contact. Two messages of one contact at the same moment
  both want the next place; the second is refused and decided again, after the first.
- The carrier's own key. A request that comes again, even at the same moment, gets the turn that
  is stored under it.

Where a connection breaks in the middle, the key tells a second try whether the first was kept.

What follows from a turn, such as a delivery or a row for a list, is written by `Companion`s in the
turn's own transaction: it is there if the turn is, and not otherwise.
"""

import random
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import msgspec

from flows.conversation import Conversation, Turn
from flows.state import State
from flows.utterance import Kind
from store import statements
from store.chain import START, turn_chain
from store.database import Database
from store.errors import Conflict, Lost, StoreError
from store.ids import conversation_id
from store.link import Link, Write
from store.records import stored_state, stored_turn, turn_values
from store.sealing import Sealer

_Values = dict[str, Any]
Decide = Callable[[Conversation | None], Turn | None]

NOBODY: Final = frozenset((Kind.CLOCK, Kind.RELEASE))
"""The kinds of turns in which nobody was heard: their channel is not one that somebody used."""

_TRIES = 40
_PAUSE_SECONDS = 0.04
"""The longest pause before another try. Together under a second, on average."""


class CarrierKey(msgspec.Struct, frozen=True):
    """By what the carrier's repeated request is known.

    `sid`: "SM..." (MessageSid); "CA...:7" (CallSid and the number of the turn); "CA...:hangup".
    `token`: the idempotency token, or None where the carrier sent none.
    """

    sid: str
    token: str | None


class _Newest(msgspec.Struct, frozen=True):
    """Where a contact stands: how many turns they have, and the newest one's conversation.

    `conversation`: None where it was erased; it is then not gone on with.
    `channel`: the newest turn's; None where nobody was heard in it.
    """

    contact: int
    ordinal: int
    chain: bytes
    id: str
    conversation: Conversation | None
    channel: str | None


class Appended(msgspec.Struct, frozen=True):
    """A turn about to be appended.

    `sid`: the carrier's key of the request.  `line`: our own number at which it was heard, or None.
    `address`: the contact's, as `TurnLog.take` was given it.  `fingerprint`: its keyed hash.
    `conversation`: the id of the turn's conversation.
    `before`: the state that it goes on from, or None where it opens the conversation.
    `flow_version`: the flow's, which the conversation was begun under.
    `gave_way`: the id of the contact's conversation before, where this turn opens another.
    `channel_before`: that of the contact's turn before; None where there is none, or nobody was
    heard in it.
    """

    clinic: int
    sid: str
    line: str | None
    address: str
    fingerprint: bytes
    conversation: str
    turn: Turn
    before: State | None
    flow_version: str
    gave_way: str | None
    channel_before: str | None = None


Companion = Callable[[Appended], Iterable[Write]]
"""What else to write with a turn. Pure; it may be asked more than once for the same turn."""


class TurnLog:
    """The turns of the contacts of one clinic.

    `flow`, `flow_version`: those which new conversations are begun under.
    `companions`: what each turn brings along.
    """

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        flow: str,
        flow_version: str,
        clinic: int,
        companions: Sequence[Companion] = (),
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._begun_under = {"flow": flow, "flow_version": flow_version}
        self._vouched = f"{flow} {flow_version}"
        self._clinic = clinic
        self._companions = tuple(companions)
        self._newest = database.query(statements.newest_turn())
        self._stored = database.query(statements.stored_turn())
        self._add_contact = database.query(statements.add_contact())
        self._add_conversation = database.query(statements.add_conversation())
        self._add_first_turn = database.query(statements.add_first_turn())
        self._add_turn = database.query(statements.add_turn())

    def take(
        self, contact: str, key: CarrierKey, decide: Decide, line: str | None = None
    ) -> Turn | None:
        """The turn of the request known by `key`: the stored one, or a new one, then stored.

        `contact`: an address, such as "+12025550143"; "call:CA..." for a hidden caller.
        `decide`: gets the contact's newest conversation, or None, and gives its next turn, or
        None where nothing is to be kept. It may be called more than once, so it must be pure;
        what it raises comes out, and nothing is kept.
        `line`: our own number at which it was heard, for what follows from the turn.

        When a turn is returned, it is on the disk. StoreError: it is not known to be.
        """
        place = {
            "clinic_id": self._clinic,
            "fingerprint": self._sealer.fingerprint(self._clinic, contact),
            "sid": key.sid,
            "token": key.token,
            "line": line or None,
        }
        lost = False
        for tried in range(_TRIES):
            try:
                with self._database.link() as link:
                    # A new key is the rule, so at first nothing is asked about it.
                    stored = self._load(link, place) if tried else None
                    return stored or self._try(link, contact, place, decide)
            except Conflict:
                # Somebody else was first. Pauses differ, so that the losers do not meet again.
                time.sleep(random.random() * min(0.001 * 2**tried, _PAUSE_SECONDS))  # noqa: S311
            except Lost:
                if lost:
                    raise
                lost = True
        raise StoreError("a contact's turns came too fast to be taken one after the other")

    def _try(self, link: Link, contact: str, place: _Values, decide: Decide) -> Turn | None:
        """Decide and append; Conflict where the key or the place is taken."""
        newest = None
        for row in link.read(self._newest, place):
            (contact_id, ordinal, conversation, number, version, *more) = row
            state, sid, token, chain, channel, kind = more
            if sid == place["sid"] or (token is not None and token == place["token"]):
                return self._load(link, place)
            so_far = None
            if state is not None:
                so_far = Conversation(version, number, stored_state(state))
            said_by = channel if kind not in NOBODY else None
            newest = _Newest(contact_id, ordinal, chain, conversation, so_far, said_by)
        try:
            turn = decide(newest.conversation if newest else None)
        except Exception:
            # It was decided before, and what has come since may not bear it a second time.
            stored = self._load(link, place)
            if stored is None:
                raise
            return stored
        if turn is None:
            return self._load(link, place)
        link.write(self._writes(turn, contact, place, newest))
        return turn

    def _load(self, link: Link, place: _Values) -> Turn | None:
        """The turn that is stored under the carrier's key, or None."""
        for row in link.read(self._stored, place):
            return stored_turn(self._stored.named(row), self._sealer)
        return None

    def _writes(
        self, turn: Turn, contact: str, place: _Values, newest: _Newest | None
    ) -> list[Write]:
        """What appends `turn`, in one transaction."""
        place = {
            **place,
            "contact_id": newest.contact if newest else None,
            "ordinal": newest.ordinal + 1 if newest else 1,
        }
        so_far = newest.conversation if newest and not turn.opens else None
        if turn.number != (so_far.number + 1 if so_far else 1) or bool(so_far) is turn.opens:
            raise ValueError("a turn that neither opens a conversation nor goes on at its end")
        before = newest.chain if newest else START
        conversation = newest.id if newest and so_far else conversation_id(turn.at)
        writes: list[Write] = []
        if newest is None:
            seal = self._sealer.seal(contact, f"contact/{place['fingerprint'].hex()}")
            writes.append((self._add_contact, {**place, "address": seal, "created_at": turn.at}))
        if turn.opens:
            started = {"id": conversation, "started_at": turn.at}
            writes.append((self._add_conversation, {**place, **self._begun_under, **started}))
        add = self._add_first_turn if turn.opens else self._add_turn
        writes.append((add, self._chained(turn, conversation, place, before)))
        appended = Appended(
            clinic=self._clinic,
            sid=place["sid"],
            line=place["line"],
            address=contact,
            fingerprint=place["fingerprint"],
            conversation=conversation,
            turn=turn,
            before=so_far.state if so_far else None,
            flow_version=so_far.version if so_far else self._begun_under["flow_version"],
            gave_way=newest.id if newest and turn.opens else None,
            channel_before=newest.channel if newest else None,
        )
        for companion in self._companions:
            writes += companion(appended)
        return writes

    def _chained(self, turn: Turn, conversation: str, place: _Values, before: bytes) -> _Values:
        """The turn's row, with its link to the contact's row before it."""
        row = {**place, **turn_values(turn, conversation, self._sealer)}
        row["chain"] = turn_chain(self._sealer, before, row["digest"], row, self._vouched)
        return row
