"""When a clinic is open, by the clock on its own wall, also where that is put forward or back."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from duty.clinic import ClinicSettings

_DAY: Final = timedelta(days=1)
_WEEK: Final = 7


def is_open(settings: ClinicSettings, time_zone: str, at: datetime) -> bool:
    """Whether the clinic is open at `at` (UTC). `time_zone`: an IANA name."""
    return any(begins <= at < ends for begins, ends in _openings(settings, time_zone, at, days=1))


def next_open(settings: ClinicSettings, time_zone: str, at: datetime) -> datetime | None:
    """`at`, where the clinic is open then; else when it opens next. None: it never opens (UTC)."""
    found = [
        max(at, begins)
        for begins, ends in _openings(settings, time_zone, at, days=_WEEK + 1)
        if ends > at
    ]
    return min(found, default=None)


def midnight(day: date, zone: ZoneInfo, plus: int = 0) -> datetime:
    """When a day begins in `zone`, or the one so many days after it (UTC)."""
    return datetime.combine(day + plus * _DAY, time(), zone).astimezone(UTC)


def stretch(day: date, begins: time, ends: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From `begins` on `day` to the `ends` that comes next, in UTC.

    What ends no later than it begins ends the next day. Where a clock that is put forward leaves
    nothing in between, both are the same or the second is earlier.
    """
    last = day if begins < ends else day + _DAY
    first = datetime.combine(day, begins, zone).astimezone(UTC)
    return first, datetime.combine(last, ends, zone).astimezone(UTC)


def _openings(
    settings: ClinicSettings, time_zone: str, at: datetime, days: int
) -> Iterator[tuple[datetime, datetime]]:
    """The openings that begin from the day before `at` to `days` after it."""
    zone = ZoneInfo(time_zone)
    today = at.astimezone(zone).date()
    for after in range(-1, days + 1):
        day = today + after * _DAY
        for opening in settings.hours:
            if opening.day == day.weekday():
                yield stretch(day, opening.opens, opening.closes, zone)
