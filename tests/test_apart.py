"""Replies that no rule was tuned on: how well people are understood whom nobody has heard yet.

The tables `*_apart.tsv` were written before anybody looked at what the code does with them, and
are kept apart: a reply of theirs that is not understood is no reason to teach it by itself.
The levels are those that were measured. Only the flips have a level of their own: none, ever.
"""

import pytest

from flows.definition import read_flow
from flows.flags import find_flags
from flows.reading import Answer, Meaning, Miss
from flows.utterance import Kind
from flows.vocabulary import ANY, read_vocabulary
from tests.replies import DIRECT, of, read, table

ANSWERS = [("en", "answers_apart.tsv"), ("es", "answers_es_apart.tsv")]
FLAGS = [("en", "flags_apart.tsv"), ("es", "flags_es_apart.tsv")]


@pytest.mark.parametrize(("language", "name"), ANSWERS)
def test_nothing_else_is_read_as_the_safe_answer(language: str, name: str) -> None:
    flips = []
    for row in table(name):
        safe = Answer.YES if row["asked"] == "turned" else Answer.NO
        if row["meaning"] != safe and of(language, row).meaning is safe:
            flips.append(row)
    assert flips == []


@pytest.mark.parametrize(("language", "name"), ANSWERS)
def test_no_plain_no_is_read_as_yes(language: str, name: str) -> None:
    noes = [row for row in table(name) if row["meaning"] == "no"]
    assert [row for row in noes if of(language, row).meaning is Answer.YES] == []


@pytest.mark.parametrize(
    ("language", "heard", "least"),
    [("en", "speech", 0.92), ("en", "text", 0.78), ("es", "speech", 0.79), ("es", "text", 0.80)],
)
def test_direct_answers_are_understood_at_once(language: str, heard: str, least: float) -> None:
    rows = [row for row in table(dict(ANSWERS)[language]) if row["heard"] == heard]
    direct = [row for row in rows if row["meaning"] in DIRECT]
    missed = [row for row in direct if of(language, row).meaning.value != row["meaning"]]
    assert len(missed) <= (1 - least) * len(direct), missed


@pytest.mark.parametrize(("language", "name"), FLAGS)
def test_red_flags_are_raised_and_look_alikes_are_not(language: str, name: str) -> None:
    vocabulary, rows = read_vocabulary(language), table(name)
    raised = {row["text"]: find_flags(vocabulary, row["text"]) for row in rows}
    flags = [row for row in rows if row["label"] != "none"]
    missed = [
        row
        for row in flags
        if not {flag.about for flag in raised[row["text"]]} & set(row["label"].split("|"))
    ]
    alike = [row["text"] for row in rows if row["label"] == "none"]
    alarmed = [text for text in alike if any(flag.certain for flag in raised[text])]
    assert len(missed) <= 0.06 * len(flags), missed
    assert len(alarmed) <= 0.05 * len(alike), alarmed


# What fits the question asked


@pytest.mark.parametrize(
    ("language", "words", "about"),
    [
        ("en", "No, I've had it for years.", "recent"),
        ("en", "no, months ago", "recent"),
        ("en", "No, it eases when I lie down.", "unrelenting_pain"),
        ("en", "No, I can lift my foot.", "foot_drop"),
        ("en", "no only my left leg", "both_legs"),
        ("es", "no, solo una", "both_legs"),
        ("es", "no, hace meses", "recent"),
    ],
)
def test_what_fits_the_question_leaves_a_no_there_and_nowhere_else(
    language: str, words: str, about: str
) -> None:
    reading = read(language, words, Kind.TEXT, about)
    assert (reading.meaning, reading.rule) == (Answer.NO, "no.then_fitting")
    assert read(language, words, Kind.TEXT, "inflamed").meaning is not Answer.NO


@pytest.mark.parametrize(
    ("language", "words", "about", "kind"),
    [
        ("en", "no heat eases it", "unrelenting_pain", Kind.TEXT),
        ("en", "No, ibuprofen helps", "unrelenting_pain", Kind.SPEECH),
        ("en", "No, I've had it for years but it's worse now", "recent", Kind.TEXT),
        ("en", "no, I can lift my foot but it drags", "foot_drop", Kind.TEXT),
        ("en", "no, it eases when I lie down, since yesterday not", "unrelenting_pain", Kind.TEXT),
        ("es", "no solo una", "both_legs", Kind.TEXT),
        ("es", "No, solo una.", "both_legs", Kind.SPEECH),
        ("es", "No, puedo levantar el pie.", "foot_drop", Kind.SPEECH),
        ("es", "no se queda ahi", "spreads", Kind.TEXT),
    ],
)
def test_where_the_no_may_belong_to_what_follows_it_is_asked_again(
    language: str, words: str, about: str, kind: Kind
) -> None:
    assert read(language, words, kind, about).meaning is not Answer.NO


def test_a_no_with_a_comma_before_an_ability_is_no_emergency() -> None:
    flags = read("es", "No, puedo levantar el pie.", Kind.SPEECH, "foot_drop").flags
    assert [flag.certain for flag in flags] == [False]
    assert read("es", "No puedo levantar el pie.", Kind.SPEECH, "foot_drop").flags[0].certain


def test_a_symptom_denied_after_it_is_denied() -> None:
    for words in ("No, fiebre no.", "fiebre no, escalofríos no"):
        assert find_flags(read_vocabulary("es"), words) == ()
    assert find_flags(read_vocabulary("es"), "tengo fiebre no?")


def test_a_no_to_being_an_adult_is_a_no_with_the_age_told() -> None:
    assert read("en", "no im 16", Kind.TEXT, "adult", turned=True).meaning is Answer.NO
    both = read("en", "no im 16 and my bum is numb", Kind.TEXT, "adult", turned=True)
    assert both.meaning is Answer.NO
    # The flag is heard all the same, and comes first (R8).
    assert "saddle" in {flag.about for flag in both.flags if flag.certain}


@pytest.mark.parametrize(
    ("words", "meaning", "rule"),
    [
        ("the other side aches, not sure", Answer.UNSURE, "unsure.at_end"),
        ("I do, yes, on the one side", Answer.YES, "yes.short"),
        ("no, my leg", Miss.NO_MATCH, "no.then_doubt"),
        ("no, i walk fine for my age", Miss.NO_MATCH, "no.then_doubt"),
        ("no, I haven't seen it in one place", Miss.NO_MATCH, "no.then_doubt"),
    ],
)
def test_how_a_reply_goes_on_decides(words: str, meaning: Meaning, rule: str) -> None:
    reading = read("en", words, Kind.TEXT, "foot_drop")
    assert (reading.meaning, reading.rule) == (meaning, rule)


@pytest.mark.parametrize("language", ["en", "es"])
def test_what_fits_is_listed_for_questions_that_there_are(language: str) -> None:
    ids = {question.id for question in read_flow().questions}
    assert set(read_vocabulary(language).fitting) <= ids | {ANY}
