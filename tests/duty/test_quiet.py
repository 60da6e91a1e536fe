"""What can wait is not sent at night, by the clock on the clinic's wall."""

from datetime import UTC, datetime, time

import pytest

from duty.clinic import ClinicSettings
from duty.quiet import quiet_until

NIGHT = ClinicSettings()


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-03-02T17:00", None),
        ("2026-03-03T01:59", None),
        ("2026-03-03T02:00", "2026-03-03T13:00"),
        ("2026-03-03T12:59", "2026-03-03T13:00"),
        ("2026-03-03T13:00", None),
        # The clocks go forward in that night, so it is an hour shorter.
        ("2026-03-08T03:00", "2026-03-08T12:00"),
        # And back in this one.
        ("2026-11-01T02:00", "2026-11-01T13:00"),
    ],
)
def test_at_night_it_waits_for_the_morning(at: str, until: str | None) -> None:
    expected = moment(until) if until else None
    assert quiet_until(NIGHT, "America/New_York", moment(at)) == expected


def test_quiet_hours_may_lie_within_a_day() -> None:
    lunch = ClinicSettings(quiet_from=time(12), quiet_to=time(13))
    at = moment("2026-03-02T12:30")
    assert quiet_until(lunch, "UTC", at) == moment("2026-03-02T13:00")
    assert quiet_until(lunch, "UTC", moment("2026-03-02T13:00")) is None


def test_from_and_to_the_same_time_is_never_quiet() -> None:
    never = ClinicSettings(quiet_from=time(0), quiet_to=time(0))
    for hour in range(24):
        assert quiet_until(never, "UTC", moment("2026-03-02T00:00").replace(hour=hour)) is None
