"""Spanish is understood as people text and speak it, by the same measures as English.

The tables have the columns of the English ones. `flags_es_unseen.tsv` was written before the
vocabulary was tuned on it; docs/languages.md holds the figures of that first contact.
"""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.flags import find_flags
from flows.reading import CRISIS, Answer, Expecting, Meaning, Miss, Reading, Request
from flows.understanding import understand
from flows.utterance import Channel, Kind, Medium, Utterance
from flows.vocabulary import read_vocabulary

TABLES = Path(__file__).parent / "answers"
SPANISH, ENGLISH = read_vocabulary("es"), read_vocabulary("en")
SMS = Channel("sms", Medium.TEXT)
PHONE = Channel("voice", Medium.VOICE)
MEANINGS: dict[str, Meaning] = {
    meaning.value: meaning for meanings in (Answer, Request, Miss) for meaning in meanings
}
DIRECT = {Answer.YES, Answer.NO, Answer.UNSURE, Answer.SKIPPED}
FILLERS = ("eh", "este,", "pues", "bueno,", "mmm", "a ver,", "la verdad", "hola,", "o sea", "ay")


def read(
    words: str,
    kind: Kind = Kind.TEXT,
    expecting: Expecting = Expecting.ANSWER,
    *,
    turned: bool = False,
) -> Reading:
    channel = SMS if kind is Kind.TEXT else PHONE
    return understand(SPANISH, Utterance(channel, kind, words), expecting, turned_round=turned)


def table(name: str) -> list[dict[str, str]]:
    with (TABLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def of(row: dict[str, str]) -> Reading:
    return read(row["text"], Kind(row["heard"]), turned=row["asked"] == "turned")


def raised(words: str) -> dict[str, bool]:
    """What is raised, and whether for certain."""
    return {flag.about: flag.certain for flag in find_flags(SPANISH, words)}


ROWS = table("answers_es.tsv")
FLAG_TABLES = ("flags_es.tsv", "flags_es_unseen.tsv")
FLAGGED = [r["text"] for name in FLAG_TABLES for r in table(name) if r["label"] != "none"]


# The table of answers


def test_nothing_else_is_read_as_no() -> None:
    others = [row for row in ROWS if row["asked"] == "ordinary" and row["meaning"] != "no"]
    assert [row for row in others if of(row).meaning is Answer.NO] == []


def test_turned_round_nothing_else_is_read_as_yes() -> None:
    others = [row for row in ROWS if row["asked"] == "turned" and row["meaning"] != "yes"]
    assert [row for row in others if of(row).meaning is Answer.YES] == []


@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.SPEECH])
def test_a_no_that_goes_on_is_no_no(kind: Kind) -> None:
    texts = [row["text"] for row in table("doubtful_noes_es.tsv")]
    assert [text for text in texts if read(text, kind).meaning is Answer.NO] == []


@pytest.mark.parametrize("words", ["No, respiro bien.", "No, orino bien", "no, siento todo normal"])
def test_a_comma_that_a_recogniser_guessed_makes_no_no(words: str) -> None:
    """It sounds like "no respiro bien"; whoever writes has put the comma there."""
    assert read(words, Kind.SPEECH).meaning is Miss.NO_MATCH
    assert read(words, Kind.TEXT).meaning is Answer.NO


def test_a_no_that_is_one_without_its_comma_stays_one() -> None:
    for words in ("No, nada de eso.", "no, no tengo problemas", "No, gracias a Dios."):
        assert read(words, Kind.SPEECH).meaning is Answer.NO


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


# Red flags


@pytest.mark.parametrize("name", FLAG_TABLES)
def test_red_flags_are_raised_and_look_alikes_are_not(name: str) -> None:
    rows = [(row["text"], set(row["label"].split("|"))) for row in table(name)]
    flags = [(text, labels) for text, labels in rows if labels != {"none"}]
    alike = [text for text, labels in rows if labels == {"none"}]
    missed = [(text, labels) for text, labels in flags if not labels & raised(text).keys()]
    alarmed = [text for text in alike if any(raised(text).values())]
    asked = [text for text in alike if raised(text) and not any(raised(text).values())]
    assert len(missed) <= 0.05 * len(flags), missed
    assert len(alarmed) <= 0.05 * len(alike), alarmed
    assert len(asked) <= 0.06 * len(alike), asked


