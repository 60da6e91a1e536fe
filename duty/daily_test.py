"""The alert that is sent each day to see that alerts arrive: when it is due."""

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from duty.alert import TEST
from duty.clinic import ClinicSettings

_LATE: Final = timedelta(hours=2)
"""A test that nobody could send by then is left out: it would come at an odd time."""


def due_test(settings: ClinicSettings, time_zone: str, at: datetime) -> str | None:
    """What the test alert due at `at` (UTC) is about, such as "test:2026-03-02"; None: none is."""
    if settings.test_alert_at is None:
        return None
    zone = ZoneInfo(time_zone)
    today = at.astimezone(zone).date()
    due_at = datetime.combine(today, settings.test_alert_at, zone).astimezone(UTC)
    return f"{TEST}:{today.isoformat()}" if due_at <= at < due_at + _LATE else None


def asked_test(at: datetime) -> str:
    """What a test alert is about that somebody asks for at `at`."""
    return f"{TEST}:{at.isoformat(timespec='seconds')}"
