"""What an alert puts into the outbox: its ladder, and what each rung of it sends."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from duty.alert import Alert
from duty.delivery import Due, Lane
from duty.ladder import Rung

PATROL: Final = "daily_tests"
"""The kind, and the key, of the one row that looks after the daily tests of all clinics."""


class Climb(StrEnum):
    """The kinds of the rows in the outbox."""

    LADDER = "ladder"
    """Decides whom to tell next, and when."""
    TEXT = "alert_text"
    CALL = "alert_call"
    MAIL = "alarm_mail"
    """Says that the ladder ran out."""


def ladder_due(
    clinic: int, conversation: str | None, about: str, at: datetime, sender: str | None = None
) -> Due:
    """What begins the ladder of that alert, or makes it look again. `sender`: a number of ours."""
    return Due(
        key=f"{Climb.LADDER}:{conversation or clinic}:{about}",
        clinic=clinic,
        kind=Climb.LADDER,
        at=at,
        lane=Lane.URGENT,
        conversation=conversation,
        payload={"about": about},
        sender=sender,
    )


def rung_due(alert: Alert, rung: Rung, sender: str | None) -> tuple[Due, ...]:
    """What tells somebody: a text and a call, at once."""
    return tuple(_due(alert, kind, rung.number, rung.at, sender) for kind in _TELLING)


def mail_due(alert: Alert, at: datetime) -> Due:
    """The mail that says that nobody acknowledged it."""
    return _due(alert, Climb.MAIL, 0, at, None)


_TELLING: Final = (Climb.TEXT, Climb.CALL)


def _due(alert: Alert, kind: Climb, rung: int, at: datetime, sender: str | None) -> Due:
    return Due(
        key=f"{kind}:{alert.id}:{rung}",
        clinic=alert.clinic,
        kind=kind,
        at=at,
        lane=Lane.URGENT,
        conversation=alert.conversation,
        payload={"alert": alert.id, "rung": rung},
        sender=sender,
    )
