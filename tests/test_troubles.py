"""A no beside a word of trouble that nothing takes away is no no: "no, a rash, im fine".

Every word of the vocabularies that names a trouble is put into each frame and said to every fourth
question where a no is the safe answer, the next word to the next ones, by text, where a comma is
the writer's own.
"""

import random

import pytest

from flows.definition import read_flow
from flows.marks import Sort, Tail
from flows.reading import Answer
from flows.utterance import Kind
from flows.vocabulary import Vocabulary, read_vocabulary
from tests.replies import expanded, fitting_phrases, read

_EVERY = 4
TROUBLES = (Sort.SYMPTOM, Sort.TROUBLE, Sort.LACK)
FRAMES = {
    "en": [
        *("no, {}", "no, a {}", "no, my {}", "no, the {}", "no, some {}", "no, {} and {}"),
        *("no, {}, im fine", "no. it was a {}", "no, i had a {}", "no, i get {}", "no with {}"),
        *("no, theres {} but its fine", "no, its the {}", "no. {} yes", "no, it comes with {}"),
        *("no, only when i {}", "no a {} im fine", "no i have that {}"),
    ],
    "es": [
        *("no, {}", "no, un {}", "no, una {}", "no, mi {}", "no, el {}", "no, {} y {}"),
        *("no, {}, estoy bien", "no. fue un {}", "no, tuve {}", "no, tengo {}", "no, con {}"),
        *("no, hay {} pero bien", "no, me da {}", "no, es {}", "no. {} si"),
    ],
}
FIT = {
    *(("bowel", word) for word in ("constipation", "tapada", "tapado")),
    *(("accident", word) for word in ("slow", "slowly", "esfuerzo")),
    *(("unwell", "dieting"), ("unrelenting_pain", "intermittent")),
}
"""By themselves they are a reason for a no: weight lost by dieting, pain that is intermittent."""


def _troubles(vocabulary: Vocabulary) -> list[str]:
    nouns = {word for word, tail in vocabulary.tails.items() if tail is Tail.NOUN}
    concepts = {name for name, sort in vocabulary.sorts.items() if sort in TROUBLES}
    return sorted(nouns | vocabulary.concepts.single_words(concepts))


@pytest.mark.parametrize(
    ("language", "frame"), [(language, f) for language, frames in FRAMES.items() for f in frames]
)
def test_a_no_beside_a_trouble_is_no_no(language: str, frame: str) -> None:
    questions = [question.id for question in read_flow().questions if not question.turned_round]
    read_as_no = {
        (about, word)
        for at, word in enumerate(_troubles(read_vocabulary(language)))
        for about in questions[at % _EVERY :: _EVERY]
        if read(language, frame.format(word, word), Kind.TEXT, about).meaning is Answer.NO
    }
    assert read_as_no - FIT == set()


BESIDE = {
    "en": [
        *("no, {fits}, {trouble}", "no, {trouble}, {fits}", "no, no, {trouble}, {fits}"),
        *("no {fits} but {trouble}", "no {fits} except {trouble}", "no {trouble} but {fits}"),
    ],
    "es": [
        *("no, {fits}, {trouble}", "no, {trouble}, {fits}", "no, no, {trouble}, {fits}"),
        *("no {fits} pero {trouble}", "no {fits} solo {trouble}"),
    ],
}


@pytest.mark.parametrize(
    ("language", "frame"), [(language, f) for language, frames in BESIDE.items() for f in frames]
)
def test_what_fits_beside_what_is_asked_for_is_no_no(language: str, frame: str) -> None:
    """Some ways to say each phrase that fits, beside a word that is a yes to the same question.

    "Both" is left out: in both legs it may be well.
    """
    vocabulary, chance = read_vocabulary(language), random.Random(1)  # noqa: S311
    read_as_no = []
    for about, phrases in sorted(fitting_phrases(language).items()):
        troubles = sorted(vocabulary.concepts.single_words(vocabulary.told.get(about, frozenset())))
        if not troubles or about == "both_legs":
            continue
        for phrase in phrases:
            fits, trouble = " ".join(expanded(phrase, chance)), chance.choice(troubles)
            words = frame.format(fits=fits, trouble=trouble)
            if read(language, words, Kind.TEXT, about).meaning is Answer.NO:
                read_as_no.append((about, words))
    assert read_as_no == []
