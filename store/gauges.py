"""What waits, how long, and how deliveries went: figures of the whole installation, at a moment.

They are read when somebody asks and not counted along, so every process tells the same, and none
is lost with a process. No words and no numbers of people are in them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, func, literal_column, select

from duty.delivery import Lane
from store.database import Database
from store.duty_tables import alerts
from store.heartbeats import alive
from store.stuck import stuck_alerts
from store.tables import outbox

_NEWEST: Final = 10_000
"""So many deliveries are looked through at most: a scrape must not read years of them."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many wait, and for how many seconds the one that has waited longest."""

    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Gauges:
    """`queue`: what is due and not done, by lane.  `processes`: those that go on, by kind.

    `alerts`: those that nobody has acknowledged, by kind.
    `deliveries`: those of the last day, by kind and stage.
    `stuck`: the alerts that do not go out, by lane.
    """

    queue: Mapping[str, Waiting]
    alerts: Mapping[str, Waiting]
    deliveries: Mapping[tuple[str, str], int]
    processes: Mapping[str, int]
    stuck: Mapping[str, Waiting]


def gauges(database: Database, at: datetime) -> Gauges:
    """The figures at that moment. StoreError: the database does not answer."""
    place = {"at": at, "since": at - timedelta(days=1)}
    with database.link() as link:
        queue = link.read(database.query(_QUEUE), place)
        unanswered = link.read(database.query(_ALERTS), place)
        deliveries = link.read(database.query(_DELIVERIES), place)
    stuck = stuck_alerts(database, at)
    processes: dict[str, int] = {}
    for process in alive(database, at):
        processes[process.kind] = processes.get(process.kind, 0) + 1
    return Gauges(
        queue={lane: _waiting(count, oldest, at) for lane, count, oldest in queue},
        alerts=_by_kind(unanswered, at),
        deliveries={(kind, stage): count for kind, stage, count in deliveries},
        processes=processes,
        stuck={
            Lane.URGENT.value: _waiting(stuck.count, stuck.since, at) if stuck else Waiting(0, 0.0)
        },
    )


def _by_kind(rows: list[tuple[Any, ...]], at: datetime) -> dict[str, Waiting]:
    """What is after the colon of an alert's subject would make a figure of each conversation."""
    found: dict[str, Waiting] = {}
    for about, count, oldest in rows:
        kind, new = about.partition(":")[0], _waiting(count, oldest, at)
        so_far = found.get(kind, Waiting(0, 0.0))
        found[kind] = Waiting(so_far.count + new.count, max(so_far.seconds, new.seconds))
    return found


def _waiting(count: int, oldest: datetime, at: datetime) -> Waiting:
    return Waiting(count, max((at - oldest).total_seconds(), 0.0))


def _oldest(column: Any) -> Any:
    return func.min(column, type_=column.type).label("oldest")


_count = func.count().label("count")
_QUEUE = (
    select(outbox.c.lane, _count, _oldest(outbox.c.due_at))
    .where(outbox.c.due_at.is_not(None), outbox.c.due_at <= bindparam("at"))
    .group_by(outbox.c.lane)
)
_ALERTS = (
    select(alerts.c.about, _count, _oldest(alerts.c.raised_at))
    .where(
        alerts.c.acknowledged_at.is_(None),
        alerts.c.conversation_id.is_not(None),
        alerts.c.about.not_like(literal_column("'erased:%'")),
    )
    .group_by(alerts.c.about)
)
_newest = (
    select(outbox.c.kind, outbox.c.stage, outbox.c.created_at)
    .order_by(outbox.c.id.desc())
    .limit(literal_column(str(_NEWEST)))
    .subquery()
)
_DELIVERIES = (
    select(_newest.c.kind, _newest.c.stage, _count)
    .where(_newest.c.created_at >= bindparam("since"))
    .group_by(_newest.c.kind, _newest.c.stage)
)
