"""The parts that messages are made of: texts, questions with their keys, a disposition's advice."""

import msgspec

from flows.definition import RED_FLAG_TIERS, Disposition, Question
from flows.utterance import Medium
from flows.wording import Words


class Part(msgspec.Struct, frozen=True):
    """One paragraph of a message: the key of its text, and its words as they are sent or spoken.

    `language`: where it is another than the conversation's, which a voice must know; else "".
    """

    key: str
    words: str
    language: str = ""


Message = tuple[Part, ...]
"""One message: its paragraphs."""


def text(words: Words, medium: Medium, key: str, **fill: str) -> Part:
    """The text `key`, with what only a turn knows filled in."""
    said = words.of(key, medium)
    for name, value in fill.items():
        said = said.replace("{" + name + "}", value)
    return Part(key, said)


def question(
    words: Words, medium: Medium, asked: Question, *, long: bool, language: str = ""
) -> Part:
    """A question with its keys: on a line of their own, or as the sentence after it.

    `long`: name every key.  `language`: that of `words`, where it is not the conversation's.
    """
    keys = words.of("keys" if long else "keys_short", medium)
    between = " " if medium is Medium.VOICE else "\n"
    key = f"question.{asked.id}"
    return Part(key, f"{words.of(key, medium)}{between}{keys}", language)


def advice(
    words: Words, medium: Medium, ending: Disposition, reason: str | None, *before: str
) -> list[Message]:
    """Every message of a disposition, in its order.

    `reason`: the id of the question whose reason is given, if any is named.
    `before`: texts ahead of it; never ahead of an act-now text, which stands alone.
    """
    because = words.reason(reason, medium)
    messages = []
    for place, keys in enumerate(ending.messages):
        parts = [text(words, medium, key, reason=because) for key in keys]
        if place == 0 and ending.twice and medium is Medium.VOICE:
            parts += [text(words, medium, "say_again"), *parts]
        if place == 0 and ending.tier not in RED_FLAG_TIERS:
            parts = [*(text(words, medium, key) for key in before), *parts]
        messages.append(tuple(parts))
    return messages
