"""A text's words for a medium, a language and a locale.

Everything is worked out once, when a process starts: one turn only looks words up.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from flows.definition import Language, Locale
from flows.reading import Answer
from flows.utterance import Medium

_NUMBER = re.compile(r"(?:\((?=\d+\)[ .-]*\d))?\+?\d(?:[\d ().-]*\d)?")
_PLAIN: Final = str.maketrans("\u2018\u2019\u201c\u201d\u2013\u2014\u00a0", "''\"\"-- ")


@dataclass(frozen=True, slots=True)
class Clinic:
    """What the texts say of a clinic.

    `phone`: in international form (E.164), such as `+12025550143`, for dialling.
    `phone_words`: the same as it is written for people.
    """

    name: str
    phone: str
    phone_words: str


def one_by_one(words: str) -> str:
    """`words` with each number's digits apart, so that they are spoken one by one."""

    def apart(match: re.Match[str]) -> str:
        groups = re.findall(r"\d+", match.group())
        return ", ".join(" ".join(group) for group in groups)

    return _NUMBER.sub(apart, words)


def plain(words: str) -> str:
    """`words` with the typographic marks that GSM-7 lacks put plainly.

    One such mark would turn a whole message into UCS-2 and halve what a part holds.
    """
    return words.translate(_PLAIN)


class Words:
    """All words of one language for one locale and one clinic, ready to be looked up."""

    def __init__(self, language: Language, locale: Locale, clinic: Clinic) -> None:
        """Fill in every text; KeyError names a word in braces that the locale lacks."""
        self.language = language.language
        local = locale.words[language.language]
        self._answers = language.answers
        self._media = language.media
        answers = ", ".join(language.answers[answer] for answer in Answer)
        self._hints: dict[str | None, str] = {None: answers}
        for name, question in language.questions.items():
            self._hints[name] = f"{answers}, {question.hints}"
        self._words: dict[tuple[str, Medium], str] = {}
        for medium in Medium:
            spoken = medium is Medium.VOICE
            fill = {key: one_by_one(value) if spoken else value for key, value in local.items()}
            fill |= {
                "clinic": plain(clinic.name),
                "clinic_phone": one_by_one(clinic.phone_words) if spoken else clinic.phone_words,
                # What only a turn knows stays in braces until then.
                "answer": "{answer}", "how": "{how}", "reason": "{reason}",
            }  # fmt: skip
            for key, wording in language.texts.items():
                self._words[key, medium] = getattr(wording, medium.value).format_map(fill)
            for name, question in language.questions.items():
                asked, more, reason = (
                    getattr(question, f"{part}{medium.value}") for part in ("", "more_", "reason_")
                )
                self._words[f"question.{name}", medium] = asked.format_map(fill)
                self._words[f"more.{name}", medium] = more.format_map(fill)
                if reason:
                    self._words[f"reason.{name}", medium] = reason.format_map(fill)
            self._words["reason", medium] = getattr(language.reason, medium.value)

    def of(self, key: str, medium: Medium) -> str:
        """The words of the text `key`; KeyError for a key that the language file lacks."""
        return self._words[key, medium]

    def reason(self, question: str | None, medium: Medium) -> str:
        """What {reason} says: that of `question`'s answer, or none in particular for None."""
        return self._words.get((f"reason.{question}", medium), self._words["reason", medium])

    def hints(self, question: str | None) -> str:
        """What a speech recogniser may expect to hear at `question`, if any; comma separated."""
        return self._hints[question]

    def answer(self, answer: Answer) -> str:
        """An answer as it is read back."""
        return self._answers[answer]

    def medium(self, medium: Medium) -> str:
        """How the conversation was begun, as the person is told."""
        return self._media[medium]


@dataclass(frozen=True, slots=True)
class Length:
    """How words travel by SMS.

    `parts`: how many the carrier sends and charges.  `units`: septets in GSM-7, where some marks
    count double, or 16-bit units in UCS-2.  `gsm`: whether GSM-7 can carry them.
    """

    parts: int
    units: int
    gsm: bool


@lru_cache(maxsize=4096)
def length(words: str) -> Length:
    """The length of `words` as one SMS (3GPP TS 23.038 and 23.040)."""
    from smsutil import split  # noqa: PLC0415 - checks and pages count, a turn never does

    message = split(words)
    gsm = message.encoding == "gsm0338"
    size = sum(part.bytes for part in message.parts)
    return Length(len(message.parts), size if gsm else size // 2, gsm)
