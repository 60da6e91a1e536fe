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
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import (
    Select,
    Text,
    Update,
    bindparam,
    case,
    func,
    literal_column,
    null,
    or_,
    select,
    update,
)

from duty.delivery import FINAL, Due, Job, Lane, Receipt, Stage
from store.database import Database
from store.link import Write
from store.query import Query
from store.tables import Instant, outbox

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, str | int | None]).decode


class Outbox:
    """The outbox in a database; safe for threads. Every method may raise StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database
        add = database.insert(outbox).values({name: bindparam(name) for name in _ADDED})
        self._add = database.query(add.on_conflict_do_nothing(index_elements=["key"]))
        moved: dict[str, Any] = {name: bindparam(name) for name in ("due_at", "stage", "reason")}
        free = {"lease_by": None, "lease_until": None}
        self._move = database.query(
            add.on_conflict_do_update(index_elements=["key"], set_={**moved, **free})
        )
        self._cancel = database.query(_CANCEL)
        self._claim = database.query(_CLAIM)
        self._any_due = database.query(_ANY_DUE)
        self._trying = database.query(_TRYING)
        self._finish = database.query(_FINISH)
        self._sent = database.query(_SENT)
        self._settle = database.query(_SETTLE)
        self._go_on = database.query(_GO_ON)

    # --- Putting in -------------------------------------------------------------------------------

    def writes(self, *due: Due) -> list[Write]:
        """What puts `due` in, in the transaction of whoever writes it; nothing where it is."""
        return [(self._add, _added(one)) for one in due]

    def put(self, *due: Due) -> None:
        """Put `due` in, in a transaction of its own."""
        with self._database.link() as link:
            link.write(self.writes(*due))

    def move_write(self, due: Due) -> Write:
        """What puts `due` in, or moves what has its key to its `due_at`: it waits again.

        Whoever has claimed it before has lost it: its moment has changed.
        """
        return self._move, _added(due)

    def cancel_write(self, key: str, reason: str) -> Write:
        """What drops the row of that key, unless the carrier has been asked to send it."""
        return self._cancel, {"of_key": key, "because": reason}

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

    def trying(self, job: Job, at: datetime) -> bool:
        """Note that the carrier is about to be asked. False: the lease is lost, so do not ask."""
        values = {"of_id": job.id, "of_by": job.lease_by, "now": at}
        return self._changed(self._trying, values)

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

    # --- What the carrier says --------------------------------------------------------------------

    def receive_write(self, job: Job, receipt: Receipt, at: datetime) -> Write:
        """What moves a row to the receipt's state, if that is further on than it stands.

        A row that the carrier knows by another key is left alone.
        """
        values = {"of_id": job.id, "sid": receipt.sid, "state": receipt.state, "now": at}
        values |= {"rank": receipt.rank, "stage": receipt.stage.value, "code": receipt.code}
        return (self._settle if receipt.stage in FINAL else self._go_on), values

    # --- Reading ----------------------------------------------------------------------------------

    def of_conversation(self, conversation: str) -> list[Job]:
        """Everything that belongs to a conversation, oldest first."""
        return self._read(_OF_CONVERSATION, {"conversation": conversation})

    def of_id(self, job: int) -> Job | None:
        """The row of that id."""
        found = self._read(_OF_ID, {"of_id": job})
        return found[0] if found else None

    def of_sid(self, sid: str) -> Job | None:
        """The row of the message or call that the carrier knows as `sid`."""
        found = self._read(_OF_SID, {"sid": sid})
        return found[0] if found else None

    def of_key(self, key: str) -> Job | None:
        """The row of that key."""
        found = self._read(_OF_KEY, {"of_key": key})
        return found[0] if found else None

    def _read(self, statement: Select[Any], values: Mapping[str, Any]) -> list[Job]:
        query = self._database.query(statement)
        with self._database.link() as link:
            return [_job(query, row) for row in link.read(query, values)]

    def _changed(self, query: Query, values: Mapping[str, Any]) -> bool:
        with self._database.link() as link:
            return bool(link.change(query, values))


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
        "attempts": 0,
        "stage": Stage.WAITING.value,
        "reason": None,
        "carrier_rank": 0,
    }


_ADDED: Final = (
    *("key", "clinic_id", "conversation_id", "kind", "lane", "payload", "sender", "created_at"),
    *("due_at", "attempts", "stage", "reason", "carrier_rank"),
)
_FINISHING: Final = ("stage", "reason", "due_at", "slot_at", "error_code", "settled_at")


def _finishing(job: Job, changes: Mapping[str, Any]) -> dict[str, Any]:
    """What a fenced write sets: `changes`, and everything else as the job had it."""
    kept = {name: getattr(job, name) for name in _FINISHING}
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


# --- Statements -----------------------------------------------------------------------------------

_ROW = [column for column in outbox.c if column.key != "lease_until"]
_is_due = (
    outbox.c.lane == bindparam("lane"),
    outbox.c.due_at <= bindparam("now"),
    or_(outbox.c.lease_until.is_(None), outbox.c.lease_until <= bindparam("now")),
)
_ANY_DUE = select(outbox.c.id).where(*_is_due).limit(literal_column("1"))

# A table expression, not a plain subquery: PostgreSQL may evaluate one of those again and again,
# and lock more rows than it is told to.
_due = (
    select(outbox.c.id)
    .where(*_is_due)
    .order_by(outbox.c.due_at)
    .limit(bindparam("at_most"))
    .with_for_update(skip_locked=True)
    .cte("due")
)
_CLAIM: Update = (
    update(outbox)
    .where(outbox.c.id.in_(select(_due.c.id)))
    .values(lease_by=bindparam("by"), lease_until=bindparam("until"))
    .returning(*_ROW)
)
_mine = (outbox.c.id == bindparam("of_id"), outbox.c.lease_by == bindparam("of_by"))
_TRYING = (
    update(outbox)
    .where(*_mine)
    .values(
        stage=literal_column(f"'{Stage.SENDING.value}'"),
        attempts=outbox.c.attempts + literal_column("1"),
        tried_at=bindparam("now"),
    )
    .returning(outbox.c.id)
)
_FREE: Final = {"lease_by": None, "lease_until": None}
_FINISH = (
    update(outbox)
    .where(*_mine, outbox.c.carrier_rank == bindparam("of_rank"))
    .values({name: bindparam(name) for name in _FINISHING} | _FREE)
    .returning(outbox.c.id)
)


def _unless_received(column: str, value: Any) -> Any:
    """`value`, or what a receipt that was quicker has written."""
    none_yet = outbox.c.carrier_rank == literal_column("0")
    return case((none_yet, value), else_=outbox.c[column])


_SENT = (
    update(outbox)
    .where(*_mine)
    .values(
        carrier_sid=bindparam("sid"),
        carrier_state=_unless_received("carrier_state", bindparam("state", type_=Text)),
        stage=_unless_received("stage", literal_column(f"'{Stage.SENT.value}'")),
        reason=_unless_received("reason", null()),
        due_at=case(
            (outbox.c.settled_at.is_(None), bindparam("look_at", type_=Instant)), else_=null()
        ),
        sent_at=bindparam("now"),
        **_FREE,
    )
    .returning(outbox.c.id)
)
_CANCEL = (
    update(outbox)
    .where(
        outbox.c.key == bindparam("of_key"),
        outbox.c.stage == literal_column(f"'{Stage.WAITING.value}'"),
    )
    .values(
        stage=literal_column(f"'{Stage.DROPPED.value}'"),
        reason=bindparam("because"),
        due_at=None,
        **_FREE,
    )
)
_GO_ON = (
    update(outbox)
    .where(
        outbox.c.id == bindparam("of_id"),
        outbox.c.carrier_rank < bindparam("rank"),
        or_(outbox.c.carrier_sid.is_(None), outbox.c.carrier_sid == bindparam("sid")),
    )
    .values(
        carrier_sid=bindparam("sid"),
        carrier_state=bindparam("state"),
        carrier_rank=bindparam("rank"),
        error_code=bindparam("code"),
        stage=bindparam("stage"),
        reason=None,
        sent_at=func.coalesce(outbox.c.sent_at, bindparam("now", type_=Instant)),
    )
)
_SETTLE = _GO_ON.values(settled_at=bindparam("now"), due_at=None, **_FREE)
_OF_ID = select(*_ROW).where(outbox.c.id == bindparam("of_id"))
_OF_SID = select(*_ROW).where(outbox.c.carrier_sid == bindparam("sid"))
_OF_CONVERSATION = (
    select(*_ROW)
    .where(outbox.c.conversation_id == bindparam("conversation"))
    .order_by(outbox.c.created_at, outbox.c.id)
)
_OF_KEY = select(*_ROW).where(outbox.c.key == bindparam("of_key"))
