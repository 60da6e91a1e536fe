"""What stands at the top of the inbox: advice that did not arrive, and alerts nobody answered."""

from dataclasses import dataclass
from datetime import datetime

from duty.alert import UNDELIVERED, Ladder, kind
from store.alerts import open_alerts
from store.database import Database


@dataclass(frozen=True, slots=True)
class Alarm:
    """`key` names its words (alarm.KEY).  `since`: when it began (UTC)."""

    key: str
    about: str
    conversation: str | None
    since: datetime


def alarms_of(database: Database, clinic: int) -> list[Alarm]:
    """The alarms of a clinic, the most urgent first."""
    found = []
    for alert in open_alerts(database, clinic):
        if kind(alert.about) == UNDELIVERED:
            key = "undelivered"
        elif alert.ladder is Ladder.RAN_OUT:
            key = "nobody_acknowledged"
        else:
            continue
        about = alert.about.partition(":")[2] or alert.about
        found.append(Alarm(key, about, alert.conversation, alert.raised_at))
    return found
