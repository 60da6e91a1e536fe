"""What to do next for an alert: whom to tell, until when to wait, or that it ran out.

Pure: the same alert, settings, rota, rungs and time give the same step. Each rung tells one person,
by text and by call. Who is busy or does not answer is passed at once; otherwise the next one is
told after some minutes. Nobody is told more often than the clinic's rounds, nor again within the
minutes of a rung. Where nobody is on call, the clinic's own number is rung.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from duty.alert import TEST, Alert, Ladder
from duty.clinic import ClinicSettings, Telling
from duty.hours import is_open, next_open
from duty.rota import Person, Rota, on_call


@dataclass(frozen=True, slots=True)
class Rung:
    """Somebody was told.

    `number`: from 1 within its alert.  `person`: their id; None for the clinic's own number.
    `outcome`, `ended_at`: how it ended, such as "busy", and when; None, both: it has not.
    """

    number: int
    person: int | None
    at: datetime
    outcome: str | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tell:
    """Tell `person` now, as the rung of that number; None: the clinic's own number."""

    number: int
    person: Person | None


@dataclass(frozen=True, slots=True)
class Hold:
    """Nothing is to be done before `until` (UTC)."""

    until: datetime


@dataclass(frozen=True, slots=True)
class RunOut:
    """Everybody was told, and nobody has answered."""


@dataclass(frozen=True, slots=True)
class Rest:
    """Nobody is to be told, or no more."""


Step = Tell | Hold | RunOut | Rest

_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_OVER: Final = (Ladder.RAN_OUT, Ladder.RESTS)


def next_step(
    alert: Alert,
    settings: ClinicSettings,
    time_zone: str,
    rota: Rota,
    rungs: Sequence[Rung],
    at: datetime,
) -> Step:
    """What to do at `at` (UTC). `rungs`: those so far, in their order."""
    if alert.acknowledged_at is not None or alert.ladder in _OVER:
        return Rest()
    begins = begins_at(alert, settings, time_zone)
    if begins is None:
        return Rest()
    if at < begins:
        return Hold(begins)
    rest = timedelta(minutes=settings.rung_minutes)
    if rungs and rungs[-1].ended_at is None and at < rungs[-1].at + rest:
        return Hold(rungs[-1].at + rest)
    if alert.kind == TEST and rungs:
        return RunOut()
    told = Counter(rung.person for rung in rungs)
    last = {rung.person: rung.at for rung in rungs}
    order: Sequence[Person | None] = on_call(rota, at) or (None,)
    # Who was told least often, and of those longest ago: who came on call since comes first.
    person = min(order, key=lambda one: (told[_id(one)], last.get(_id(one), _NEVER)))
    if told[_id(person)] >= max(1, settings.rounds):
        return RunOut()
    before = last.get(_id(person), _NEVER)
    if at < before + rest:
        return Hold(before + rest)
    return Tell(len(rungs) + 1, person)


def begins_at(alert: Alert, settings: ClinicSettings, time_zone: str) -> datetime | None:
    """When the first one is to be told (UTC); None where nobody is, and the page alone says it."""
    raised = alert.raised_at
    match settings.telling(alert.about):
        case Telling.AT_ONCE:
            return raised
        case Telling.ON_PAGE:
            return None
        case Telling.IN_HOURS:
            opens = next_open(settings, time_zone, raised)
            if opens is None or is_open(settings, time_zone, raised):
                # On the page at once: whoever sits there has the first minutes for it.
                return raised + timedelta(minutes=settings.wait_minutes)
            return opens


def _id(person: Person | None) -> int | None:
    return person.id if person else None
