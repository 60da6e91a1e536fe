"""What people text and say is understood, and no doubt is ever taken for the safe answer."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.reading import Answer, Expecting, Meaning, Miss, Reading, Request
from flows.understanding import understand
from flows.utterance import Channel, Kind, Medium, Utterance
from flows.vocabulary import read_vocabulary

TABLES = Path(__file__).parent / "answers"
ENGLISH = read_vocabulary("en")
SMS = Channel("sms", Medium.TEXT)
PHONE = Channel("voice", Medium.VOICE)
MEANINGS: dict[str, Meaning] = {
    meaning.value: meaning for meanings in (Answer, Request, Miss) for meaning in meanings
}
DIRECT = {Answer.YES, Answer.NO, Answer.UNSURE, Answer.SKIPPED}
FILLERS = ("uh", "um,", "erm", "well", "well,", "so", "hi,", "oh", "ah", "hmm", "uh, well,")


def read(
    words: str,
    kind: Kind = Kind.TEXT,
    expecting: Expecting = Expecting.ANSWER,
    *,
    turned: bool = False,
) -> Reading:
    channel = SMS if kind is Kind.TEXT else PHONE
    return understand(ENGLISH, Utterance(channel, kind, words), expecting, turned_round=turned)


def table(name: str) -> list[dict[str, str]]:
    with (TABLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


ROWS = table("answers.tsv")
FLAGGED = [
    row["text"]
    for name in ("flags.tsv", "flags_lay.tsv", "flags_voices.tsv", "flags_unseen.tsv")
    for row in table(name)
    if row["label"] != "none"
]


def of(row: dict[str, str]) -> Reading:
    return read(row["text"], Kind(row["heard"]), turned=row["asked"] == "turned")


# The table


def test_nothing_else_is_read_as_no() -> None:
    others = [row for row in ROWS if row["asked"] == "ordinary" and row["meaning"] != "no"]
    assert [row for row in others if of(row).meaning is Answer.NO] == []


def test_turned_round_nothing_else_is_read_as_yes() -> None:
    others = [row for row in ROWS if row["asked"] == "turned" and row["meaning"] != "yes"]
    assert [row for row in others if of(row).meaning is Answer.YES] == []


@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.SPEECH])
def test_a_no_that_goes_on_is_no_no(kind: Kind) -> None:
    texts = [row["text"] for row in table("doubtful_noes.tsv")]
    assert [text for text in texts if read(text, kind).meaning is Answer.NO] == []


def test_direct_answers_are_understood_at_once() -> None:
    for heard in ("speech", "text"):
        direct = [r for r in ROWS if r["heard"] == heard and MEANINGS[r["meaning"]] in DIRECT]
        missed = [row["text"] for row in direct if of(row).meaning is not MEANINGS[row["meaning"]]]
        assert len(missed) <= 0.03 * len(direct), missed


def test_plain_noes_are_not_read_as_yes() -> None:
    noes = [row for row in ROWS if row["meaning"] == "no"]
    yeses = [row["text"] for row in noes if of(row).meaning is Answer.YES]
    assert len(yeses) <= 0.01 * len(noes), yeses


def test_the_whole_table_is_read_as_labelled() -> None:
    wrong = [row for row in ROWS if of(row).meaning is not MEANINGS[row["meaning"]]]
    assert len(wrong) <= 0.01 * len(ROWS), wrong


# Red flags in answers


@pytest.mark.parametrize("lead", ["no but", "no, but", "no. ", "nope. ", "2. ", "2,", "no and"])
def test_a_no_with_a_red_flag_is_no_no(lead: str) -> None:
    assert [text for text in FLAGGED if read(f"{lead} {text}").meaning is Answer.NO] == []


@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.SPEECH])
def test_words_of_a_red_flag_are_no_no_by_themselves(kind: Kind) -> None:
    assert [text for text in FLAGGED if read(text, kind).meaning is Answer.NO] == []


@pytest.mark.parametrize("lead", ["yes", "1,"])
def test_turned_round_a_yes_with_a_red_flag_is_no_yes(lead: str) -> None:
    taken = [t for t in FLAGGED if read(f"{lead} {t}", turned=True).meaning is Answer.YES]
    assert taken == []


def test_the_flag_is_carried_where_the_no_is_not() -> None:
    reading = read("no but i cant feel it when i pee")
    assert (reading.meaning, reading.rule) == (Miss.NO_MATCH, "no_with_flag")
    assert [flag.about for flag in reading.flags] == ["bladder"]


# What the line waits for


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        *(
            (words, Answer.YES)
            for words in ("1", "yes", "YES", "ok", "okay then", "AGREE.", "sure")
        ),
        *(
            (words, Answer.YES)
            for words in ("agree to start", "i agree", "yes i agree", "ok go on")
        ),
        *((words, Answer.NO) for words in ("2", "no", "no thanks", "no thank you", "disagree")),
        *(
            (words, Miss.NO_MATCH)
            for words in ("not sure", "maybe", "3", "hello", "no worries", "?")
        ),
        *((words, Miss.NO_MATCH) for words in ("no yes", "yes no", "ok but i cant pee")),
        ("more", Request.MORE),
        ("STOP", Request.STOP),
        ("help", Request.HELP),
        ("speak to someone", Request.CLINIC),
    ],
)
def test_consent(words: str, meaning: Meaning) -> None:
    assert read(words, expecting=Expecting.CONSENT).meaning is meaning


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        *(
            (words, Answer.YES)
            for words in ("1", "yes", "yeah", "that's right", "yes that's right")
        ),
        *((words, Answer.NO) for words in ("2", "no", "that's wrong", "no that's wrong")),
        *(
            (words, Miss.NO_MATCH)
            for words in ("know", "n", "y", "a bit", "i think so", "not sure")
        ),
        *(
            (words, Miss.NO_MATCH)
            for words in ("yes no", "no that's right", "yes but my bum is numb")
        ),
        ("repeat", Request.AGAIN),
    ],
)
def test_confirmation(words: str, meaning: Meaning) -> None:
    assert read(words, Kind.SPEECH, Expecting.CONFIRMATION).meaning is meaning


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        *((words, Answer.YES) for words in ("1", "yes", "go on", "continue", "carry on please")),
        *((words, Request.START_OVER) for words in ("2", "start again", "start over")),
        *((words, Miss.NO_MATCH) for words in ("no", "maybe", "3", "fine")),
    ],
)
def test_choice(words: str, meaning: Meaning) -> None:
    assert read(words, Kind.SPEECH, Expecting.CHOICE).meaning is meaning


@pytest.mark.parametrize("words", ["yes", "no", "1", "2", "not sure", "skip", "y", "?"])
def test_an_answer_to_nothing_is_none(words: str) -> None:
    reading = read(words, expecting=Expecting.NOTHING)
    assert (reading.meaning, reading.rule) == (Miss.NO_MATCH, "nothing_asked")


def test_requests_and_flags_are_heard_where_nothing_is_asked() -> None:
    assert read("start over", expecting=Expecting.NOTHING).meaning is Request.START_OVER
    reading = read("i cant pee", expecting=Expecting.NOTHING)
    assert [flag.about for flag in reading.flags] == ["bladder"]


# Keys, silence, and what is not said


@pytest.mark.parametrize(
    ("keys", "meaning"),
    [
        ("1", Answer.YES),
        ("2", Answer.NO),
        ("3", Answer.UNSURE),
        ("4", Request.MORE),
        ("5", Request.CHECKED),
        ("6", Request.START_OVER),
        ("7", Request.BACK),
        ("8", Answer.SKIPPED),
        ("9", Request.AGAIN),
        ("0", Request.CLINIC),
        *((keys, Miss.NO_MATCH) for keys in ("11", "12", "21", "22", "*", "#", "1#", "", "w")),
    ],
)
def test_keys(keys: str, meaning: Meaning) -> None:
    reading = read(keys, Kind.DIGITS)
    assert reading.meaning is meaning
    assert read(keys, Kind.DIGITS, turned=True) == reading


def test_silence_is_no_input() -> None:
    for expecting in Expecting:
        assert read("", Kind.SILENCE, expecting).meaning is Miss.NO_INPUT


@pytest.mark.parametrize(
    "kind", [Kind.ARRIVAL, Kind.HANG_UP, Kind.CLINIC_REACHED, Kind.CLINIC_MISSED]
)
def test_what_nobody_says_is_not_understood_here(kind: Kind) -> None:
    with pytest.raises(ValueError, match=kind.value):
        read("", kind)


def test_know_is_no_only_by_itself_and_in_speech() -> None:
    assert read("Know.", Kind.SPEECH).meaning is Answer.NO
    assert read("know").meaning is Miss.NO_MATCH
    for words in ("I know", "know it", "uh, know", "no know", "you know"):
        assert read(words, Kind.SPEECH).meaning is not Answer.NO or words == "no know"


# The carrier's words


@pytest.mark.parametrize(
    "words", ["stop", "Stop!", " STOP ", "stopall", "opt-out", "CANCEL", "end."]
)
def test_stop_is_the_whole_message(words: str) -> None:
    for expecting in Expecting:
        assert read(words, expecting=expecting).meaning is Request.STOP


@pytest.mark.parametrize(
    "words", ["stop please", "can't stop peeing", "please stop", "it won't stop", "the end of it"]
)
def test_stop_within_words_is_none(words: str) -> None:
    assert read(words).meaning is not Request.STOP


# Any words at all

ANY_WORDS = st.text(max_size=200)
KNOWN = sorted(word for word in ENGLISH.spelling.known if word.isalpha())
SENTENCES = st.lists(st.sampled_from(KNOWN), max_size=8).map(" ".join)
ANYTHING = st.one_of(ANY_WORDS, SENTENCES)
WORDS_KINDS = st.sampled_from([Kind.TEXT, Kind.SPEECH])


@given(ANYTHING, WORDS_KINDS, st.sampled_from(Expecting), st.booleans())
def test_any_words_are_read(
    words: str,
    kind: Kind,
    expecting: Expecting,
    turned: bool,
) -> None:
    reading = read(words, kind, expecting, turned=turned)
    assert reading == read(words, kind, expecting, turned=turned)
    assert reading.rule
    assert reading.meaning is not Answer.NO or not reading.flags


@given(
    st.text(alphabet=" \t\n.,!;:-_*'\"()[]{}<>@&^%$~|\\/\u2026\u200b\u00a0👍👎🙏😂❤️🤷", max_size=20)
)
def test_signs_are_no_answer(words: str) -> None:
    assert not isinstance(read(words).meaning, Answer)
    assert not isinstance(read(words, turned=True).meaning, Answer)


@given(ANYTHING, st.sampled_from(FILLERS), WORDS_KINDS)
def test_a_filler_makes_no_no(words: str, filler: str, kind: Kind) -> None:
    if read(words, kind).meaning is not Answer.NO:
        assert read(f"{filler} {words}", kind).meaning is not Answer.NO


@pytest.mark.parametrize("filler", FILLERS)
def test_a_filler_makes_no_no_of_the_table(filler: str) -> None:
    for row in ROWS:
        kind = Kind(row["heard"])
        if read(row["text"], kind).meaning is not Answer.NO:
            assert read(f"{filler} {row['text']}", kind).meaning is not Answer.NO, row


YESES = (
    "yes",
    "Yes,",
    "yeah",
    "yep.",
    "1.",
    "a bit",
    "sometimes",
    "not sure",
    "maybe",
)


@given(st.sampled_from(YESES), ANYTHING, WORDS_KINDS)
def test_a_yes_or_doubt_with_more_is_never_no(yes: str, more: str, kind: Kind) -> None:
    assert read(f"{yes} {more}", kind).meaning is not Answer.NO


@given(st.sampled_from(("no", "nope,", "2.", "not sure", "mostly", "maybe")), ANYTHING, WORDS_KINDS)
def test_turned_round_a_no_or_doubt_with_more_is_never_yes(no: str, more: str, kind: Kind) -> None:
    assert read(f"{no} {more}", kind, turned=True).meaning is not Answer.YES


# How it is written


@pytest.mark.parametrize(
    ("words", "same"),
    [
        ("i don\u2019t know", "i dont know"),
        ("I DON`T KNOW", "i dont know"),
        ("n\u200bo", "no"),
        ("\u00a0yes\u00a0", "yes"),
        ("\uff12", "2"),
        ("2\ufe0f\u20e3", "2"),
        ("\u2461", "2"),
        ("n\u00f3", "no"),
        ("noooooo!!!", "no"),
        ("yessss", "yes"),
    ],
)
def test_writing_makes_no_difference(words: str, same: str) -> None:
    assert read(words).meaning is read(same).meaning is not Miss.NO_MATCH


def test_long_texts_are_read() -> None:
    assert read("no " + "la " * 500).meaning is Miss.NO_MATCH
    assert read("yes " + "and then it hurt " * 90).meaning is Answer.YES
    assert read("cant pee numb not " * 90).flags
