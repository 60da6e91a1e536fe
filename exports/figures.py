"""The figures that a clinic looks at, counted day by day (`store.tallies`).

Each can be counted again from an export of the same days; the names of its keys are in brackets.

- Per day and tier: conversations that began on that day of the clinic [started_at], by the tier
  where they stand now [tier], or OPEN.
- Per question: in how many it was put, that is where something was heard while it was open
  [turns.asked] or it is what they stand at [stands_at]; what was read in what was heard at it
  [turns.understood]; and how many stopped there: open at it [stands_at], or ended T0 with it as
  the last that was open. The introduction stands first, put to all; what is said to it is not
  counted, since it cannot be told from what is said after an end.
- Per channel by which it began [the first of channels] and language [language]: how many began,
  came to advice (T1 to T5), ended unfinished (T0), are open.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from duty.hours import midnight
from flows.definition import CONSENT, Flow, Tier
from flows.reading import Answer, Miss
from store.cards import OPEN
from store.database import Database
from store.tallies import Tally, tallies

STANDINGS: Final = (*(tier.value for tier in Tier if tier is not Tier.T0), Tier.T0.value, OPEN)
"""Every tier, most urgent first, then what did not finish and what has not ended."""


@dataclass(frozen=True, slots=True)
class QuestionFigures:
    """One question.  `answers`: how often each was read, of everything heard at it.

    `missed`: how often nothing could be read.  `stopped`: conversations that got no further.
    """

    id: str
    put: int
    answers: dict[Answer, int]
    missed: int
    stopped: int


@dataclass(frozen=True, slots=True)
class Completion:
    """The conversations of one channel and language."""

    channel: str
    language: str
    began: int
    advised: int
    unfinished: int
    open: int


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of the conversations that began from `first` to `last`, both included.

    `days`: for each day in its order, how many per standing; every standing is there.
    `questions`: in the flow's order, after the introduction.
    """

    first: date
    last: date
    total: int
    days: dict[date, dict[str, int]]
    questions: tuple[QuestionFigures, ...]
    completion: tuple[Completion, ...]

    @property
    def standings(self) -> dict[str, int]:
        """How many per standing, over all days."""
        return {name: sum(day[name] for day in self.days.values()) for name in STANDINGS}

    @property
    def hardest(self) -> tuple[QuestionFigures, ...]:
        """The questions at which anything was not understood, the most often so first."""
        missed = [question for question in self.questions if question.missed]
        return tuple(sorted(missed, key=lambda question: -question.missed))


def figures(
    database: Database, clinic: int, flow: Flow, zone: ZoneInfo, first: date, last: date
) -> Figures:
    """The figures of a clinic in the time `zone`, of the days from `first` to `last`.

    StoreError: the database fails.
    """
    days = [first + timedelta(number) for number in range((last - first).days + 1)]
    moments = [*(midnight(day, zone) for day in days), midnight(last, zone, plus=1)]
    by_day, every = dict[date, dict[str, int]](), Tally()
    for day, tally in zip(days, tallies(database, clinic, flow, moments), strict=True):
        by_day[day] = _standings(tally)
        every.ways.update(tally.ways)
        every.put.update(tally.put)
        every.read.update(tally.read)
        every.stopped.update(tally.stopped)
    total = every.ways.total()
    every.put[CONSENT] = total
    return Figures(
        first=first,
        last=last,
        total=total,
        days=by_day,
        questions=tuple(_question(every, name) for name in (CONSENT, *flow.question)),
        completion=_completion(every),
    )


def _standings(tally: Tally) -> dict[str, int]:
    count = Counter[str]()
    for (_, _, standing), times in tally.ways.items():
        count[standing] += times
    return {name: count[name] for name in STANDINGS}


def _question(every: Tally, name: str) -> QuestionFigures:
    return QuestionFigures(
        id=name,
        put=every.put[name],
        answers={answer: every.read[name, answer.value] for answer in Answer},
        missed=sum(every.read[name, miss.value] for miss in Miss),
        stopped=every.stopped[name],
    )


def _completion(every: Tally) -> tuple[Completion, ...]:
    ways: dict[tuple[str, str], Counter[str]] = {}
    for (channel, language, standing), times in every.ways.items():
        ways.setdefault((channel, language), Counter())[standing] += times
    return tuple(
        Completion(
            channel=channel,
            language=language,
            began=ends.total(),
            advised=sum(ends[name] for name in STANDINGS if name not in (Tier.T0, OPEN)),
            unfinished=ends[Tier.T0],
            open=ends[OPEN],
        )
        for (channel, language), ends in sorted(ways.items())
    )
