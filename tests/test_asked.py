"""Replies to the question that is asked, as people say them: yes, no or doubt, and how they go on.

Set a was learnt from, b was first read when that was done, and c after b had been learnt from too;
docs/languages.md has what each was worth unseen. Here stands what must not be lost again.

The tables `*_long` hold replies that go on, half of them for a line and more. The code was mended
after one part had been read; of the other, `*_long_apart`, nobody has read a row. The tables
`danger*` hold noes that are none, written against the vocabulary.
"""

import random

import pytest

from flows.flags import find_flags, look
from flows.marks import Sort
from flows.reading import Answer
from flows.utterance import Kind
from flows.vocabulary import read_vocabulary
from flows.words import Tokens
from tests.replies import DIRECT, expanded, fitting_phrases, of, read, table

ANSWERS = [("en", "answers_asked.tsv"), ("es", "answers_es_asked.tsv")]
LONG = {
    ("en", "answers_long.tsv"): 0.66,
    ("en", "answers_long_apart.tsv"): 0.71,
    ("es", "answers_es_long.tsv"): 0.6,
    ("es", "answers_es_long_apart.tsv"): 0.57,
}
"""With the least part of each that is understood at once."""

DANGER = [("en", "danger.tsv"), ("es", "danger_es.tsv")]


@pytest.mark.parametrize(("language", "name"), [*ANSWERS, *LONG, *DANGER])
def test_nothing_else_is_read_as_the_safe_answer(language: str, name: str) -> None:
    flips = []
    for row in table(name):
        safe = Answer.YES if row["asked"] == "turned" else Answer.NO
        if row["meaning"] != safe and of(language, row).meaning is safe:
            flips.append(row)
    assert flips == []


@pytest.mark.parametrize(("language", "name"), [*ANSWERS, *LONG])
def test_no_plain_no_is_read_as_yes(language: str, name: str) -> None:
    noes = [row for row in table(name) if row["meaning"] == "no"]
    assert [row for row in noes if of(language, row).meaning is Answer.YES] == []


@pytest.mark.parametrize(("language", "name"), ANSWERS)
@pytest.mark.parametrize(("heard", "least"), [("speech", 0.95), ("text", 0.94)])
def test_direct_answers_are_understood_at_once(
    language: str, name: str, heard: str, least: float
) -> None:
    rows = [row for row in table(name) if row["heard"] == heard]
    direct = [row for row in rows if row["meaning"] in DIRECT]
    missed = [row for row in direct if of(language, row).meaning.value != row["meaning"]]
    assert len(missed) <= (1 - least) * len(direct), missed


@pytest.mark.parametrize(("language", "name"), LONG)
def test_replies_that_go_on_are_understood_as_far_as_they_were(language: str, name: str) -> None:
    rows = table(name)
    understood = sum(of(language, row).meaning.value == row["meaning"] for row in rows)
    assert understood >= LONG[language, name] * len(rows)


def test_red_flags_are_raised_and_look_alikes_are_not() -> None:
    vocabulary, missed, alarmed = read_vocabulary("en"), [], []
    rows = table("flags_asked.tsv")
    for row in rows:
        flags = find_flags(vocabulary, row["text"])
        if row["label"] == "none":
            alarmed += [row for flag in flags if flag.certain]
        elif not {flag.about for flag in flags} & set(row["label"].split("|")):
            missed.append(row)
    assert len(missed) <= 0.05 * sum(row["label"] != "none" for row in rows), missed
    assert len(alarmed) <= 0.05 * sum(row["label"] == "none" for row in rows), alarmed


@pytest.mark.parametrize(
    ("language", "words", "about", "meaning", "rule"),
    [
        ("en", "I do, it feels like cotton wool.", "saddle", Answer.YES, "yes.short"),
        ("en", "I'd rather not say, but yes", "sexual", Answer.YES, "yes.at_end"),
        ("en", "she said maybe", "clearance", Answer.UNSURE, "unsure.within"),
        ("en", "let me try it I'm not sure", "foot_drop", Answer.UNSURE, "unsure.within"),
        ("en", "mostly the left, but I'm not sure", "both_legs", Answer.YES, "yes.soft"),
        ("en", "No, it comes and goes.", "unrelenting_pain", Answer.NO, "no.then_fitting"),
        ("es", "no me baja", "spreads", Answer.NO, "no.then_fitting"),
        ("es", "no la piel está bien", "inflamed", Answer.NO, "no.then_harmless"),
    ],
)
def test_how_a_reply_goes_on_is_heard(
    language: str, words: str, about: str, meaning: Answer, rule: str
) -> None:
    reading = read(language, words, Kind.SPEECH, about)
    assert (reading.meaning, reading.rule) == (meaning, rule)


