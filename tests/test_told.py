"""A yes told by the thing itself, a no that asks, and a yes with more at the last check."""

import pytest

from flows.reading import Answer, Expecting, Meaning, Miss
from flows.understanding import understand
from flows.utterance import Channel, Kind, Medium, Utterance
from flows.vocabulary import read_vocabulary
from tests.replies import read


@pytest.mark.parametrize(
    ("language", "words", "about"),
    [
        ("en", "numb", "saddle"),
        ("en", "it's numb down there", "saddle"),
        ("en", "I leak a bit", "bladder"),
        ("en", "it drags", "foot_drop"),
        ("en", "both", "both_legs"),
        ("en", "gives way", "weakness"),
        ("en", "unsteady", "spinal_cord"),
        ("es", "dormido", "saddle"),
        ("es", "me hormiguea", "saddle"),
        ("es", "estoy torpe", "spinal_cord"),
    ],
)
def test_what_is_asked_for_is_a_yes_by_itself(language: str, words: str, about: str) -> None:
    for kind in (Kind.TEXT, Kind.SPEECH):
        reading = read(language, words, kind, about)
        assert (reading.meaning, reading.rule) == (Answer.YES, "yes.told")


@pytest.mark.parametrize(
    ("words", "about"),
    [
        ("not numb", "saddle"),
        ("numb?", "saddle"),
        ("both are fine", "both_legs"),
        ("my husband leaks", "bladder"),
        ("it was numb years ago", "saddle"),
        ("maybe numb", "saddle"),
        ("the leak is gone", "bladder"),
        ("numb", "accident"),
        ("my foot is numb", "saddle"),
        ("my back is numb", "saddle"),
    ],
)
def test_it_is_none_with_anything_else_beside_it(words: str, about: str) -> None:
    assert read("en", words, Kind.TEXT, about).meaning is not Answer.YES


@pytest.mark.parametrize("expecting", [e for e in Expecting if e is not Expecting.ANSWER])
def test_it_is_none_where_the_question_is_not_what_is_answered(expecting: Expecting) -> None:
    """To "I heard no, press 1 if that is right", "numb" must not say that it is."""
    said = Utterance(Channel("voice", Medium.VOICE), Kind.SPEECH, "numb")
    reading = understand(read_vocabulary("en"), said, expecting, about="saddle")
    assert reading.meaning is Miss.NO_MATCH


@pytest.mark.parametrize("words", ["no? haha", "no? sorry", "is it? no"])
def test_a_question_anywhere_leaves_a_no_in_doubt(words: str) -> None:
    assert read("en", words, Kind.TEXT, "bladder").meaning is Miss.NO_MATCH


@pytest.mark.parametrize("words", ["no?", "2?", "nope?", "no, right?", "n?", "No. Is that bad?"])
def test_a_no_that_asks_is_asked_again(words: str) -> None:
    for kind in (Kind.TEXT, Kind.SPEECH):
        assert read("en", words, kind, "bladder").meaning is Miss.NO_MATCH
    assert read("es", "¿no?", Kind.TEXT, "bladder").meaning is Miss.NO_MATCH


def test_a_yes_that_asks_is_a_yes_where_yes_is_the_careful_answer_and_nowhere_else() -> None:
    assert read("en", "yes?", Kind.TEXT, "bladder").meaning is Answer.YES
    assert read("en", "yes?", Kind.TEXT, "final_check", turned=True).meaning is Miss.NO_MATCH
    said = Utterance(Channel("voice", Medium.VOICE), Kind.SPEECH, "yes?")
    for expecting in (Expecting.CONSENT, Expecting.CONFIRMATION):
        assert understand(read_vocabulary("en"), said, expecting).meaning is Miss.NO_MATCH


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        ("Yeah, all of that has been normal.", Answer.YES),
        ("yes, they've been regular", Miss.NO_MATCH),
        ("yes, like clockwork", Miss.NO_MATCH),
        ("yes but slower", Answer.UNSURE),
        ("yes, except my foot", Answer.UNSURE),
        ("yes I guess", Answer.UNSURE),
        ("yes, my friend says so", Answer.UNSURE),
        ("yes and my foot drags", Answer.UNSURE),
    ],
)
def test_a_yes_with_more_at_the_last_check(words: str, meaning: Meaning) -> None:
    """There a doubt sends to hospital, so words that are merely not known are asked again."""
    assert read("en", words, Kind.SPEECH, "final_check", turned=True).meaning is meaning


@pytest.mark.parametrize(
    ("words", "about"),
    [
        ("no I have that, I don't trip", "foot_drop"),
        ("no, I get that. All good.", "saddle"),
        ("no it does, my foot", "foot_drop"),
        ("no a rash i am fine", "inflamed"),
        ("no, a rash, I'm fine otherwise", "inflamed"),
    ],
)
def test_what_is_claimed_after_a_no_makes_it_none(words: str, about: str) -> None:
    for kind in (Kind.TEXT, Kind.SPEECH):
        assert read("en", words, kind, about).meaning is not Answer.NO


@pytest.mark.parametrize(
    ("words", "about"),
    [
        ("no, no symptoms, I'm fine", "unwell"),
        ("no I don't have that I'm healthy", "unwell"),
        ("no numbness, both are fine", "saddle"),
        ("no, I don't, I've been healthy", "history"),
        ("no my hands are fine and my balance is good", "spinal_cord"),
        ("no, that's all good", "bowel"),
    ],
)
def test_each_clause_of_a_no_speaks_for_itself(words: str, about: str) -> None:
    assert read("en", words, Kind.TEXT, about).meaning is Answer.NO


@pytest.mark.parametrize(
    ("language", "words", "about"),
    [
        ("en", "no, it has never really been completely normal", "bladder"),
        ("en", "no, she isn't well", "unwell"),
        ("en", "no problems with my pregnancy", "fragile"),
        ("en", "no, its in both, im fine", "both_legs"),
        ("en", "no, I'm on them and fine", "fragile"),
        ("en", "no, it was major, no injuries", "accident"),
        ("en", "no, normal it isn't", "inflamed"),
        ("en", "no, it had been fine", "weakness"),
        ("en", "no, I'm ok having it", "both_legs"),
        ("en", "no, not pain, tightness", "life_threat"),
        ("en", "no, nothing", "unrelenting_pain"),
        ("en", "number two", "bowel"),
        ("en", "no, just the left, just the right", "both_legs"),
        ("en", "no, well...", "saddle"),
        ("en", "no 🤞", "bladder"),
        ("es", "no, tengo", "bladder"),
        ("es", "no, bien no", "bladder"),
        ("es", "no, lo tengo y todo bien", "both_legs"),
        ("es", "no, ninguna de las dos esta bien", "both_legs"),
    ],
)
def test_no_clause_speaks_for_another(language: str, words: str, about: str) -> None:
    assert read(language, words, Kind.TEXT, about).meaning is not Answer.NO
