"""Whom to tell next: everybody on call in their order, until somebody answers or nobody is left."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import pairwise

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from duty.alert import Alert, How, Ladder
from duty.clinic import ClinicSettings, Telling
from duty.daily_test import due_test
from duty.ladder import Hold, Rest, Rung, RunOut, Step, Tell, begins_at, next_step
from duty.rota import Override, Rota, on_call
from tests.duty.test_rota import ANN, BOTH, CAT, here, moments, rotas

ZONE = "America/New_York"
NIGHT = here("2026-03-02T03:00")
NOON = here("2026-03-02T12:00")
USUAL = ClinicSettings()


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def an_alert(about: str = "T1", raised_at: datetime = NIGHT) -> Alert:
    return Alert(1, 1, "c", about, 1, raised_at)


def play(
    alert: Alert,
    rota: Rota = BOTH,
    settings: ClinicSettings = USUAL,
    outcome: str | None = None,
) -> list[tuple[datetime, str]]:
    """Everything that happens while nobody acknowledges; `outcome`: how each call ends, at once."""
    at, rungs, found = alert.raised_at, list[Rung](), list[tuple[datetime, str]]()
    while True:
        step: Step = next_step(alert, settings, ZONE, rota, rungs, at)
        match step:
            case Tell(number, person):
                found.append((at, person.name[:3] if person else "clinic"))
                ended = at if outcome else None
                rungs.append(Rung(number, person.id if person else None, at, outcome, ended))
                assert number == len(rungs)
            case Hold(until):
                assert until > at
                at = until
            case RunOut():
                return [*found, (at, "alarm")]
            case Rest():
                return [*found, (at, "rest")]


def test_a_t1_at_night_goes_from_one_to_the_next_and_round_again() -> None:
    assert play(an_alert()) == [
        (NIGHT, "Ann"),
        (NIGHT + minutes(4), "Ben"),
        (NIGHT + minutes(8), "Ann"),
        (NIGHT + minutes(12), "Ben"),
        (NIGHT + minutes(16), "alarm"),
    ]


def test_who_is_busy_is_passed_at_once_and_has_rest_before_the_next_round() -> None:
    assert play(an_alert(), outcome="busy") == [
        (NIGHT, "Ann"),
        (NIGHT, "Ben"),
        (NIGHT + minutes(4), "Ann"),
        (NIGHT + minutes(4), "Ben"),
        (NIGHT + minutes(4), "alarm"),
    ]


def test_a_gap_in_the_rota_rings_the_clinic_itself() -> None:
    assert [who for _, who in play(an_alert(), Rota())] == ["clinic", "clinic", "alarm"]


def test_a_t2_in_hours_waits_some_minutes_and_no_longer_than_fifteen() -> None:
    first = play(an_alert("T2", NOON))[0]
    assert first == (NOON + minutes(10), "Ann")
    assert first[0] - NOON < minutes(15)


def test_a_t2_at_night_waits_until_the_clinic_opens() -> None:
    assert play(an_alert("T2", NIGHT))[0] == (here("2026-03-02T09:00"), "Ann")


def test_a_t2_just_before_closing_is_told_the_same_day() -> None:
    raised = here("2026-03-02T16:59")
    assert play(an_alert("T2", raised))[0] == (raised + minutes(10), "Ann")


def test_a_clinic_that_never_opens_is_told_all_the_same() -> None:
    closed = ClinicSettings(hours=())
    assert play(an_alert("T2"), settings=closed)[0] == (NIGHT + minutes(10), "Ann")


def test_what_is_for_the_page_rings_nobody() -> None:
    settings = ClinicSettings(tell_t0=Telling.ON_PAGE)
    assert play(an_alert("T0"), settings=settings) == [(NIGHT, "rest")]


def test_advice_that_did_not_arrive_is_told_at_once() -> None:
    assert begins_at(an_alert("undelivered:T2"), USUAL, ZONE) == NIGHT
    in_hours = ClinicSettings(tell_undelivered=Telling.IN_HOURS)
    assert begins_at(an_alert("undelivered:T2"), in_hours, ZONE) == here("2026-03-02T09:00")


def test_nobody_can_settle_that_t1_may_wait() -> None:
    names = [name for name in USUAL.__struct_fields__ if name.startswith("tell_")]
    every = msgspec.convert(dict.fromkeys(names, "on_page"), ClinicSettings)
    assert begins_at(an_alert("T2"), every, ZONE) is None
    assert begins_at(an_alert("T1"), every, ZONE) == NIGHT


def test_who_comes_on_call_is_told_before_a_second_round() -> None:
    later = NIGHT + minutes(6)
    cat = Override(None, CAT.id, 1, later, later + minutes(60))
    told = [who for _, who in play(an_alert(), replace(BOTH, overrides=(cat,)))]
    assert told == ["Ann", "Ben", "Cat", "Ben", "Cat", "alarm"]


def test_whoever_acknowledges_ends_it() -> None:
    done = replace(
        an_alert(),
        acknowledged_at=NIGHT,
        acknowledged_by=ANN.name,
        acknowledged_how=How.KEY,
    )
    assert next_step(done, USUAL, ZONE, BOTH, [Rung(1, 1, NIGHT)], NIGHT + minutes(9)) == Rest()


def test_what_ran_out_does_not_begin_again() -> None:
    out = replace(an_alert(), ladder=Ladder.RAN_OUT)
    assert next_step(out, USUAL, ZONE, BOTH, [], NIGHT) == Rest()


def test_the_daily_test_tells_one() -> None:
    assert play(an_alert("test:2026-03-02")) == [(NIGHT, "Ann"), (NIGHT + minutes(4), "alarm")]


def test_the_daily_test_is_due_once_a_day_and_not_hours_late() -> None:
    settings = ClinicSettings(test_alert_at=time(10))
    at = here("2026-03-08T10:00")  # the day on which the clock was put forward
    assert due_test(settings, ZONE, at) == "test:2026-03-08"
    assert due_test(settings, ZONE, at + minutes(119)) == "test:2026-03-08"
    for other in (at - minutes(1), at + minutes(120)):
        assert due_test(settings, ZONE, other) is None
    assert due_test(ClinicSettings(test_alert_at=None), ZONE, at) is None


outcomes = st.sampled_from([None, "busy", "no-answer"])
abouts = st.sampled_from(["T1", "T2", "T0", "crisis", "not_seen", "undelivered:T1"])


@given(rotas, abouts, moments, outcomes, st.integers(1, 30), st.integers(1, 4))
def test_every_ladder_ends_and_skips_nobody(
    rota: Rota, about: str, raised: datetime, outcome: str | None, rung: int, rounds: int
) -> None:
    settings = ClinicSettings(rung_minutes=rung, rounds=rounds)
    alert = an_alert(about, raised)
    found = play(alert, rota, settings, outcome)
    *told, (ended, end) = found
    assert end == "alarm"
    begins = begins_at(alert, settings, ZONE)
    assert begins is not None
    assert told[0][0] == begins
    for at, who in told:
        names = [person.name[:3] for person in on_call(rota, at)] or ["clinic"]
        assert who in names
    for who in {who for _, who in told}:
        times = [at for at, one in told if one == who]
        assert len(times) <= rounds
        assert all(b - a >= minutes(rung) for a, b in pairwise(times))
    last = [person.name[:3] for person in on_call(rota, ended)] or ["clinic"]
    assert all([one for _, one in told].count(name) >= rounds for name in last)


@given(rotas, abouts, moments, st.integers(0, 3000))
def test_nobody_is_told_before_it_begins(
    rota: Rota, about: str, raised: datetime, after: int
) -> None:
    alert, at = an_alert(about, raised), raised + minutes(after)
    begins = begins_at(alert, USUAL, ZONE)
    assert begins is not None
    step = next_step(alert, USUAL, ZONE, rota, [], at)
    assert step == Hold(begins) if at < begins else isinstance(step, Tell)
