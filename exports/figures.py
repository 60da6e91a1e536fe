"""The figures that a clinic looks at, counted conversation by conversation.

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
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from flows.definition import CONSENT, Flow, Tier
from flows.reading import Answer, Miss
from flows.state import asked_question
from store.courses import Course

OPEN: Final = "open"
"""Stands for a tier where a conversation has not ended."""

STANDINGS: Final = (*(tier.value for tier in Tier if tier is not Tier.T0), Tier.T0.value, OPEN)
"""Every tier, most urgent first, then what did not finish and what has not ended."""

_MISSES: Final = frozenset(miss.value for miss in Miss)


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
    courses: Iterable[Course], flow: Flow, zone: ZoneInfo, first: date, last: date
) -> Figures:
    """Count `courses`, which all began from `first` to `last` in the clinic's time `zone`."""
    count = _Count()
    for course in courses:
        count.add(course, flow, zone)
    days = [first + timedelta(number) for number in range((last - first).days + 1)]
    return Figures(
        first=first,
        last=last,
        total=count.total,
        days={day: {name: count.days[day, name] for name in STANDINGS} for day in days},
        questions=tuple(
            QuestionFigures(
                id=name,
                put=count.put[name],
                answers={answer: count.read[name, answer.value] for answer in Answer},
                missed=sum(count.read[name, miss] for miss in _MISSES),
                stopped=count.stopped[name],
            )
            for name in (CONSENT, *flow.question)
        ),
        completion=tuple(
            Completion(
                channel=channel,
                language=language,
                began=sum(ends.values()),
                advised=sum(ends[name] for name in STANDINGS if name not in (Tier.T0, OPEN)),
                unfinished=ends[Tier.T0],
                open=ends[OPEN],
            )
            for (channel, language), ends in sorted(count.ways.items())
        ),
    )


@dataclass(slots=True)
class _Count:
    """What is counted so far."""

    total: int = 0
    days: Counter[tuple[date, str]] = field(default_factory=Counter)
    put: Counter[str] = field(default_factory=Counter)
    read: Counter[tuple[str, str]] = field(default_factory=Counter)
    stopped: Counter[str] = field(default_factory=Counter)
    ways: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)

    def add(self, course: Course, flow: Flow, zone: ZoneInfo) -> None:
        ended = flow.disposition.get(course.state.position)
        standing = ended.tier.value if ended else OPEN
        self.total += 1
        self.days[course.started_at.astimezone(zone).date(), standing] += 1
        self.ways.setdefault((course.channel, course.state.language), Counter())[standing] += 1

        asked = [heard.asked for heard in course.heard if heard.asked is not None]
        for heard in course.heard:
            if heard.asked is not None and heard.meaning is not None:
                self.read[heard.asked, heard.meaning] += 1
        if ended is None:
            question = asked_question(flow, course.state)
            asked.append(question.id if question else CONSENT)
        self.put.update({CONSENT, *asked})
        if ended is None or ended.tier is Tier.T0:
            self.stopped[asked[-1] if asked else CONSENT] += 1
