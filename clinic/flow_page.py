"""The flow as the clinic's staff see it: each question, how it is put, where answers lead."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Final

from clinic.diagram import Diagram, diagram
from clinic.figures import Range, counted_in
from clinic.guard import May, Pages, visit
from clinic.inbox import line_here
from clinic.moments import zone_of
from clinic.office import Office
from clinic.rendering import page
from exports.figures import QuestionFigures
from flows.definition import Disposition, Move, Question, read_language, read_locales
from flows.line import Line
from flows.outline import longest, targets
from flows.reading import Answer
from flows.utterance import Medium
from flows.wording import Length

LIVE_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class Worded:
    """A question in one language: as it is written, and as it is spoken; its MORE too.

    `segments`, `units`: how it travels as a text message, where it is longest.  `gsm`: in septets.
    """

    language: str
    text: str
    voice: str
    more_text: str
    more_voice: str
    segments: int
    units: int
    gsm: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A question as the page shows it.  `leads`: what each answer does, first and then again."""

    number: int
    question: Question
    worded: tuple[Worded, ...]
    leads: tuple[tuple[Answer, tuple[Move | Disposition, ...]], ...]


def add_pages(pages: Pages, office: Office) -> None:
    @pages.get("/flow", may=May.READER, menu="flow")
    def flow() -> tuple[str, int]:
        """Every question, its words, its targets, its sources, and how often it was put."""
        line, counted = line_here(office), _counted(office)
        return page(
            "flow",
            line=line,
            shown=shown(line),
            drawn=_drawn(line, counted),
            counted=counted,
            live_days=LIVE_DAYS,
        )


def shown(line: Line) -> tuple[Shown, ...]:
    """The questions of the line, worded in each of its languages."""
    return tuple(
        Shown(
            number=number,
            question=question,
            worded=tuple(_worded(line, question, name) for name in line.words),
            leads=tuple((answer, targets(line.flow, question, answer)) for answer in Answer),
        )
        for number, question in enumerate(line.flow.questions, 1)
    )


def _worded(line: Line, question: Question, language: str) -> Worded:
    words, key = line.words[language], f"question.{question.id}"
    size = _sizes(language)[key]
    return Worded(
        language=language,
        text=words.of(key, Medium.TEXT),
        voice=words.of(key, Medium.VOICE),
        more_text=words.of(f"more.{question.id}", Medium.TEXT),
        more_voice=words.of(f"more.{question.id}", Medium.VOICE),
        segments=size.parts,
        units=size.units,
        gsm=size.gsm,
    )


@cache
def _sizes(language: str) -> dict[str, Length]:
    """How each question travels with its keys, where it is longest."""
    worded, locales = read_language(language), read_locales()
    keys = [f"question.{name}" for name in worded.questions]
    return {key: longest(worded, locales, key, "keys") for key in keys}


def _counted(office: Office) -> dict[str, QuestionFigures]:
    """How it went at each question in the last days."""
    today = office.now().astimezone(zone_of(visit().place)).date()
    days = Range(today - timedelta(LIVE_DAYS - 1), today)
    return {one.id: one for one in counted_in(office, days).questions}


def _drawn(line: Line, counted: dict[str, QuestionFigures]) -> Diagram:
    return diagram(line.flow, {name: one.put for name, one in counted.items()})
