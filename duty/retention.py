"""When what people said is erased by rule: which conversations, and in which night."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from duty.clinic import ClinicSettings
from flows.definition import CONSENT, UNFINISHED, Flow

NIGHT_FROM: Final = 2
NIGHT_TO: Final = 5
"""Hours of the clinic's own time: few people call then, and no clock is put back past them."""


class Because(StrEnum):
    """By which rule a conversation is erased."""

    UNFINISHED = "unfinished"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Course:
    """What the rules look at. `last_at`: when its newest turn was heard (UTC).

    `position`: where that turn left it.  `flagged`: any of its turns held a red flag, or raised
    something to the clinic.
    """

    last_at: datetime
    position: str
    flagged: bool


def because(flow: Flow, rule: ClinicSettings, course: Course, at: datetime) -> Because | None:
    """By which rule the conversation is to be erased `at` that moment; None: it is kept."""
    age = at - course.last_at
    # A year of 365 days and a quarter: kept a few hours longer is better than too short.
    if age >= timedelta(days=365.25 * rule.kept_years):
        return Because.EXPIRED
    old = age >= timedelta(days=rule.unfinished_days)
    return Because.UNFINISHED if old and not course.flagged and _is_open(flow, course) else None


def shortest(rule: ClinicSettings) -> timedelta:
    """Nothing younger than that is erased by rule."""
    return timedelta(days=min(rule.unfinished_days, 365.25 * rule.kept_years))


def night_of(at: datetime, time_zone: str) -> str | None:
    """The night in which `at` (UTC) is, by the day on which it ends; None: it is no night there."""
    local = at.astimezone(ZoneInfo(time_zone))
    return local.date().isoformat() if NIGHT_FROM <= local.hour < NIGHT_TO else None


def _is_open(flow: Flow, course: Course) -> bool:
    """Whether it came to no end; a position that this flow does not know counts as an end."""
    return course.position in (CONSENT, UNFINISHED) or course.position in flow.question
