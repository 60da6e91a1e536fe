"""What can be heard: a text, a call (keys, speech, silence), or the clock.

The channels turn their carrier's fields into an `Utterance`; here those fields end.
"""

from enum import StrEnum

import msgspec


class Medium(StrEnum):
    """How words reach the person: each text of the flow has one wording per medium."""

    TEXT = "text"
    VOICE = "voice"


class Channel(msgspec.Struct, frozen=True):
    """A way to reach the line, such as `sms`; the flow knows its medium and nothing else of it."""

    name: str
    medium: Medium


class Kind(StrEnum):
    """What sort of thing was heard."""

    TEXT = "text"
    DIGITS = "digits"
    SPEECH = "speech"
    SILENCE = "silence"
    ARRIVAL = "arrival"
    """A call begins: the person has said nothing yet."""
    HANG_UP = "hang_up"
    CLINIC_REACHED = "clinic_reached"
    """A call that was put through to the clinic was answered there, and is over."""
    CLINIC_MISSED = "clinic_missed"
    """A call that was put through to the clinic was not answered."""
    CLOCK = "clock"
    """Nothing was heard, and time has passed."""
    RELEASE = "release"
    """Nothing was heard, and the clinic's staff have lifted what a T1 holds back."""


class Keyword(StrEnum):
    """A word that the carrier itself acts on, and answers (Twilio's `OptOutType`)."""

    STOP = "STOP"
    START = "START"
    HELP = "HELP"


class Utterance(msgspec.Struct, frozen=True):
    """One thing heard.

    `words`: the text, the recognised speech, or the keys, as they came; "" where there are none.
    `confidence`: the speech recogniser's own, 0 to 1; 1 for anything that was not recognised.
    `attachments`: how many pictures or files came with a text.
    `keyword`: set only where the carrier says that it has already answered this keyword itself.
    `in_reply_to`: the number of the turn that it answers, where the channel can tell, and
    `question`: the id of the question which that turn had put.
    """

    channel: Channel
    kind: Kind
    words: str = ""
    confidence: float = 1.0
    attachments: int = 0
    keyword: Keyword | None = None
    in_reply_to: int | None = None
    question: str | None = None
