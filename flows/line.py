"""The line as one clinic runs it: the flow, its machine, the words, the vocabularies.

Built once when a process starts; every turn only reads it.
"""

from dataclasses import dataclass

from flows.definition import (
    Flow,
    LanguageSigns,
    read_flow,
    read_language,
    read_languages,
    read_locales,
    read_signs,
)
from flows.machine import FlowMachine
from flows.vocabulary import Vocabulary, read_vocabulary
from flows.wording import Clinic, Words


@dataclass(frozen=True, slots=True)
class Line:
    """Everything that a turn is decided with, besides the conversation and what was heard.

    `reading_seconds`: a text that comes sooner after its question is no answer to it; 0 for never.
    """

    flow: Flow
    machine: FlowMachine
    locale: str
    language: str
    words: dict[str, Words]
    vocabularies: dict[str, Vocabulary]
    signs: dict[str, LanguageSigns]
    reading_seconds: float


def build_line(locale: str, clinic: Clinic, reading_seconds: float) -> Line:
    """The line for a clinic in `locale`, such as `en-GB`; KeyError for a locale that is not known.

    The language that the line begins with is the locale's own.
    """
    flow = read_flow()
    local = read_locales()[locale]
    languages = [language for language in read_languages() if language in local.words]
    return Line(
        flow=flow,
        machine=FlowMachine(flow),
        locale=locale,
        language=locale.partition("-")[0],
        words={name: Words(read_language(name), local, clinic) for name in languages},
        signs=read_signs(),
        vocabularies={name: read_vocabulary(name) for name in languages},
        reading_seconds=reading_seconds,
    )


def others(line: Line, language: str) -> list[str]:
    """The other languages of the line."""
    return [name for name in line.words if name != language]
