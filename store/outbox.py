"""What must happen after a turn or at a time: a text, a call, a look at the clock.

Each is a row of the table `outbox`, and the row is the record of it as well. It is added in the
transaction of the turn that causes it (`Outbox.writes`, in a companion), so it is there if the turn
is. Who works claims rows that are due, with a lease: while that lasts nobody else takes them, and
when a process dies the next one does after it. Each write to a claimed row is fenced: whoever has
lost the lease changes nothing any more, and is told.

    waiting ──claim, trying──▶ sending ──sent──▶ sent ──receipts──▶ delivered or failed
       ▲                          │
       └── later ─────────────────┘   (a row found in `sending` may have been sent: look it up)

The carrier's receipts come in any order, and sometimes before its answer was written down. They
name the row by its id, and its `carrier_rank` only grows: what is written after a receipt never
takes it back.

A row with a `due_at` has something to do then; without one nothing is left.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import Select, Text, bindparam, func

from duty.delivery import FINAL, Due, Job, Lane, Receipt, Stage
from store import outbox_statements as statements
from store.database import Database
from store.link import Write
from store.query import Query
from store.tables import outbox

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, str | int | None]).decode


class Outbox:
    """The outbox in a database; safe for threads. Every method may raise StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database
        add = database.insert(outbox).values({name: bindparam(name) for name in _ADDED})
        self._add = database.query(add.on_conflict_do_nothing(index_elements=["key"]))
        moved: dict[str, Any] = {
            name: bindparam(name) for name in ("due_at", "stage", "reason", "payload")
        }
        moved["sender"] = func.coalesce(bindparam("sender", type_=Text), outbox.c.sender)
        free = {"lease_by": None, "lease_until": None}
        self._move = database.query(
            add.on_conflict_do_update(index_elements=["key"], set_={**moved, **free})
        )
        self._cancel = database.query(statements.CANCEL)
        self._hasten = database.query(statements.HASTEN)
        self._claim = database.query(statements.CLAIM)
        self._any_due = database.query(statements.ANY_DUE)
        self._trying = database.query(statements.TRYING)
        self._finish = database.query(statements.FINISH)
        self._sent = database.query(statements.SENT)
        self._settle = database.query(statements.SETTLE)
        self._go_on = database.query(statements.GO_ON)

    # --- Putting in -------------------------------------------------------------------------------

    def writes(self, *due: Due) -> list[Write]:
        """What puts `due` in, in the transaction of whoever writes it; nothing where it is."""
        return [(self._add, _added(one)) for one in due]

    def put(self, *due: Due) -> None:
        """Put `due` in, in a transaction of its own."""
        with self._database.link() as link:
            link.write(self.writes(*due))

    def move_write(self, due: Due) -> Write:
        """What puts `due` in, or moves what has its key to its `due_at` and payload.

        It waits again, and whoever has claimed it before has lost it: its moment has changed.
        """
        return self._move, _added(due)

    def cancel_write(self, key: str, reason: str) -> Write:
        """What drops the row of that key, unless the carrier has been asked to send it."""
        return self._cancel, {"of_key": key, "because": reason}

    def hasten_write(self, key: str, due_at: datetime) -> Write:
        """What makes the row of that key due at `due_at`, if it is there and waits for later."""
        return self._hasten, {"of_key": key, "sooner": due_at}

    # --- Working it off ---------------------------------------------------------------------------

    def claim(
        self, lane: Lane, by: str, at: datetime, lease: timedelta, at_most: int = 10
    ) -> list[Job]:
        """Up to `at_most` rows that are due at `at`, the oldest first, from now on `by`'s own.

        `by`: unique to the process (and thread).  `lease`: how long nobody else takes them.
        """
        values = {"lane": lane.value, "now": at, "at_most": at_most}
        with self._database.link() as link:
            # Asking is cheap, and most of the time there is nothing; changing waits for its turn.
            if not link.read(self._any_due, values):
                return []
            taken = {"by": by, "until": at + lease}
            rows = link.change(self._claim, {**values, **taken})
        jobs = (_job(self._claim, row) for row in rows)
        return sorted(jobs, key=lambda job: (job.due_at or job.created_at, job.id))

    def trying(self, job: Job, at: datetime) -> Job | None:
        """Note that the carrier is about to be asked. None: the lease is lost, so do not ask."""
        values = {"of_id": job.id, "of_by": job.lease_by, "of_rank": job.carrier_rank, "now": at}
        if not self._changed(self._trying, values):
            return None
        return replace(job, stage=Stage.SENDING, attempts=job.attempts + 1, tried_at=at)

    def sent(
        self, job: Job, sid: str, state: str, at: datetime, look_at: datetime | None = None
    ) -> bool:
        """Note that the carrier took it. `look_at`: when somebody must look how it went.

        Where a receipt was quicker, that one tells how it stands.
        """
        values = {"of_id": job.id, "of_by": job.lease_by, "now": at, "look_at": look_at}
        return self._changed(self._sent, {**values, "sid": sid, "state": state})

    def later(
        self,
        job: Job,
        due_at: datetime,
        reason: str | None = None,
        *,
        stage: Stage | None = None,
        slot: bool = False,
        code: int | None = None,
    ) -> bool:
        """Give it back, due again at `due_at`.

        `stage`: the one to have from now on; None to keep it.  `slot`: `due_at` is its place
        among the texts of its number.
        """
        changes: dict[str, Any] = {"due_at": due_at, "reason": reason, "error_code": code}
        if stage is not None:
            changes["stage"] = stage.value
        if slot:
            changes["slot_at"] = due_at
        return self._changed(self._finish, _finishing(job, changes))

    def close(
        self,
        job: Job,
        stage: Stage,
        at: datetime,
        reason: str | None = None,
        *,
        code: int | None = None,
        also: Iterable[Write] = (),
    ) -> bool:
        """Nothing is left to do. `also`: written in the same transaction, lease or no lease."""
        changes: dict[str, Any] = {"stage": stage.value, "due_at": None, "reason": reason}
        changes |= {"settled_at": at, "error_code": code or job.error_code}
        values = _finishing(job, changes)
        also = list(also)
        if not also:
            return self._changed(self._finish, values)
        with self._database.link() as link:
            link.write([(self._finish, values), *also])
        return True

    def rest(self, job: Job) -> bool:
        """Nobody need look at it again; how it stands stays as it is."""
        return self._changed(self._finish, _finishing(job, {"due_at": None}))

    # --- What the carrier says --------------------------------------------------------------------

    def receive(self, about: int | str, receipt: Receipt, at: datetime) -> None:
        """Move a row to the receipt's state, if that is further on than it stands.

        `about`: the row's id or its key; what is not there (any more), or is known to the carrier
        by another sid, is left alone.  A row that failed is due at once: somebody must act on it.
        """
        job = self.of_key(about) if isinstance(about, str) else self.of_id(about)
        if job is None:
            return
        values = {"of_id": job.id, "sid": receipt.sid, "state": receipt.state, "now": at}
        values |= {"rank": receipt.rank, "stage": receipt.stage.value, "code": receipt.code}
        values |= {"due_at": at if receipt.stage is Stage.FAILED else None}
        query = self._settle if receipt.stage in FINAL else self._go_on
        with self._database.link() as link:
            link.write([(query, values)])

    # --- Reading ----------------------------------------------------------------------------------

    def of_conversation(self, conversation: str) -> list[Job]:
        """Everything that belongs to a conversation, oldest first."""
        return self._read(statements.OF_CONVERSATION, {"conversation": conversation})

    def left(self, at: datetime) -> int:
        """How many rows are due at `at`, whoever is at them."""
        query = self._database.query(statements.LEFT)
        with self._database.link() as link:
            ((count,),) = link.read(query, {"now": at})
        return int(count)

    def of_id(self, job: int) -> Job | None:
        """The row of that id."""
        found = self._read(statements.OF_ID, {"of_id": job})
        return found[0] if found else None

    def of_sid(self, sid: str) -> Job | None:
        """The row of the message or call that the carrier knows as `sid`."""
        found = self._read(statements.OF_SID, {"sid": sid})
        return found[0] if found else None

    def of_key(self, key: str) -> Job | None:
        """The row of that key."""
        found = self._read(statements.OF_KEY, {"of_key": key})
        return found[0] if found else None

    def _read(self, statement: Select[Any], values: Mapping[str, Any]) -> list[Job]:
        query = self._database.query(statement)
        with self._database.link() as link:
            return [_job(query, row) for row in link.read(query, values)]

    def _changed(self, query: Query, values: Mapping[str, Any]) -> bool:
        with self._database.link() as link:
            return bool(link.change(query, values))


