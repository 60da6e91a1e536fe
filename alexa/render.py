"""A reply becomes Amazon's JSON: what the speaker says, and whether it then listens.

Everything comes from the stored turn, so the same turn gives the same bytes.

Sources: Amazon's "Request and Response JSON Reference", "Speech Synthesis Markup Language (SSML)
Reference", "Dialog Interface Reference" and, for asking for free words from the first moment on,
"Use Intent Chaining to Enter Dialog Management from a Different Intent".
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any, Final
from xml.sax.saxutils import escape

import msgspec

from alexa.intents import WORDS, WORDS_SLOT
from alexa.reply import Reply, of_texts
from flows.line import Line
from flows.prompts import Message, Part

SPEED: Final = "90%"
SPEECH_AT_MOST: Final = 8000
"""Characters that Amazon says in one answer."""

_FREE_WORDS: Final = {
    "type": "Dialog.ElicitSlot",
    "slotToElicit": WORDS_SLOT,
    "updatedIntent": {
        "name": WORDS,
        "confirmationStatus": "NONE",
        "slots": {WORDS_SLOT: {"name": WORDS_SLOT, "confirmationStatus": "NONE"}},
    },
}


@dataclass(frozen=True, slots=True)
class _Voice:
    """`name`: Amazon's name of a voice.  `speaks`: its BCP 47 tag."""

    name: str
    speaks: str


_VOICES: Final = {
    "en": _Voice("Joanna", "en-US"),
    "en-GB": _Voice("Amy", "en-GB"),
    "en-AU": _Voice("Nicole", "en-AU"),
    "es": _Voice("Lupe", "es-US"),
    "es-ES": _Voice("Conchita", "es-ES"),
}
"""Who speaks a language on a device that is set to another."""

_encode = msgspec.json.Encoder(order="deterministic").encode


def render(reply: Reply, locale: str, country: str) -> bytes:
    """The JSON of `reply`.

    `locale`: what the device is set to, such as `en-US`: its own voice speaks that language.
    `country`: the clinic's, such as `US`, whose voice speaks any other.
    """
    response: dict[str, Any] = {}
    if reply.messages:
        response["outputSpeech"] = _speech(reply.messages, reply.language, locale, country)
    if reply.once_more:
        again = _speech(reply.once_more, reply.language, locale, country)
        response["reprompt"] = {"outputSpeech": again}
    if reply.free_words:
        response["directives"] = [_FREE_WORDS]
    response["shouldEndSession"] = reply.ends
    document = {"version": "1.0", "response": response}
    if reply.keep:
        document["sessionAttributes"] = dict(reply.keep)
    return _encode(document)


def nothing() -> bytes:
    """For what may not be answered, and what needs no answer."""
    return _encode({"version": "1.0", "response": {}})


def safety_net(line: Line, country: str) -> bytes:
    """What is said when anything fails (invariant I-23), twice, in the line's own language."""
    once = of_texts(line, line.language, "safety_net", "failure")
    again = (*of_texts(line, line.language, "say_again"), *once)
    return render(Reply((once, again), line.language, ends=True), "", country)


def _speech(
    messages: Iterable[Message], language: str, locale: str, country: str
) -> dict[str, str]:
    spoken = "".join(
        _in_voice(list(parts), found or language, locale, country)
        for found, parts in groupby(
            (part for message in messages for part in message), attrgetter("language")
        )
    )
    return {"type": "SSML", "ssml": f'<speak><prosody rate="{SPEED}">{spoken}</prosody></speak>'}


def _in_voice(parts: list[Part], language: str, locale: str, country: str) -> str:
    said = "".join(f"<p>{escape(part.words)}</p>" for part in parts)
    if language == locale.partition("-")[0]:
        return said
    voice = _VOICES.get(f"{language}-{country}") or _VOICES.get(language)
    if voice is None:
        return said
    return f'<voice name="{voice.name}"><lang xml:lang="{voice.speaks}">{said}</lang></voice>'
