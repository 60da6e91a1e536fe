"""What a speaker adds while looking for words changes no answer, and is none by itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.fluent import fluent
from flows.reading import Answer, Meaning, Miss
from flows.spelling import tokenise
from flows.utterance import Kind
from flows.vocabulary import read_vocabulary
from tests.replies import read


def heard(language: str, words: str) -> list[tuple[str, int]]:
    vocabulary = read_vocabulary(language)
    tokens = fluent(vocabulary, tokenise(vocabulary.spelling, words))
    return list(zip(tokens.words, tokens.breaks, strict=True))


@pytest.mark.parametrize(
    ("language", "words", "left"),
    [
        ("en", "No, I I haven't, um, had that", [("no", 0), ("i", 1), ("havent", 0), ("had", 1)]),
        ("en", "I, I, no", [("no", 1)]),
        ("en", "any, uh, any pain", [("any", 0), ("pain", 0)]),
        ("en", "no, um, numbness", [("no", 0), ("numbness", 1)]),
        ("en", "uh huh", [("uh", 0), ("huh", 0)]),
        ("en", "um", [("um", 0)]),
        ("en", "no no", [("no", 0), ("no", 0)]),
        ("en", "I. I do", [("i", 2), ("do", 0)]),
        ("es", "eh, no me me duele", [("no", 1), ("me", 0), ("duele", 0)]),
    ],
)
def test_what_is_left_of_halting_words(
    language: str, words: str, left: list[tuple[str, int]]
) -> None:
    assert heard(language, words)[: len(left)] == left


@pytest.mark.parametrize(
    ("words", "about", "meaning"),
    [
        ("Um I. No.", "bladder", Answer.NO),
        ("Uhm, no, I I haven't had anything like that.", "bladder", Answer.NO),
        ("No, I haven't had any, uh, any weight loss.", "unwell", Answer.NO),
        ("I don't, no.", "bladder", Answer.NO),
        ("no, um, numbness", "saddle", Miss.NO_MATCH),
        ("I, uh, I can't feel it", "bladder", Miss.NO_MATCH),
        ("uh, know", "bladder", Miss.NO_MATCH),
        ("I, know", "bladder", Miss.NO_MATCH),
    ],
)
def test_halting_answers(words: str, about: str, meaning: Meaning) -> None:
    assert read("en", words, Kind.SPEECH, about).meaning is meaning


@pytest.mark.parametrize("language", ["en", "es"])
@given(data=st.data())
def test_any_words_of_the_vocabulary_are_read(language: str, data: st.DataObject) -> None:
    """In any order, with any pauses, at any question: they are read, and a yes first is no no."""
    vocabulary = read_vocabulary(language)
    known = sorted(
        vocabulary.tails.keys()
        | vocabulary.syntax.subjects
        | vocabulary.syntax.hesitations
        | vocabulary.syntax.stutters
    )
    words = data.draw(st.lists(st.sampled_from(known), max_size=8))
    said = data.draw(st.sampled_from([" ", ", ", ". "])).join(words)
    about = data.draw(st.sampled_from(sorted(vocabulary.fitting)))
    yes = "yes" if language == "en" else "sí,"
    for kind in (Kind.TEXT, Kind.SPEECH):
        assert read(language, said, kind, about).rule
        assert read(language, f"{yes} {said}", kind, about).meaning is not Answer.NO
        assert read(language, f"no {said}", kind, about, turned=True).meaning is not Answer.YES