@pytest.mark.parametrize("lead", ["no pero", "no, pero", "no. ", "nop. ", "2. ", "2,", "no y"])
def test_a_no_with_a_red_flag_is_no_no(lead: str) -> None:
    assert [text for text in FLAGGED if read(f"{lead} {text}").meaning is Answer.NO] == []


@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.SPEECH])
def test_words_of_a_red_flag_are_no_no_by_themselves(kind: Kind) -> None:
    assert [text for text in FLAGGED if read(text, kind).meaning is Answer.NO] == []


@pytest.mark.parametrize("lead", ["sí", "1,"])
def test_turned_round_a_yes_with_a_red_flag_is_no_yes(lead: str) -> None:
    taken = [t for t in FLAGGED if read(f"{lead} {t}", turned=True).meaning is Answer.YES]
    assert taken == []


@pytest.mark.parametrize(
    ("words", "about"),
    [
        ("no puedo orinar", "bladder"),
        ("no me sale la orina", "bladder"),
        ("no se me quita lo dormido de la entrepierna", "saddle"),
        ("no siento las piernas", "both_legs"),
        ("no, tengo la entrepierna dormida", "saddle"),
        ("no tengo fiebre pero no siento el ano", "saddle"),
        ("no tengo fiebre me duele el pecho", "life_threat"),
        ("no solo me duele, también se me escapa la orina", "bladder"),
        ("no sé por qué arrastro el pie", "foot_drop"),
        ("ya no siento cuando orino", "bladder"),
    ],
)
def test_a_negation_that_belongs_to_the_symptom_takes_nothing_away(words: str, about: str) -> None:
    assert about in raised(words)


@pytest.mark.parametrize(
    "words",
    [
        "no tengo la entrepierna dormida",
        "no me meo encima",
        "no se me escapa la orina",
        "no tengo problemas para orinar",
        "no siento hormigueo en las piernas",
        "no he perdido fuerza en el brazo",
        "sin dolor de pecho",
        "ni fiebre ni escalofríos",
        "nunca he tenido cáncer",
        "no, orino bien",
    ],
)
def test_a_negation_takes_a_symptom_away(words: str) -> None:
    assert not any(raised(words).values())


@pytest.mark.parametrize(
    "words",
    [
        *("me muero de risa", "estoy que me meo de risa", "me parte la espalda", "muerto de sueño"),
        *("mi papá tuvo cáncer", "mi perro se orina en la casa", "se me cayó el teléfono"),
        *("hace un año que me duele la espalda", "el año pasado fui al fisio"),
        *("qué es la cauda equina", "me caí de la bici cuando era niño"),
    ],
)
def test_idiom_others_and_the_long_past_are_let_be(words: str) -> None:
    assert not any(raised(words).values())


def test_a_year_is_no_body_part() -> None:
    """Without their accents and tildes "año" and "ano" are one word."""
    assert "saddle" not in raised("se me duerme la mano desde hace un año")
    assert "saddle" in raised("tengo dormido alrededor del ano")


def test_what_goes_on_for_years_is_asked_about() -> None:
    assert raised("hace dos años que se me escapa la orina")["bladder"] is False


@pytest.mark.parametrize("words", ["me quiero matar", "ya no quiero vivir", "pienso en suicidarme"])
def test_words_of_self_harm(words: str) -> None:
    assert raised(words) == {CRISIS: True}


def test_the_same_flags_can_be_raised_as_in_english() -> None:
    spanish = {rule for rules in SPANISH.rules.values() for rule in rules}
    english = {rule.about for rules in ENGLISH.rules.values() for rule in rules}
    assert {rule.about for rule in spanish} == english
    assert all(rule.name.startswith(f"{rule.about}.") for rule in spanish)


