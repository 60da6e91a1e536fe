"""Where each answer leads, and how each text travels: what every picture of the flow is made of."""

from collections.abc import Iterator, Mapping

from flows.definition import Disposition, Flow, Language, Locale, Move, Question
from flows.reading import Answer
from flows.utterance import Medium
from flows.wording import Clinic, Length, Words, length

_LONGEST = Clinic("N" * 40, "+12025550143", "+1 202-555-0143")
"""Stands in for a clinic where a text is measured: its name is as long as a name may be."""


def targets(flow: Flow, question: Question, answer: Answer) -> tuple[Move | Disposition, ...]:
    """What `answer` does the first time it is given, and the times after it."""
    return tuple(
        flow.disposition.get(target) or Move(target) for target in question.targets(answer)
    )


def ways(flow: Flow, question: Question) -> dict[str, tuple[Answer, ...]]:
    """Where one leaves `question` to: the next one or a disposition, by id, with what leads there.

    A question that is put again is not left.
    """
    following = flow.questions[flow.number[question.id] + 1 :]
    found: dict[str, tuple[Answer, ...]] = {}
    for answer in Answer:
        for target in _leaving(question, answer):
            to = following[0].id if target == Move.GO_ON and following else target
            found[to] = (*found.get(to, ()), answer)
    return found


def _leaving(question: Question, answer: Answer) -> Iterator[str]:
    leads = question.targets(answer)
    if leads == (Move.AS_UNSURE,):
        leads = question.unsure
    for target in leads:
        if target not in (Move.EXPLAIN, Move.INSIST):
            yield target


def longest(language: Language, locales: Mapping[str, Locale], key: str, also: str = "") -> Length:
    """How a text travels as an SMS, with the text `also` under it, where it is longest.

    ValueError where no locale speaks the language.
    """
    sizes = []
    for locale in locales.values():
        if language.language in locale.words:
            words = Words(language, locale, _LONGEST)
            said = [words.of(one, Medium.TEXT) for one in (key, also) if one]
            sizes.append(length("\n".join(said)))
    return max(sizes, key=lambda size: (size.parts, size.units))
