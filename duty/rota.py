"""Who is on call when, in which order, and where nobody is.

Somebody has shifts that come again each week, on a rung: the first rung is told first. An override
changes that for a while: somebody stands in, or is away.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from duty.clinic import Day
from duty.hours import stretch

_DAY: Final = timedelta(days=1)
_MIDNIGHT: Final = time(0)
LOOK_AHEAD: Final = timedelta(days=14)
"""So far ahead what is missing in a rota is told."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be on call. `phone`: E.164.  `email`: "" for none."""

    id: int
    name: str
    phone: str
    email: str = ""


@dataclass(frozen=True, slots=True)
class Shift:
    """A person is on `rung` from `begins` to `ends`, each week, on the days on which it begins.

    What ends no later than it begins ends the next day. `time_zone`: an IANA name.
    """

    person: int
    rung: int
    days: frozenset[Day]
    begins: time
    ends: time
    time_zone: str
    id: int = 0


@dataclass(frozen=True, slots=True)
class Override:
    """From `begins` to `ends` (UTC) `present` stands in for `absent`.

    `absent`: None for everybody who is on `rung`.  `present`: None for nobody: who comes after
    is told sooner.  `rung`: needed where `absent` is None.
    """

    absent: int | None
    present: int | None
    rung: int | None
    begins: datetime
    ends: datetime
    id: int = 0


@dataclass(frozen=True, slots=True)
class Rota:
    """A clinic's rota: those who can be on call, and when they are."""

    people: tuple[Person, ...] = ()
    shifts: tuple[Shift, ...] = ()
    overrides: tuple[Override, ...] = ()


class Lack(StrEnum):
    """What can be missing in a rota."""

    NOBODY = "nobody"
    """Nobody is on call: the clinic's own number is rung."""
    ONE = "one"
    """One person is on call, and nobody after them."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `begins` to `ends` (UTC) these people are on call, in this order."""

    begins: datetime
    ends: datetime
    people: tuple[Person, ...]

    @property
    def lack(self) -> Lack | None:
        """What is missing in it."""
        if not self.people:
            return Lack.NOBODY
        return Lack.ONE if len(self.people) == 1 else None


def on_call(rota: Rota, at: datetime) -> tuple[Person, ...]:
    """Who is on call at `at` (UTC), in the order in which they are told; each once."""
    placed = [(one.rung, one.person) for one in rota.shifts if _covers(one, at)]
    for override in rota.overrides:
        if override.begins <= at < override.ends:
            placed = _overridden(placed, override)
    known = {person.id: person for person in rota.people}
    # The same rung twice: the order is that of the ids, and so always the same.
    order = dict.fromkeys(person for _, person in sorted(placed))
    return tuple(known[person] for person in order if person in known)


def stretches(rota: Rota, begins: datetime, ends: datetime) -> tuple[Stretch, ...]:
    """Who is on call from `begins` to `ends` (UTC), as long as it is the same people each."""
    turns = {begins, *(at for at in _turns(rota, begins, ends) if begins < at < ends)}
    found: list[Stretch] = []
    moments = sorted(turns)
    for first, last in zip(moments, [*moments[1:], ends], strict=True):
        people = on_call(rota, first)
        if found and found[-1].people == people:
            found[-1] = Stretch(found[-1].begins, last, people)
        else:
            found.append(Stretch(first, last, people))
    return tuple(found)


def by_day(
    rota: Rota, time_zone: str, first: date, days: int
) -> tuple[tuple[date, tuple[Stretch, ...]], ...]:
    """Who is on call on each of so many days, from midnight to midnight in that zone."""
    zone, found = ZoneInfo(time_zone), []
    for after in range(days):
        day = first + after * _DAY
        found.append((day, stretches(rota, *stretch(day, _MIDNIGHT, _MIDNIGHT, zone))))
    return tuple(found)


def lacking(rota: Rota, at: datetime) -> tuple[Stretch, ...]:
    """What is missing in the rota in the time after `at`."""
    return tuple(one for one in stretches(rota, at, at + LOOK_AHEAD) if one.lack is not None)


def _covers(shift: Shift, at: datetime) -> bool:
    zone = ZoneInfo(shift.time_zone)
    today = at.astimezone(zone).date()
    for day in (today - _DAY, today):
        if day.weekday() in shift.days:
            begins, ends = stretch(day, shift.begins, shift.ends, zone)
            if begins <= at < ends:
                return True
    return False


def _overridden(placed: list[tuple[int, int]], override: Override) -> list[tuple[int, int]]:
    absent, present = override.absent, override.present
    if absent is None:
        assert override.rung is not None, "an override says whom or which rung it changes"
        kept = [one for one in placed if one[0] != override.rung]
        return [*kept, (override.rung, present)] if present is not None else kept
    if present is None:
        return [one for one in placed if one[1] != absent]
    return [(rung, present if person == absent else person) for rung, person in placed]


def _turns(rota: Rota, begins: datetime, ends: datetime) -> Iterator[datetime]:
    """Every moment from `begins` to `ends` at which it may change who is on call."""
    for override in rota.overrides:
        yield from (override.begins, override.ends)
    for shift in rota.shifts:
        zone = ZoneInfo(shift.time_zone)
        day = begins.astimezone(zone).date() - _DAY
        while day <= ends.astimezone(zone).date():
            if day.weekday() in shift.days:
                yield from stretch(day, shift.begins, shift.ends, zone)
            day += _DAY
