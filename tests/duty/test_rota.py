"""Who is on call, in which order, and where nobody is."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from duty.clinic import Day
from duty.rota import (
    Lack,
    Override,
    Person,
    Rota,
    Shift,
    by_day,
    lacking,
    on_call,
    stretches,
)

ANN, BEN, CAT = (
    Person(1, "Ann Example", "+12025550101"),
    Person(2, "Ben Example", "+12025550102"),
    Person(3, "Cat Example", "+12025550103"),
)
NEW_YORK = "America/New_York"
EVERY_DAY = frozenset(Day)
ALL_DAY = (EVERY_DAY, time(0), time(0), NEW_YORK)
BOTH = Rota((ANN, BEN, CAT), (Shift(1, 1, *ALL_DAY), Shift(2, 2, *ALL_DAY)))

_FIRST = datetime(2026, 1, 1, tzinfo=UTC)
moments = st.integers(0, 366 * 24 * 60).map(lambda count: _FIRST + timedelta(minutes=count))
zones = st.sampled_from((NEW_YORK, "Europe/London", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"))
times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
days = st.frozensets(st.sampled_from(Day))
shifts = st.builds(Shift, st.integers(1, 3), st.integers(1, 3), days, times, times, zones)
someone = st.one_of(st.none(), st.integers(1, 3))
overrides = st.builds(
    lambda absent, present, rung, begins, hours: Override(
        absent, present, rung, begins, begins + timedelta(hours=hours)
    ),
    someone,
    someone,
    st.integers(1, 3),
    moments,
    st.integers(1, 500),
)
rotas = st.builds(
    Rota,
    st.just((ANN, BEN, CAT)),
    st.lists(shifts, max_size=5).map(tuple),
    st.lists(overrides, max_size=3).map(tuple),
)


def here(text: str, zone: str = NEW_YORK) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def names(rota: Rota, at: datetime) -> str:
    return " ".join(person.name[:3] for person in on_call(rota, at))


def test_the_first_rung_is_told_first() -> None:
    assert names(BOTH, here("2026-03-02T03:00")) == "Ann Ben"
    turned = replace(BOTH, shifts=(Shift(1, 2, *ALL_DAY), Shift(2, 1, *ALL_DAY)))
    assert names(turned, here("2026-03-02T03:00")) == "Ben Ann"


def test_a_night_shift_ends_the_next_morning() -> None:
    night = Shift(1, 1, frozenset((Day.FRIDAY,)), time(17), time(8), "Europe/London")
    rota = Rota((ANN,), (night,))
    at = {
        "2026-03-27T16:59": "",
        "2026-03-27T17:00": "Ann",
        "2026-03-28T07:59": "Ann",
        "2026-03-28T08:00": "",
        "2026-03-28T18:00": "",
    }
    assert {text: names(rota, here(text, "Europe/London")) for text in at} == at


def test_a_shift_goes_by_its_own_time_zone() -> None:
    """Somebody who is on call from elsewhere, whose clocks change on another day."""
    abroad = Shift(1, 1, EVERY_DAY, time(9), time(17), "Australia/Sydney")
    rota = Rota((ANN,), (abroad,))
    at = ("2026-04-03T18:30", "2026-04-04T18:30", "2026-04-04T19:30")
    assert [names(rota, here(text)) for text in at] == ["Ann", "", "Ann"]


def test_somebody_stands_in() -> None:
    begins, ends = here("2026-08-01T00:00"), here("2026-08-15T00:00")
    rota = replace(BOTH, overrides=(Override(1, 3, None, begins, ends),))
    assert names(rota, begins - timedelta(seconds=1)) == "Ann Ben"
    assert names(rota, begins) == "Cat Ben"
    assert names(rota, ends) == "Ann Ben"


def test_who_is_away_is_not_told() -> None:
    begins, ends = here("2026-08-01T00:00"), here("2026-08-15T00:00")
    rota = replace(BOTH, overrides=(Override(1, None, None, begins, ends),))
    assert names(rota, begins) == "Ben"


def test_a_rung_is_taken_over_whoever_is_on_it() -> None:
    begins, ends = here("2026-08-01T00:00"), here("2026-08-15T00:00")
    rota = replace(BOTH, overrides=(Override(None, 3, 2, begins, ends),))
    assert names(rota, begins) == "Ann Cat"


def test_one_person_on_two_rungs_is_told_once_a_round() -> None:
    rota = Rota((ANN,), (Shift(1, 1, *ALL_DAY), Shift(1, 2, *ALL_DAY)))
    assert names(rota, here("2026-03-02T03:00")) == "Ann"


def test_who_was_removed_is_nobody() -> None:
    assert names(replace(BOTH, people=(BEN,)), here("2026-03-02T03:00")) == "Ben"


def test_an_empty_rota_lacks_everything() -> None:
    at = here("2026-03-02T03:00")
    [lack] = lacking(Rota(), at)
    assert (lack.begins, lack.ends, lack.lack) == (at, at + timedelta(days=14), Lack.NOBODY)


def test_a_gap_is_found() -> None:
    week = frozenset(day for day in Day if day < Day.SATURDAY)
    rota = Rota((ANN, BEN), (Shift(1, 1, *ALL_DAY), Shift(2, 2, week, time(0), time(0), NEW_YORK)))
    assert lacking(BOTH, here("2026-03-02T03:00")) == ()
    found = lacking(rota, here("2026-03-02T03:00"))
    assert [one.lack for one in found] == [Lack.ONE, Lack.ONE]
    # The night from Saturday to Sunday is the one in which the clock is put forward.
    assert (found[0].begins, found[0].ends) == (here("2026-03-07T00:00"), here("2026-03-09T00:00"))
    assert found[0].ends - found[0].begins == timedelta(hours=47)


def test_a_week_is_shown_day_by_day() -> None:
    """The day on which the clock is put forward is an hour shorter."""
    nights = Shift(1, 1, EVERY_DAY, time(17), time(8), NEW_YORK)
    days = by_day(Rota((ANN,), (nights,)), NEW_YORK, date(2026, 3, 7), 2)
    assert [day.isoformat() for day, _ in days] == ["2026-03-07", "2026-03-08"]
    for _, parts in days:
        assert [[one.name for one in part.people] for part in parts] == [[ANN.name], [], [ANN.name]]
    first, second = (parts[0].ends - parts[0].begins for _, parts in days)
    assert (first, second) == (timedelta(hours=8), timedelta(hours=7))


@given(moments, times, times, zones)
def test_two_shifts_that_meet_leave_no_gap(at: datetime, one: time, other: time, zone: str) -> None:
    """Also in the nights in which a clock is put forward or back."""
    begins, ends = min(one, other), max(one, other)
    if begins == ends:
        ends = time(0)
    meeting = Rota(
        (ANN, BEN),
        (Shift(1, 1, EVERY_DAY, begins, ends, zone), Shift(2, 1, EVERY_DAY, ends, begins, zone)),
    )
    assert on_call(meeting, at)


@given(rotas, moments)
def test_each_is_on_call_once(rota: Rota, at: datetime) -> None:
    found = on_call(rota, at)
    assert len(set(found)) == len(found)


@given(rotas, moments, st.integers(1, 200), st.integers(0, 100))
def test_a_stretch_is_the_same_all_through(
    rota: Rota, begins: datetime, hours: int, percent: int
) -> None:
    ends = begins + timedelta(hours=hours)
    found = stretches(rota, begins, ends)
    assert (found[0].begins, found[-1].ends) == (begins, ends)
    assert all(a.ends == b.begins for a, b in pairwise(found))
    assert all(a.people != b.people for a, b in pairwise(found))
    for one in found:
        within = one.begins + (one.ends - one.begins) * percent / 101
        assert on_call(rota, within) == one.people
