"""The flow as frozen values, read from the data files beside this module.

Reading checks the shape only (unknown keys, missing keys, wrong types); whether the flow is sound
is asked of `flows.check`.
"""

import tomllib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from importlib.resources import files
from typing import Any

import msgspec

from flows.reading import Answer


class Tier(StrEnum):
    """How urgent a disposition is: T1 most, T5 least; T0 was not finished."""

    T0 = "T0"
    T1 = "T1"
    T2 = "T2"
    T3 = "T3"
    T4 = "T4"
    T5 = "T5"

    @property
    def urgency(self) -> int:
        """5 for T1 down to 1 for T5, and 0 for T0, which has found nothing (rule R9)."""
        return 0 if self is Tier.T0 else 6 - int(self.value[1])


RED_FLAG_TIERS = (Tier.T1, Tier.T2)

CONSENT = "consent"
"""The position before the first question, where the person is asked to agree."""

# The dispositions that rules lead to rather than a question's answers.
UNFINISHED = "unfinished"
CHECKED = "checked"
HELD = "held"
GUIDANCE = "guidance"
"""The one that no rule may reach but from the last question (invariants I-02 and I-04)."""


class Move(StrEnum):
    """What an answer can lead to besides a disposition."""

    GO_ON = "go_on"
    EXPLAIN = "explain"
    INSIST = "insist"
    AS_UNSURE = "as_unsure"


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One question and where each answer leads, the first time and the second.

    `tier`: that of the sign which it asks about, and so of the flag words about it.
    `turned_round`: YES is the safe answer.
    `sources`: the guidance that it rests on, shown to whoever signs the content.
    """

    id: str
    tier: Tier
    yes: tuple[str, ...]
    no: tuple[str, ...]
    unsure: tuple[str, ...]
    skipped: tuple[str, ...]
    sources: tuple[str, ...]
    turned_round: bool = False

    @property
    def red_flag(self) -> bool:
        """True where the next step on the wrong answer is a hospital or a doctor today."""
        return self.tier in RED_FLAG_TIERS

    def targets(self, answer: Answer) -> tuple[str, ...]:
        """Where `answer` leads, by how often it has been given."""
        # The fields are named as the answers are.
        targets: tuple[str, ...] = getattr(self, answer)
        return targets


class Disposition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the protocol ends (telephone triage's word).

    `messages`: the keys of its texts; one inner tuple is one message, its members the paragraphs.
    `alert`: the clinic is told.  `twice`: by phone the first message is said twice.
    `ambulance`: it must come to them, which outweighs any other end of the same tier.
    """

    id: str
    tier: Tier
    messages: tuple[tuple[str, ...], ...]
    alert: bool = False
    twice: bool = False
    ambulance: bool = False

    @property
    def weight(self) -> tuple[int, bool]:
        """Which of two ends outweighs the other: the greater (R9)."""
        return self.tier.urgency, self.ambulance


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The numbers that the rules use; their reasons stand in the data file."""

    misses_at_most: int
    resume_hours: int
    nudge_minutes: int
    follow_up_hours: int
    floor_hours: int
    hold_days: int
    turns_at_most: int
    long_keys_questions: int
    confidence_at_least: float


class Flow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """The questions in the order asked, and the dispositions. Treat as immutable."""

    id: str
    version: str
    settings: Settings
    dispositions: tuple[Disposition, ...]
    questions: tuple[Question, ...]

    @property
    def major(self) -> str:
        """A conversation begun under another major version is not gone on with."""
        return self.version.partition(".")[0]

    @cached_property
    def question(self) -> dict[str, Question]:
        """The questions by id, in the order asked."""
        return {question.id: question for question in self.questions}

    @cached_property
    def disposition(self) -> dict[str, Disposition]:
        """The dispositions by id."""
        return {disposition.id: disposition for disposition in self.dispositions}

    @cached_property
    def number(self) -> dict[str, int]:
        """Each question's place in the order, from 0."""
        return {question.id: place for place, question in enumerate(self.questions)}


class Locale(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A country's numbers and, per language, its words for the braces of the texts.

    `numbers`: every number that a text may hold, by its use.
    `to_check`: the uses whose numbers the clinic must check before it relies on them.
    """

    country: str
    numbers: dict[str, tuple[str, ...]]
    last_checked: date
    to_check: tuple[str, ...]
    words: dict[str, dict[str, str]]


class Wording(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One text in both media."""

    text: str
    voice: str


class QuestionWording(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question's words: itself, its MORE, what a recogniser may hear, the reason of T3 and T4."""

    text: str
    voice: str
    more_text: str
    more_voice: str
    hints: str
    reason_text: str = ""
    reason_voice: str = ""


class Lint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the texts of a language must and must not say (invariants I-21 and I-22).

    `never`: words that no text may hold, outside the phrases of `allowed`.
    `guidance`: each inner list names the wordings of which massage guidance must hold one.
    `gsm`: GSM-7 carries the language, so every text must keep to it (I-13).
    """

    gsm: bool
    never: tuple[str, ...]
    allowed: tuple[str, ...]
    guidance: tuple[tuple[str, ...], ...]


class Language(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every word that the line sends or speaks in one language."""

    language: str
    answers: dict[str, str]
    media: dict[str, str]
    lint: Lint
    texts: dict[str, Wording]
    questions: dict[str, QuestionWording]
    reason: Wording


class LanguageSigns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a person shows that they want a language.

    `names`: words and phrases that ask for it.  `signs`: first words that are in it.
    Both are small and without accents.
    """

    names: tuple[str, ...]
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: where it is in the data, and what is wrong, in a sentence."""

    place: str
    what: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


def _data(path: str) -> dict[str, Any]:
    return tomllib.loads(files("flows").joinpath(path).read_text(encoding="utf-8"))


def read_everything(but: tuple[str, ...] = ()) -> dict[str, dict[str, Any]]:
    """Every data file of the core, parsed, by its path; `but`: how the paths left out begin."""
    core = files("flows")
    folders = {"": core} | {name: core / name for name in ("red_flags", "speaker", "vocabulary")}
    paths = [
        f"{name}/{entry.name}".lstrip("/")
        for name, folder in folders.items()
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    ]
    return {path: _data(path) for path in sorted(paths) if not path.startswith(but)}


def read_flow() -> Flow:
    """The flow; `msgspec.ValidationError` names the place of a wrong shape."""
    return msgspec.convert(_data("red_flags/flow.toml"), Flow)


def read_language(language: str) -> Language:
    """The words of `language`, such as `en`; FileNotFoundError where there is no such file."""
    return msgspec.convert(_data(f"red_flags/{language}.toml"), Language)


def read_languages() -> tuple[str, ...]:
    """The languages that there is a file of words for."""
    folder = files("flows").joinpath("red_flags")
    names = (entry.name for entry in folder.iterdir())
    return tuple(sorted(n[:-5] for n in names if n.endswith(".toml") and n != "flow.toml"))


def read_locales() -> dict[str, Locale]:
    """The locales by their tag, such as `en-GB`."""
    return msgspec.convert(_data("locales.toml"), dict[str, Locale])


def read_signs() -> dict[str, LanguageSigns]:
    """How each language shows itself, by its name, such as `es`."""
    return msgspec.convert(_data("languages.toml"), dict[str, LanguageSigns])