# What the line waits for


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        *(
            (words, Answer.YES)
            for words in ("1", "sí", "ACEPTO", "Acepto.", "ok", "vale", "de acuerdo", "empezar")
        ),
        *((words, Answer.YES) for words in ("sí acepto", "acepto para empezar", "si, acepto")),
        *((words, Answer.NO) for words in ("2", "no", "no gracias", "no acepto", "no quiero")),
        *((words, Miss.NO_MATCH) for words in ("no sé", "tal vez", "3", "hola", "?", "no sí")),
        *((words, Miss.NO_MATCH) for words in ("acepto pero no puedo orinar", "sí no")),
        ("MAS", Request.MORE),
        ("más", Request.MORE),
        ("STOP", Request.STOP),
        ("ayuda", Request.HELP),
        ("hablar con una persona", Request.CLINIC),
        ("reiniciar", Request.START_OVER),
        ("volver", Request.BACK),
    ],
)
def test_consent(words: str, meaning: Meaning) -> None:
    assert read(words, expecting=Expecting.CONSENT).meaning is meaning


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        *((words, Answer.YES) for words in ("1", "sí", "correcto", "así es", "sí, correcto")),
        *((words, Answer.NO) for words in ("2", "no", "incorrecto", "no, está mal")),
        *((words, Miss.NO_MATCH) for words in ("n", "s", "un poco", "no sé", "sí no")),
        *((words, Miss.NO_MATCH) for words in ("no es correcto sí", "sí pero se me duerme")),
        ("repita", Request.AGAIN),
    ],
)
def test_confirmation(words: str, meaning: Meaning) -> None:
    assert read(words, Kind.SPEECH, Expecting.CONFIRMATION).meaning is meaning


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        *((words, Answer.YES) for words in ("1", "sí", "seguir", "continuar", "siga por favor")),
        *((words, Request.START_OVER) for words in ("2", "empezar de nuevo", "reiniciar")),
        *((words, Miss.NO_MATCH) for words in ("no", "tal vez", "3", "bien")),
    ],
)
def test_choice(words: str, meaning: Meaning) -> None:
    assert read(words, Kind.SPEECH, Expecting.CHOICE).meaning is meaning


@pytest.mark.parametrize("words", ["alto", "parar", "Baja.", "cancelar", "stop"])
def test_stop_is_the_whole_message(words: str) -> None:
    for expecting in Expecting:
        assert read(words, expecting=expecting).meaning is Request.STOP


@pytest.mark.parametrize("words", ["no puedo parar de orinar", "el dolor no para", "baja el dolor"])
def test_stop_within_words_is_none(words: str) -> None:
    assert read(words).meaning is not Request.STOP


# Any words at all

KNOWN = sorted(word for word in SPANISH.spelling.known if word.isalpha())
ANYTHING = st.one_of(
    st.text(max_size=200), st.lists(st.sampled_from(KNOWN), max_size=8).map(" ".join)
)
WORDS_KINDS = st.sampled_from([Kind.TEXT, Kind.SPEECH])


@given(ANYTHING, WORDS_KINDS, st.sampled_from(Expecting), st.booleans())
def test_any_words_are_read(words: str, kind: Kind, expecting: Expecting, turned: bool) -> None:
    reading = read(words, kind, expecting, turned=turned)
    assert reading == read(words, kind, expecting, turned=turned)
    assert reading.rule
    assert reading.meaning is not Answer.NO or not reading.flags


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
    "sí",
    "Si,",
    "sip",
    "claro,",
    "1.",
    "por supuesto",
    "un poco",
    "a veces",
    "no sé,",
    "tal vez",
)


@given(st.sampled_from(YESES), ANYTHING, WORDS_KINDS)
def test_a_yes_or_doubt_with_more_is_never_no(yes: str, more: str, kind: Kind) -> None:
    assert read(f"{yes} {more}", kind).meaning is not Answer.NO


@given(st.sampled_from(("no", "nop,", "2.", "no sé,", "casi", "tal vez")), ANYTHING, WORDS_KINDS)
def test_turned_round_a_no_or_doubt_with_more_is_never_yes(no: str, more: str, kind: Kind) -> None:
    assert read(f"{no} {more}", kind, turned=True).meaning is not Answer.YES


@pytest.mark.parametrize(
    ("words", "same"),
    [
        ("SÍ", "si"),
        ("sí", "si"),
        ("si\u0301", "si"),
        ("no se\u0301", "no sé"),
        ("nosé", "no sé"),
        ("NOOOO!!", "no"),
        ("siiii", "sí"),
        ("¿Qué?", "que"),
        ("¡No!", "no"),
        ("a\u00a0veces", "a veces"),
    ],
)
def test_writing_makes_no_difference(words: str, same: str) -> None:
    assert read(words).meaning is read(same).meaning is not Miss.NO_MATCH