def forget_deliveries_write(database: Database, conversation: str) -> Write:
    """What leaves of a conversation's rows only that there were some; what waited is not sent."""
    return database.query(statements.FORGET), {"conversation": conversation}


# --- Rows -----------------------------------------------------------------------------------------


def _added(due: Due) -> dict[str, Any]:
    return {
        "key": due.key,
        "clinic_id": due.clinic,
        "conversation_id": due.conversation,
        "kind": due.kind,
        "lane": due.lane.value,
        "payload": _encode(dict(due.payload)).decode(),
        "sender": due.sender,
        "created_at": due.at,
        "due_at": due.due_at or due.at,
        "attempts": 1 if due.begun else 0,
        "tried_at": due.at if due.begun else None,
        "stage": (Stage.SENDING if due.begun else Stage.WAITING).value,
        "reason": None,
        "carrier_rank": 0,
    }


_ADDED: Final = (
    *("key", "clinic_id", "conversation_id", "kind", "lane", "payload", "sender", "created_at"),
    *("due_at", "attempts", "tried_at", "stage", "reason", "carrier_rank"),
)


def _finishing(job: Job, changes: Mapping[str, Any]) -> dict[str, Any]:
    """What a fenced write sets: `changes`, and everything else as the job had it."""
    kept = {name: getattr(job, name) for name in statements.FINISHING}
    fence = {"of_id": job.id, "of_by": job.lease_by, "of_rank": job.carrier_rank}
    return {**kept, **changes, **fence}


def _job(query: Query, row: tuple[Any, ...]) -> Job:
    found = query.named(row)
    return Job(
        id=found["id"],
        key=found["key"],
        clinic=found["clinic_id"],
        conversation=found["conversation_id"],
        kind=found["kind"],
        lane=Lane(found["lane"]),
        payload=_decode(found["payload"]),
        sender=found["sender"],
        created_at=found["created_at"],
        due_at=found["due_at"],
        lease_by=found["lease_by"],
        attempts=found["attempts"],
        tried_at=found["tried_at"],
        stage=Stage(found["stage"]),
        reason=found["reason"],
        slot_at=found["slot_at"],
        carrier_sid=found["carrier_sid"],
        carrier_state=found["carrier_state"],
        carrier_rank=found["carrier_rank"],
        error_code=found["error_code"],
        sent_at=found["sent_at"],
        settled_at=found["settled_at"],
    )
