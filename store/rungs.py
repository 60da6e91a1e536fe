"""Who was told of an alert, when, and how that ended: the rungs of its ladder as climbed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, insert, select, update

from duty.alert import Ladder
from duty.delivery import Due
from duty.ladder import Rung
from store.database import Database
from store.duty_tables import alerts, rungs
from store.errors import Conflict
from store.link import Write
from store.outbox import Outbox


class RungBook:
    """The rungs of all alerts in `database`; safe for threads. StoreError: the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._outbox = Outbox(database)

    def read(self, alert: int) -> tuple[Rung, ...]:
        """The rungs of an alert, in their order."""
        with self._database.link() as link:
            rows = link.read(self._database.query(_RUNGS), {"alert": alert})
        return tuple(Rung(*row) for row in rows)

    def climb(self, alert: int, rung: Rung, due: Iterable[Due]) -> bool:
        """Note that somebody is told, with what does it; False: somebody else has noted it."""
        values = {
            "alert_id": alert,
            "number": rung.number,
            "person_id": rung.person,
            "at": rung.at,
        }
        climbs: Write = self.stands_write(alert, Ladder.CLIMBS)
        add: Write = (self._database.query(_ADD), values)
        try:
            with self._database.link() as link:
                link.write([add, climbs, *self._outbox.writes(*due)])
        except Conflict:
            return False
        return True

    def ended_write(self, alert: int, number: int, outcome: str, at: datetime) -> Write:
        """How a rung ended, unless that is known."""
        values = {"alert": alert, "of_number": number, "said": outcome, "at": at}
        return self._database.query(_END), values

    def stands_write(self, alert: int, ladder: Ladder) -> Write:
        """How far the telling has come; nothing where somebody has acknowledged it."""
        return self._database.query(_STANDS), {"alert": alert, "to": ladder.value}


_of_alert = rungs.c.alert_id == bindparam("alert")
_NAMES: Final = ("number", "person_id", "at", "outcome", "ended_at")
_RUNGS = select(*(rungs.c[name] for name in _NAMES)).where(_of_alert).order_by(rungs.c.number)
_ADD = insert(rungs).values(
    {name: bindparam(name) for name in ("alert_id", "number", "person_id", "at")}
)
_END = (
    update(rungs)
    .where(_of_alert, rungs.c.number == bindparam("of_number"), rungs.c.ended_at.is_(None))
    .values(outcome=bindparam("said"), ended_at=bindparam("at"))
)
_STANDS = (
    update(alerts)
    .where(alerts.c.id == bindparam("alert"), alerts.c.acknowledged_at.is_(None))
    .values(ladder=bindparam("to"))
)
