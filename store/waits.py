"""How long alerts waited until somebody acknowledged them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BindParameter, bindparam, select

from store.database import Database
from store.duty_tables import alerts


@dataclass(frozen=True, slots=True)
class Waits:
    """The alerts of some days.

    `minutes`: how long each that was acknowledged had waited, the shortest first.
    `of`: the same for each thing that an alert can be about.  `open`: how many still wait.
    """

    minutes: tuple[float, ...]
    of: dict[str, tuple[float, ...]]
    open: int


def read_waits(
    database: Database, clinic: int, begins: datetime | None, before: datetime | None
) -> Waits:
    """The alerts that were raised from `begins` until `before` (UTC); None: without a bound."""
    statement = select(alerts.c.about, alerts.c.raised_at, alerts.c.acknowledged_at).where(
        alerts.c.clinic_id == bindparam("clinic_id"),
        # The daily tests belong to none, and say nothing of how long a person waits.
        alerts.c.conversation_id.is_not(None),
    )
    values: dict[str, object] = {"clinic_id": clinic, "begins": begins, "before": before}
    if begins is not None:
        statement = statement.where(alerts.c.raised_at >= _moment("begins"))
    if before is not None:
        statement = statement.where(alerts.c.raised_at < _moment("before"))
    with database.link() as link:
        rows = link.read(database.query(statement), values)
    of: dict[str, list[float]] = {}
    still = 0
    for about, raised_at, acknowledged_at in rows:
        if about.startswith("erased:"):
            continue
        if acknowledged_at is None:
            still += 1
        else:
            minutes = (acknowledged_at - raised_at).total_seconds() / 60
            of.setdefault(about.partition(":")[0], []).append(minutes)
    every = sorted(minutes for found in of.values() for minutes in found)
    return Waits(tuple(every), {about: tuple(sorted(found)) for about, found in of.items()}, still)


def _moment(name: str) -> BindParameter[datetime]:
    return bindparam(name, type_=alerts.c.raised_at.type)
