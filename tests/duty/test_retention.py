"""Which conversations are erased by rule, and when it is night."""

from datetime import UTC, datetime, timedelta

import pytest

from duty.clinic import DEFAULTS, ClinicSettings
from duty.retention import Because, Course, because, night_of
from flows.definition import read_flow

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
FLOW = read_flow()


def why(days: float, position: str, *, flagged: bool = False) -> Because | None:
    return because(FLOW, DEFAULTS, Course(NOW - timedelta(days=days), position, flagged), NOW)


@pytest.mark.parametrize("position", ["consent", "bladder", "unfinished"])
def test_what_came_to_no_end_goes_after_90_days(position: str) -> None:
    assert why(89.9, position) is None
    assert why(90, position) is Because.UNFINISHED


@pytest.mark.parametrize(
    ("position", "flagged"),
    [("unfinished", True), ("bladder", True), ("emergency", True), ("guidance", False)],
)
def test_what_held_a_flag_or_came_to_an_end_goes_after_8_years(
    position: str, flagged: bool
) -> None:
    assert why(2900, position, flagged=flagged) is None
    assert why(8 * 366, position, flagged=flagged) is Because.EXPIRED


def test_a_position_of_an_older_flow_counts_as_an_end() -> None:
    """Rather kept too long than gone too soon."""
    assert why(400, "a_question_of_long_ago") is None


def test_a_clinic_may_settle_it_for_itself() -> None:
    rule = ClinicSettings(unfinished_days=7, kept_years=3)
    course = Course(NOW - timedelta(days=8), "bladder", flagged=False)
    assert because(FLOW, rule, course, NOW) is Because.UNFINISHED


@pytest.mark.parametrize(
    ("at", "zone", "night"),
    [
        ("2026-03-02T02:00", "Europe/London", "2026-03-02"),
        ("2026-03-02T01:59", "Europe/London", None),
        ("2026-03-02T05:00", "Europe/London", None),
        ("2026-03-02T08:30", "America/New_York", "2026-03-02"),
        ("2026-03-01T15:30", "Australia/Sydney", "2026-03-02"),
    ],
)
def test_night_is_by_the_clinics_own_time(at: str, zone: str, night: str | None) -> None:
    assert night_of(datetime.fromisoformat(at).replace(tzinfo=UTC), zone) == night


@pytest.mark.parametrize("month", [3, 4, 10, 11])
def test_each_day_of_a_change_of_clocks_has_one_night(month: int) -> None:
    """Asked every ten minutes, each day's night comes, whatever the clocks do."""
    for zone in ("Europe/London", "America/New_York", "Australia/Sydney"):
        begins = datetime(2026, month, 1, tzinfo=UTC)
        asked = [begins + timedelta(minutes=10 * step) for step in range(6 * 24 * 28)]
        nights = {night_of(at, zone) for at in asked} - {None}
        assert len(nights) in (28, 29)
