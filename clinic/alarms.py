"""What stands at the top of the inbox: what must not be left to the line alone.

Alerts that do not go out, advice that did not arrive, and alerts that nobody has answered.
"""

from dataclasses import dataclass
from datetime import datetime

from duty.alert import UNDELIVERED, Alert, Ladder, kind
from store.alerts import open_alerts
from store.database import Database
from store.rungs import RungBook
from store.stuck import has_gone_out, stuck_alerts


@dataclass(frozen=True, slots=True)
class Alarm:
    """`key` names its words (alarm.KEY).  `since`: when it began (UTC).

    `about`: what the alert is about, or "" where it is about the line itself.
    """

    key: str
    about: str
    conversation: str | None
    since: datetime


def alarms_of(database: Database, clinic: int, at: datetime) -> list[Alarm]:
    """The alarms of a clinic at that moment (UTC), the most urgent first."""
    found = []
    stuck = stuck_alerts(database, at, clinic)
    if stuck is not None:
        found.append(Alarm("stuck", "", None, stuck.since))
    for alert in open_alerts(database, clinic):
        if kind(alert.about) == UNDELIVERED:
            key = "undelivered"
        elif alert.ladder is Ladder.RAN_OUT:
            key = _how_it_ran_out(database, alert)
        else:
            continue
        about = alert.about.partition(":")[2] or alert.about
        found.append(Alarm(key, about, alert.conversation, alert.raised_at))
    return found


def _how_it_ran_out(database: Database, alert: Alert) -> str:
    """Whether anybody was told at all, and whether anybody was on call."""
    if alert.conversation is not None and not has_gone_out(database, alert.conversation, alert.id):
        return "nobody_told"
    rungs = RungBook(database).read(alert.id)
    on_call = any(rung.person is not None for rung in rungs)
    return "nobody_acknowledged" if on_call else "nobody_on_call"
