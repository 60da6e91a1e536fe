"""Red flags said in people's own words are heard, and look-alikes are let be."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.flags import find_flags
from flows.reading import CRISIS
from flows.vocabulary import read_vocabulary

TABLES = Path(__file__).parent / "answers"
ENGLISH = read_vocabulary("en")
IDS = {
    *("bladder", "saddle", "bowel", "both_legs", "weakness", "foot_drop", "spinal_cord"),
    *("life_threat", "accident", "sexual", "unwell", "unrelenting_pain", "circulation"),
    *("adult", "history", "fragile", CRISIS),
}


def raised(words: str) -> dict[str, bool]:
    """What is raised, and whether for certain."""
    return {flag.about: flag.certain for flag in find_flags(ENGLISH, words)}


def table(path: Path) -> list[tuple[str, set[str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(row["text"], set(row["label"].split("|"))) for row in rows]


# The tables

NAMES = ["flags.tsv", "flags_lay.tsv", "flags_voices.tsv", "flags_unseen.tsv"]


@pytest.mark.parametrize("name", NAMES)
def test_red_flags_are_raised_and_look_alikes_are_not(name: str) -> None:
    rows = table(TABLES / name)
    flags = [(text, labels) for text, labels in rows if labels != {"none"}]
    alike = [text for text, labels in rows if labels == {"none"}]
    assert {label for _, labels in rows for label in labels} <= IDS | {"none"}
    missed = [(text, labels) for text, labels in flags if not labels & raised(text).keys()]
    alarmed = [text for text in alike if any(raised(text).values())]
    asked = [text for text in alike if raised(text) and not any(raised(text).values())]
    assert len(missed) <= 0.05 * len(flags), missed
    assert len(alarmed) <= 0.05 * len(alike), alarmed
    assert len(asked) <= 0.06 * len(alike), asked


def test_each_red_flag_of_the_main_table_is_raised() -> None:
    flags = [row for row in table(TABLES / "flags.tsv") if row[1] != {"none"}]
    assert [row for row in flags if not row[1] & raised(row[0]).keys()] == []


# How sentences carry them


@pytest.mark.parametrize(
    ("words", "about"),
    [
        ("I can't feel my bum", "saddle"),
        ("no feeling in my bum", "saddle"),
        ("not able to pee", "bladder"),
        ("I have lost all feeling between my legs", "saddle"),
        ("no my bum is numb", "saddle"),
        ("no, numb between my legs", "saddle"),
        ("not just my back, my bum is numb", "saddle"),
        ("no numbness but I can't pee", "bladder"),
        ("I don't know why my foot drags", "foot_drop"),
        ("not sure if I'm leaking wee", "bladder"),
    ],
)
def test_a_negation_that_belongs_to_the_symptom_takes_nothing_away(words: str, about: str) -> None:
    assert about in raised(words)


@pytest.mark.parametrize(
    "words",
    [
        "no numbness down there",
        "my bum is not numb",
        "I'm not peeing myself",
        "no problems peeing",
        "no trouble walking or lifting my foot",
        "no loss of feeling between my legs",
        "I don't feel any numbness in my bum",
        "without any chest pain",
        "no fever, no chills",
        "pain in the left leg, not in both legs",
    ],
)
def test_a_negation_takes_a_symptom_away(words: str) -> None:
    assert not any(raised(words).values())


@pytest.mark.parametrize(
    "words",
    [
        *("weak coffee", "mind numbing", "peed off", "need a pee brb", "this pain is killing me"),
        *("dying to see you", "I could murder a coffee", "pain in the arse", "dead easy"),
        *("my dad had prostate cancer", "my dog keeps weeing", "the tap is leaking"),
        *(
            "car accident in 1998 all healed",
            "fell off a horse as a child",
            "labour was 12 years ago",
        ),
        *("what does saddle numbness mean", "what is cauda equina"),
    ],
)
def test_idiom_others_and_the_long_past_are_let_be(words: str) -> None:
    assert not any(raised(words).values())


def test_another_adult_on_the_line_is_asked_about() -> None:
    assert raised("my husband keeps wetting himself") == {"bladder": False}


def test_what_is_worse_now_is_not_long_past() -> None:
    assert raised("started years ago but now my bum is numb")["saddle"]


def test_what_once_counts_always_counts() -> None:
    assert raised("I had breast cancer in 1998")["history"]


@pytest.mark.parametrize(
    "words", ["I want to kill myself", "I want to end it all", "I don't want to live", "suicidal"]
)
def test_words_of_self_harm(words: str) -> None:
    assert raised(words) == {CRISIS: True}


def test_a_guess_at_a_spelling_is_only_asked_about() -> None:
    assert raised("incontinennt since monday") == {"bladder": False}


def test_clear_flags_stand_first_and_each_question_once() -> None:
    flags = find_flags(ENGLISH, "a bit clumsy, maybe. Can't pee. Can't pee at all! Bum numb")
    assert [flag.certain for flag in flags] == sorted((f.certain for f in flags), reverse=True)
    assert len({flag.about for flag in flags}) == len(flags)
    assert {"bladder", "saddle"} <= {flag.about for flag in flags}


def test_every_rule_is_about_something_that_can_be_asked() -> None:
    rules = {rule for rules in ENGLISH.rules.values() for rule in rules}
    assert {rule.about for rule in rules} == IDS
    assert all(rule.name.startswith(f"{rule.about}.") for rule in rules)


@given(st.text(max_size=300))
def test_any_words_are_looked_through(words: str) -> None:
    assert find_flags(ENGLISH, words) == find_flags(ENGLISH, words)


@given(st.text(alphabet=" .,!?-*#0123456789👍😭🙏", max_size=30))
def test_signs_and_numbers_raise_nothing(words: str) -> None:
    assert not find_flags(ENGLISH, words)
