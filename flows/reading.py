"""What was understood: an answer, a request, or neither.

`NoMatch` and `NoInput` (VoiceXML's terms) are values, never exceptions, and never an answer.
"""

from enum import StrEnum

import msgspec


class Answer(StrEnum):
    """What a person says to a question."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"
    SKIPPED = "skipped"


class Request(StrEnum):
    """What a person asks of the line, at any question."""

    MORE = "more"
    AGAIN = "again"
    BACK = "back"
    START_OVER = "start_over"
    CHECKED = "checked"
    """ "A hospital has already checked this and it has not changed." """
    CLINIC = "clinic"
    STOP = "stop"
    START = "start"
    HELP = "help"
    LANGUAGE = "language"
    """The other language, by its name, by a first word in it, or by its key."""


class Miss(StrEnum):
    """Nothing that could be understood."""

    NO_MATCH = "no_match"
    NO_INPUT = "no_input"
    OTHER_LANGUAGE = "other_language"
    """Understood in another language than the question was put in."""


Meaning = Answer | Request | Miss


class Expecting(StrEnum):
    """What the line waits for: the same word can mean another thing at another place."""

    CONSENT = "consent"
    ANSWER = "answer"
    CONFIRMATION = "confirmation"
    """ "I heard no. Press 1 if that is right." """
    CHOICE = "choice"
    """ "Press 1 to go on, 2 to start again." """
    FOLLOW_UP = "follow_up"
    """ "Were you seen? 1 yes, 2 no, 3 need help." """
    NOTHING = "nothing"
    """The conversation has ended, or has not begun."""


CRISIS = "crisis"
"""The `Flag.about` of words of self-harm; every other flag is about a question's id."""


class Flag(msgspec.Struct, frozen=True):
    """A red flag found in free words.

    `about`: the id of the question that it answers, or `CRISIS`.
    `certain`: a clear match; False for one that may match and is asked about.
    `rule`: the name of the vocabulary's rule that found it, such as `bladder.leaking`.
    """

    about: str
    certain: bool
    rule: str


class Reading(msgspec.Struct, frozen=True):
    """How one thing heard was understood.

    `rule`: the name of the rule that made this reading, such as `digit.1` or `yes.first_word`.
    `flags`: the red flags found in the words, clear ones first.
    """

    meaning: Meaning
    rule: str
    flags: tuple[Flag, ...] = ()
