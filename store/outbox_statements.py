"""The statements of the outbox, as SQLAlchemy writes them; values are bound by name."""

from typing import Any, Final

from sqlalchemy import (
    Text,
    Update,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    null,
    or_,
    select,
    update,
)

from duty.delivery import Stage
from store.tables import Instant, outbox

FINISHING: Final = ("stage", "reason", "due_at", "slot_at", "error_code", "settled_at")
"""What a fenced write may set; the rest of a row belongs to receipts."""

ROW = [column for column in outbox.c if column.key != "lease_until"]
_is_due = (
    outbox.c.lane == bindparam("lane"),
    outbox.c.due_at <= bindparam("now"),
    or_(outbox.c.lease_until.is_(None), outbox.c.lease_until <= bindparam("now")),
)
ANY_DUE = select(outbox.c.id).where(*_is_due).limit(literal_column("1"))

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
CLAIM: Update = (
    update(outbox)
    .where(outbox.c.id.in_(select(_due.c.id)))
    .values(lease_by=bindparam("by"), lease_until=bindparam("until"))
    .returning(*ROW)
)
_mine = (outbox.c.id == bindparam("of_id"), outbox.c.lease_by == bindparam("of_by"))
TRYING = (
    update(outbox)
    .where(*_mine, outbox.c.carrier_rank == bindparam("of_rank"))
    .values(
        stage=literal_column(f"'{Stage.SENDING.value}'"),
        attempts=outbox.c.attempts + literal_column("1"),
        tried_at=bindparam("now"),
    )
    .returning(outbox.c.id)
)
_FREE: Final = {"lease_by": None, "lease_until": None}
FINISH = (
    update(outbox)
    .where(*_mine, outbox.c.carrier_rank == bindparam("of_rank"))
    .values({name: bindparam(name) for name in FINISHING} | _FREE)
    .returning(outbox.c.id)
)


def _unless_received(column: str, value: Any) -> Any:
    """`value`, or what a receipt that was quicker has written."""
    none_yet = outbox.c.carrier_rank == literal_column("0")
    return case((none_yet, value), else_=outbox.c[column])


SENT = (
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
CANCEL = (
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
HASTEN = (
    update(outbox)
    .where(outbox.c.key == bindparam("of_key"), outbox.c.due_at > bindparam("sooner"))
    .values(due_at=bindparam("sooner"))
)
GO_ON = (
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
SETTLE = GO_ON.values(settled_at=bindparam("now"), due_at=bindparam("due_at"), **_FREE)
LEFT = select(func.count().label("count")).where(outbox.c.due_at <= bindparam("now"))
OF_ID = select(*ROW).where(outbox.c.id == bindparam("of_id"))
OF_SID = select(*ROW).where(outbox.c.carrier_sid == bindparam("sid"))
OF_CONVERSATION = (
    select(*ROW)
    .where(outbox.c.conversation_id == bindparam("conversation"))
    .order_by(outbox.c.created_at, outbox.c.id)
)
OF_KEY = select(*ROW).where(outbox.c.key == bindparam("of_key"))
# The carrier's keys lead to its own copy of the message; where a conversation ended is a finding.
FORGET = (
    update(outbox)
    .where(outbox.c.conversation_id == bindparam("conversation"))
    .values(
        key=literal_column("'erased:'").concat(cast(outbox.c.id, Text)),
        payload=literal_column("'{}'"),
        carrier_sid=None,
        due_at=None,
        reason=literal_column("'erased'"),
        stage=case(
            (outbox.c.due_at.is_not(None), literal_column(f"'{Stage.DROPPED.value}'")),
            else_=outbox.c.stage,
        ),
        **_FREE,
    )
)