@pytest.mark.parametrize(
    ("language", "words", "about"),
    [
        ("en", "I've never noticed to be honest.", "foot_drop"),
        ("en", "No worse than usual", "bladder"),
        ("en", "I do, and it feels fine", "saddle"),
        ("es", "no siento nada", "saddle"),
        ("es", "no nada más la izquierda", "both_legs"),
        ("es", "no todo funciona bien", "sexual"),
        ("es", "no todo bien", "saddle"),
        ("es", "no está todo bien", "saddle"),
        ("es", "no llevo meses así", "recent"),
        ("es", "no, me baja por la pierna", "spreads"),
    ],
)
def test_what_may_be_no_no_is_asked_again(language: str, words: str, about: str) -> None:
    for kind in (Kind.TEXT, Kind.SPEECH):
        assert read(language, words, kind, about).meaning is not Answer.NO


TROUBLES = (Sort.SYMPTOM, Sort.TROUBLE)
FRAMES = (
    "no not {}",
    "no its not {}",
    "no i dont {}",
    "not {} no",
    "im not {}",
    "no that doesnt {}",
)


def test_what_fits_the_safe_answer_is_none_where_it_is_denied() -> None:
    """Some ways to say each phrase of the vocabulary that fits, taken away: "no, not steady"."""
    vocabulary, chance = read_vocabulary("en"), random.Random(1)  # noqa: S311
    read_as_no = []
    turned = {"any", "adult", "clearance", "final_check"}
    for about, phrases in sorted(fitting_phrases("en").items()):
        if about in turned:
            continue
        known = vocabulary.fitting[about][0]
        for phrase in phrases:
            for _ in range(3):
                said = expanded(phrase, chance)
                if not said or said[0] in vocabulary.syntax.subjects:
                    continue
                negated = Tokens(["not", *said], [0] * (len(said) + 1), asked=False)
                ill = any(hit.sort in TROUBLES for hit in look(vocabulary, negated).hits)
                if ill or {"no", "not", "never", "nothing"} & {*said} or known.longest(negated, 0):
                    continue
                whole = (frame.format(" ".join(said)) for frame in FRAMES)
                read_as_no += [
                    words
                    for words in whole
                    if read("en", words, Kind.SPEECH, about).meaning is Answer.NO
                ]
    assert read_as_no == []


@pytest.mark.parametrize(
    ("words", "about"),
    [
        ("I don't have control", "bowel"),
        ("no I'm not in control", "bowel"),
        ("I don't have, control", "bowel"),
        ("no, not steady", "spinal_cord"),
        ("I'm not steady on my feet", "spinal_cord"),
        ("no, it isn't only the left", "both_legs"),
        ("no, not months ago", "recent"),
        ("no, not intermittent", "unrelenting_pain"),
        ("not a bit better no", "weakness"),
    ],
)
def test_a_denial_of_what_would_fit_is_asked_again(words: str, about: str) -> None:
    for kind in (Kind.TEXT, Kind.SPEECH):
        assert read("en", words, kind, about).meaning is not Answer.NO


@pytest.mark.parametrize(
    ("language", "words", "about", "meaning"),
    [
        ("en", "not limping, no", "foot_drop", Answer.NO),
        ("en", "I wouldn't say no", "bladder", None),
        ("en", "nothing eases it, no", "unrelenting_pain", None),
        ("en", "I don't have control, no", "bowel", None),
        ("en", "not right, no?", "bladder", None),
        ("es", "espero que no", "bladder", None),
    ],
)
def test_a_no_at_the_end_is_one_as_at_the_beginning(
    language: str, words: str, about: str, meaning: Answer | None
) -> None:
    found = read(language, words, Kind.SPEECH, about)
    if meaning is None:
        assert found.meaning is not Answer.NO
    else:
        assert (found.meaning, found.rule) == (meaning, "no.at_end")


def test_many_tablets_are_no_overdose_and_what_is_denied_is_no_alarm() -> None:
    assert not find_flags(read_vocabulary("en"), "I take a lot of tablets")
    assert find_flags(read_vocabulary("en"), "I took a lot of tablets")[0].about == "crisis"
    assert not find_flags(read_vocabulary("es"), "no se me caen las cosas")
    assert find_flags(read_vocabulary("es"), "se me caen las cosas")[0].certain


def test_the_questions_own_verb_denied_is_a_no() -> None:
    """To "does it go down your leg?" that is "no me baja", which is no answer to anything else."""
    assert read("es", "no me baja", Kind.SPEECH, "spreads").meaning is Answer.NO
    assert read("es", "no me baja", Kind.SPEECH, "bladder").meaning is not Answer.NO
