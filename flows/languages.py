"""Which language a person speaks, and what they said in it.

A conversation is in one language, and stays in it for the contact, until they ask for another:
by its name, by a first word in it, or by a key at the greeting of a call.
Words of danger count in every language that the line knows.
"""

import re
import unicodedata
from typing import Final

from flows.line import Line, others
from flows.reading import Answer, Expecting, Miss, Reading, Request
from flows.spelling import tokenise
from flows.state import State, asked_question
from flows.understanding import understand
from flows.utterance import Kind, Utterance

CHOICE_KEY: Final = "3"
"""The key that chooses the other language at the greeting of a call."""

_ASKING_WORDS: Final = 4
"""A message of more words than this that holds a language's name is about something else."""

_LOOKED_AT: Final = 40
_MIXED: Final = 2
"""So many words of the other language, and the person may think in it."""
_SENTENCE: Final = 3
_STRANGE: Final = 0.75
"""In a sentence of this many words, such a part not known: it is hardly in this language."""


def read(line: Line, state: State | None, utterance: Utterance) -> tuple[Reading, str]:
    """How `utterance` is understood where the conversation stands, and the language it is in.

    Another language than the conversation's is returned where the person asks for it, begins in
    it, or says something dangerous in it.
    """
    now = state.language if state else line.language
    asked_for = _asked_for(line, state, utterance, now)
    if asked_for is not None:
        said = _read_in(line, asked_for, state, utterance)
        return Reading(Request.LANGUAGE, f"language.{asked_for}", said.flags), asked_for
    reading = _read_in(line, now, state, utterance)
    if reading.meaning is not Miss.NO_MATCH or reading.flags:
        return reading, now
    if utterance.kind not in (Kind.TEXT, Kind.SPEECH):
        return reading, now
    for other in line.vocabularies:
        if other == now:
            continue
        there = _read_in(line, other, state, utterance)
        if there.flags:
            return there, other
        if isinstance(there.meaning, Answer | Request):
            # Understood in another language than the question was put in: it is put in both.
            return Reading(Miss.OTHER_LANGUAGE, f"{other}.{there.rule}"), now
    over = state is not None and state.position in line.flow.disposition
    foreign = None if over else _foreign(line, now, utterance.words)
    return (Reading(Miss.OTHER_LANGUAGE, foreign) if foreign else reading), now


def _foreign(line: Line, now: str, words: str) -> str | None:
    """The rule by which words that nobody understood are of another language than `now`.

    Either the line's other language knows words of it that this one does not, or hardly a word of
    a sentence is known here: then it is a language that the line does not speak.
    """
    here = line.vocabularies[now].spelling
    said = tokenise(here, words).words[:_LOOKED_AT]
    strange = [word for word in said if word not in here.plain and not word.isdigit()]
    for name in others(line, now):
        if sum(word in line.vocabularies[name].spelling.known for word in strange) >= _MIXED:
            return f"{name}.mixed"
    if len(said) >= _SENTENCE and len(strange) >= _STRANGE * len(said):
        return "language.unknown"
    return None


def _read_in(line: Line, language: str, state: State | None, utterance: Utterance) -> Reading:
    expecting = state.expecting if state else Expecting.NOTHING
    if utterance.kind is Kind.TEXT and expecting in (Expecting.CHOICE, Expecting.CONFIRMATION):
        # These are asked of a caller; a text answers the question itself.
        expecting = Expecting.ANSWER
    question = asked_question(line.flow, state) if state else None
    # Whoever was told to get help is well only where they say so plainly.
    turned = expecting is Expecting.FOLLOW_UP or (question is not None and question.turned_round)
    about = question.id if question else ""
    return understand(
        line.vocabularies[language], utterance, expecting, turned_round=turned, about=about
    )


def _asked_for(line: Line, state: State | None, utterance: Utterance, now: str) -> str | None:
    """The language that the person asks for, where it is another than `now`."""
    away = others(line, now)
    if not away:
        return None
    expecting = state.expecting if state else Expecting.NOTHING
    greeting = state is None or (not state.agreed and not state.pending)
    if utterance.kind is Kind.DIGITS:
        chosen = expecting is Expecting.CONSENT and utterance.words == CHOICE_KEY
        return away[0] if chosen else None
    if utterance.words.isdigit():
        # Most texts are a digit, and no word of any language.
        return None
    words = _plain_words(utterance.words)
    for name in away:
        signs = line.signs[name]
        if len(words) <= _ASKING_WORDS and _holds(words, signs.names):
            return name
        if greeting and _begins(words, signs.signs) and not _begins(words, line.signs[now].signs):
            return name
    return None


def _holds(words: list[str], names: tuple[str, ...]) -> bool:
    said = f" {' '.join(words)} "
    return any(f" {name} " in said for name in names)


def _begins(words: list[str], signs: tuple[str, ...]) -> bool:
    return any(words[: sign.count(" ") + 1] == sign.split() for sign in signs)


def _plain_words(words: str) -> list[str]:
    """The words in small letters, without accents and marks."""
    small = words[:200].casefold()
    if not small.isascii():
        apart = unicodedata.normalize("NFKD", small)
        small = "".join(c for c in apart if not unicodedata.combining(c))
    return re.findall(r"[^\W\d_]+", small)
