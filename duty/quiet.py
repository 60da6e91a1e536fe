"""When a message that can wait may be sent: not in a clinic's quiet hours."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from duty.clinic import ClinicSettings


def quiet_until(settings: ClinicSettings, time_zone: str, at: datetime) -> datetime | None:
    """The end of the quiet hours that `at` is in (both UTC); None where it is in none.

    `time_zone`: an IANA name.  Quiet from and to the same time of day is never quiet.
    """
    here = at.astimezone(ZoneInfo(time_zone))
    begins, ends = settings.quiet_from, settings.quiet_to
    if not _within(here.time(), begins, ends):
        return None
    day = here.date() if here.time() < ends else here.date() + timedelta(days=1)
    # By the clock on the wall, also in a night in which that is changed.
    return datetime.combine(day, ends, here.tzinfo).astimezone(UTC)


def _within(now: time, begins: time, ends: time) -> bool:
    if begins <= ends:
        return begins <= now < ends
    return now >= begins or now < ends  # over midnight
