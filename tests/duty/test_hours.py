"""Opening hours go by the clock on the clinic's wall."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duty.clinic import ClinicSettings, Day, Opening
from duty.hours import is_open, next_open

ZONES = ("America/New_York", "Europe/London", "Australia/Sydney", "Asia/Kolkata", "UTC")
WEEK = ClinicSettings()
NIGHTS = ClinicSettings(hours=(Opening(Day.SATURDAY, time(20), time(4)),))
ALWAYS = ClinicSettings(hours=tuple(Opening(day, time(0), time(0)) for day in Day))

_FIRST = datetime(2025, 1, 1, tzinfo=UTC)
moments = st.integers(0, 3 * 366 * 24 * 60).map(lambda count: _FIRST + timedelta(minutes=count))
times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
openings = st.builds(Opening, st.sampled_from(Day), times, times)
settled = st.builds(ClinicSettings, hours=st.lists(openings, max_size=6).map(tuple))


def here(text: str, zone: str = "America/New_York") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "is_so"),
    [
        ("2026-03-02T08:59:59", False),
        ("2026-03-02T09:00", True),
        ("2026-03-02T16:59:59", True),
        ("2026-03-02T17:00", False),
        ("2026-03-07T12:00", False),
        ("2026-03-09T09:00", True),  # the clock was put forward the day before
        ("2026-11-02T09:00", True),  # and back
    ],
)
def test_open_from_nine_to_five(at: str, is_so: bool) -> None:
    assert is_open(WEEK, "America/New_York", here(at)) is is_so


def test_hours_over_midnight_belong_to_the_day_on_which_they_begin() -> None:
    """The night in which the clock is put back is an hour longer."""
    assert is_open(NIGHTS, "America/New_York", here("2026-11-01T03:59"))
    assert not is_open(NIGHTS, "America/New_York", here("2026-11-02T03:00"))
    assert not is_open(NIGHTS, "America/New_York", here("2026-10-31T19:59"))


def test_it_opens_on_monday() -> None:
    found = next_open(WEEK, "Europe/London", here("2026-03-27T17:00", "Europe/London"))
    assert found == here("2026-03-30T09:00", "Europe/London")


def test_a_clinic_without_hours_never_opens() -> None:
    assert next_open(ClinicSettings(hours=()), "UTC", here("2026-03-02T09:00")) is None


@given(moments, st.sampled_from(ZONES))
def test_a_clinic_that_never_closes_is_open(at: datetime, zone: str) -> None:
    assert is_open(ALWAYS, zone, at)
    assert next_open(ALWAYS, zone, at) == at


@given(settled, moments, st.sampled_from(ZONES))
def test_it_is_open_when_it_opens_next_and_not_before(
    settings: ClinicSettings, at: datetime, zone: str
) -> None:
    found = next_open(settings, zone, at)
    if found is None:
        # Only what a clock put forward has swallowed may be left: minutes of one night.
        assert not is_open(settings, zone, at)
        return
    assert found >= at
    assert is_open(settings, zone, found)
    for part in range(10):
        between = at + (found - at) * part / 10
        assert is_open(settings, zone, between) is (between >= found or at == found)
    assert found - at <= timedelta(days=8)
