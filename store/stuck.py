"""Alerts that do not go out: texts and calls to whoever is on call that the carrier has not taken.

Each is tried at once and then again and again, so whatever is older than that has a reason that
somebody must know of: the carrier is away, or no worker goes on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, bindparam, func, literal_column, select

from duty.climbing import Climb
from duty.delivery import Lane, Stage
from store.database import Database
from store.tables import outbox

AFTER: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Stuck:
    """`count`: how many do not go out.  `since`: when the oldest was to go out (UTC)."""

    count: int
    since: datetime


def stuck_alerts(database: Database, at: datetime, clinic: int | None = None) -> Stuck | None:
    """The alerts that do not go out at that moment, of one clinic or of all; None: none is late.

    StoreError: the database does not answer.
    """
    values: dict[str, Any] = {"late": at - AFTER}
    statement = _STUCK
    if clinic is not None:
        statement = _STUCK.where(outbox.c.clinic_id == bindparam("clinic_id"))
        values["clinic_id"] = clinic
    ((count, since),) = _read(database, statement, values)
    return Stuck(count, since) if count else None


def has_gone_out(database: Database, conversation: str, alert: int) -> bool:
    """Whether the carrier has taken a text or a call about that alert of a conversation."""
    of = {"conversation": conversation}
    begins = tuple(f"{kind}:{alert}:" for kind in (Climb.TEXT, Climb.CALL))
    return any(key.startswith(begins) for (key,) in _read(database, _TAKEN, of))


def _read(
    database: Database, statement: Select[Any], values: Mapping[str, Any]
) -> list[tuple[Any, ...]]:
    with database.link() as link:
        return link.read(database.query(statement), values)


def _named(*names: str) -> list[ColumnElement[str]]:
    return [literal_column(f"'{name}'") for name in names]


_to_staff = outbox.c.kind.in_(_named(Climb.TEXT, Climb.CALL))
_count: Any = func.count().label("count")
_STUCK = select(
    _count,
    func.min(outbox.c.created_at, type_=outbox.c.created_at.type).label("since"),
).where(
    outbox.c.due_at.is_not(None),
    outbox.c.lane == literal_column(f"'{Lane.URGENT.value}'"),
    _to_staff,
    outbox.c.stage.in_(_named(Stage.WAITING, Stage.SENDING)),
    outbox.c.created_at <= bindparam("late"),
)
_TAKEN = select(outbox.c.key).where(
    outbox.c.conversation_id == bindparam("conversation"), _to_staff, outbox.c.sent_at.is_not(None)
)
