"""What a speaker is to say and do: from a turn, or from a few texts of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from flows.conversation import Turn
from flows.definition import Tier
from flows.line import Line
from flows.prompts import Message, text
from flows.reading import Expecting
from flows.utterance import Medium
from telephony.asking import Asking

_AGAIN: Final = {Expecting.CONSENT: "consent_again", Expecting.CHOICE: "choice_again"}
"""Texts that put once more what is long when it is put first."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer.

    `messages`: what is said; empty for nothing.  `language`: that of what is said.
    `once_more`: what is said after 8 seconds of silence; empty where nobody is listened to.
    `keep`: what Amazon hands back with the next request of this session.
    `free_words`: listen for whatever is said, and not for the skill's phrases alone.
    `ends`: the session ends after the words.
    """

    messages: tuple[Message, ...]
    language: str
    once_more: tuple[Message, ...] = ()
    keep: Mapping[str, str] = field(default_factory=dict)
    free_words: bool = False
    ends: bool = False


def reply_to(turn: Turn, line: Line) -> Reply:
    """What `turn` says; ValueError where that is nothing: nobody must be met with silence."""
    if not any(part.words for message in turn.said for part in message):
        raise ValueError("a turn on a speaker says nothing")
    language = turn.state.language
    if turn.hang_up:
        return Reply(turn.said, language, ends=True)
    return Reply(
        turn.said,
        language,
        once_more=_once_more(turn, line),
        keep=Asking.of(line, turn).fields,
        free_words=True,
    )


def of_texts(line: Line, language: str, *keys: str, **fill: str) -> Message:
    """A message of texts of the line, in `language`."""
    return tuple(text(line.words[language], Medium.VOICE, key, **fill) for key in keys)


def _once_more(turn: Turn, line: Line) -> tuple[Message, ...]:
    """What follows on silence: the question again, or the advice of a T1, or what can be done."""
    ended = line.flow.disposition.get(turn.state.position)
    expecting, language = turn.state.expecting, turn.state.language
    if expecting in _AGAIN:
        return (of_texts(line, language, "no_input_1", _AGAIN[expecting]),)
    if expecting is not Expecting.NOTHING:
        asked = tuple(part for part in turn.said[-1] if part.key.startswith("question."))
        return (of_texts(line, language, "no_input_1"), asked or turn.said[-1])
    if ended is not None and ended.tier is Tier.T1:
        return turn.said[:1]
    return turn.said[-1:]
