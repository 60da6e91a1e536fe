"""Who speaks, and what the recogniser listens for, in each country.

Twilio's "Text-to-Speech" page lists the voices, its <Gather> page the languages it recognises.
Neural ones: they are clearer over a telephone, and Ireland and New Zealand have no others.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final


@dataclass(frozen=True, slots=True)
class Voice:
    """`name`: Twilio's name of the voice, None for the account's own.  Tags are BCP 47.

    `speaks`: the language of <Say>; it must fit the voice.  `hears`: the language of <Gather>.
    """

    name: str | None
    speaks: str
    hears: str


_VOICES: Final = {
    "en-US": Voice("Polly.Joanna-Neural", "en-US", "en-US"),
    "en-GB": Voice("Polly.Amy-Neural", "en-GB", "en-GB"),
    "en-IE": Voice("Polly.Niamh-Neural", "en-IE", "en-IE"),
    # No Canadian English voice is offered; the recogniser knows the accent.
    "en-CA": Voice("Polly.Joanna-Neural", "en-US", "en-CA"),
    "en-AU": Voice("Polly.Olivia-Neural", "en-AU", "en-AU"),
    "en-NZ": Voice("Polly.Aria-Neural", "en-NZ", "en-NZ"),
    "es-US": Voice("Polly.Lupe-Neural", "es-US", "es-US"),
}

_FIRST: Final = {tag.partition("-")[0]: voice for tag, voice in reversed(_VOICES.items())}


@cache
def voice_of(language: str, locale: str) -> Voice:
    """The voice for `language`, such as `en`, in the country of `locale`, such as `en-GB`.

    Where that country has none of its own it is the language's first: a tag that the recogniser
    does not know, such as `es-GB`, would fail the <Gather> (error 13331).
    """
    tag = f"{language}-{locale.partition('-')[2]}"
    return _VOICES.get(tag) or _FIRST.get(language) or Voice(None, tag, tag)
