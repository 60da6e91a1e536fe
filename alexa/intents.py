"""The intents of the skill: what each stands for, in words that the flow understands.

An intent says what was meant and not what was said, so the words that stand for it are ours: one
plain phrase for each in every language, which the flow reads as it reads a caller's.

Free words come in a blank, and a blank of that kind needs words before it. Each such beginning is
an intent of its own, so that it can be put back: "I can't" must not get lost before "feel my legs".
"""

import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

from flows.marks import Mark

WORDS: Final = "WordsIntent"
"""Whatever is said: asked for with every question, so that it needs no beginning."""

WORDS_SLOT: Final = "words"
CALLBACK: Final = "CallbackNumberIntent"
NUMBER_SLOT: Final = "number"
NO_NUMBER: Final = "NoNumberIntent"
NO: Final = "AMAZON.NoIntent"
SKIP: Final = "SkipIntent"
AGAIN: Final = "AMAZON.RepeatIntent"
FALLBACK: Final = "AMAZON.FallbackIntent"
"""Words that Amazon makes nothing of, and keeps to itself."""

SAID: Final = {
    "AMAZON.YesIntent": "yes",
    NO: "no",
    "NotSureIntent": "unsure",
    SKIP: "skip",
    "AgreeIntent": "agree",
    "MoreIntent": "more",
    AGAIN: "again",
    "AMAZON.PreviousIntent": "back",
    "AMAZON.StartOverIntent": "start_over",
    "AMAZON.ResumeIntent": "go_on",
    "CheckedIntent": "checked",
    "ClinicIntent": "clinic",
    "AMAZON.StopIntent": "stop",
    "AMAZON.CancelIntent": "stop",
    "AMAZON.NavigateHomeIntent": "stop",
    "AMAZON.HelpIntent": "help",
    NO_NUMBER: "no_number",
}
"""By the name of an intent, the phrase of `Phrasing.said` that stands for it."""

MARKED: Final = {
    "AMAZON.YesIntent": Mark.YES,
    NO: Mark.NO,
    "NotSureIntent": Mark.UNSURE,
    SKIP: Mark.SKIP,
    "AgreeIntent": Mark.AGREE,
    "MoreIntent": Mark.MORE,
    AGAIN: Mark.AGAIN,
    "AMAZON.PreviousIntent": Mark.BACK,
    "AMAZON.StartOverIntent": Mark.START_OVER,
    "AMAZON.ResumeIntent": Mark.GO_ON,
    "ClinicIntent": Mark.CLINIC,
}
"""By the name of an intent, which phrases of the flow's vocabulary belong to it."""


class Phrasing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a language is spoken to the skill.

    `invocation`: the name by which it is opened.  `prompt`: what Amazon would ask for free words.
    `answer`: what leads up to free words, and says nothing.
    `said`: a phrase for each value of `SAID`.  `beginnings`: those of free words.
    `callback`: how a number is given, `{number}` being the blank.
    `left_out`: words and phrases of the vocabulary that Amazon is not told of.
    `written`: words that the vocabulary writes plainly ("dont"), as Amazon hears them ("don't").
    """

    language: str
    invocation: str
    prompt: str
    answer: str
    said: dict[str, str]
    beginnings: tuple[str, ...]
    callback: tuple[str, ...]
    left_out: tuple[str, ...]
    written: dict[str, str]


@cache
def read_phrasing(language: str) -> Phrasing:
    """The phrasing of `language`; FileNotFoundError where there is no such file."""
    path = files("alexa").joinpath("phrasing", f"{language}.toml")
    return msgspec.toml.decode(path.read_bytes(), type=Phrasing)


@cache
def beginnings(language: str) -> dict[str, str]:
    """By the name of an intent, the beginning that it has in `language`."""
    return {_name(words): words for words in read_phrasing(language).beginnings}


def _name(beginning: str) -> str:
    """The name of a beginning's intent: Amazon takes plain letters alone."""
    apart = unicodedata.normalize("NFKD", beginning.replace("'", ""))
    words = re.findall(r"[a-z]+", "".join(c for c in apart if not unicodedata.combining(c)))
    return f"Words{''.join(word.capitalize() for word in words)}Intent"
