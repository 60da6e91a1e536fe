"""A conversation written down as it must go, for either channel. In comes text, out come steps.

    # what it shows
    channels: text call       how it can be played; both unless said
    locale: en-GB             en-US unless said

    > hello                   heard; by phone the first one is the call's arrival
    < intro_1 intro_2 intro_3     what must be said: a line per message, the keys of its paragraphs
    > agree
    < question.bladder
    > yes
    < emergency
    < emergency_more
    = T1 emergency            the conversation ends here, at this tier and disposition
    ! T1                      the clinic is told
    * hang up                 by phone: the line hangs up, or puts through (`connect`)
    ~ es                      the reply is in this language, which is not the locale's first

Words are written or spoken, with ⏎ where a text goes on in another line; by phone one digit is a
key. Anything else that is heard is an act in
brackets, some with words behind it: see `ACTS`. What a step does not list must not happen.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from flows.conversation import Turn
from flows.definition import Disposition
from flows.line import Line

TEXT: Final = "text"
CALL: Final = "call"

SURE: Final = 0.95
"""The confidence of speech that says nothing of its own."""

LONGEST_CALL: Final = timedelta(hours=1)

ACTS: Final = {
    "silence": "nothing: an empty text, or nobody speaks",
    "quiet": "nobody speaks, although something was texted meanwhile (by phone)",
    "junk": "words that mean nothing",
    "picture": "a picture, with or without words (by text)",
    "carrier": "[carrier STOP]: words that the carrier itself answers as STOP, START or HELP",
    "text": "words by text, whatever came before",
    "call": "a call begins",
    "say": "[say 0.3]: speech, recognised with that confidence (by phone)",
    "press": "[press 9]: a key (by phone)",
    "late": "[late 1]: a key for the question before (by phone)",
    "hang up": "the caller hangs up (by phone)",
    "clinic answers": "the clinic took the call that was put through (by phone)",
    "clinic missed": "the clinic did not take it (by phone)",
    "wait": "[wait 25h]: so long (s, m, h, d) after the last thing heard; over an hour ends a call",
}
_NUMBERED: Final = ("carrier", "say", "press", "late", "wait")
_ACT = re.compile(rf"\[({'|'.join(ACTS)})(?: ([^\] ]+))?\](?: (.*))?", re.DOTALL)
_NEW_LINE: Final = "⏎"
_PHONE_ONLY: Final = ("after_advice", "language_choice")


class TranscriptError(Exception):
    """A transcript that cannot be read or played; the message names the line."""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that the person does. `name`: "" for plain words, else one of `ACTS`."""

    name: str
    words: str = ""
    detail: str = ""

    def __str__(self) -> str:
        words = self.words.replace("\n", _NEW_LINE)
        if not self.name:
            return words
        bracket = f"[{self.name} {self.detail}]" if self.detail else f"[{self.name}]"
        return f"{bracket} {words}".rstrip()


@dataclass(frozen=True, slots=True)
class Reply:
    """What the line does then, in the notation of a transcript.

    `said`: the keys of each message.  `ends`: tier and disposition, or "".
    `alerts`: what the clinic is told.  `then`: "connect" and "hang up".
    `language`: that of what is said, where it is another than the line's first; else "".
    """

    said: tuple[str, ...] = ()
    ends: str = ""
    alerts: tuple[str, ...] = ()
    then: tuple[str, ...] = ()
    language: str = ""

    def lines(self) -> Iterator[str]:
        yield from (f"< {keys}" for keys in self.said)
        if self.ends:
            yield f"= {self.ends}"
        yield from (f"! {alert}" for alert in self.alerts)
        yield from (f"* {deed}" for deed in self.then)
        if self.language:
            yield f"~ {self.language}"


@dataclass(frozen=True, slots=True)
class Step:
    """An act and the reply that it must have. `line`: its number in the file."""

    line: int
    act: Act
    reply: Reply


@dataclass(frozen=True, slots=True)
class Transcript:
    """A whole conversation. `channels`: those it can be played on."""

    steps: tuple[Step, ...]
    channels: tuple[str, ...] = (TEXT, CALL)
    locale: str = "en-US"


def reply_of(turn: Turn | None, line: Line) -> Reply:
    """What a turn did, as a transcript says it. What only a call adds is left out of it."""
    if turn is None:
        return Reply()
    ended = line.flow.disposition.get(turn.state.position)
    language = turn.state.language
    newly = ended is not None and turn.state.since == turn.at
    then = (("connect",) if turn.connect else ()) + (("hang up",) if turn.hang_up else ())
    return Reply(
        said=tuple(_keys([part.key for part in message]) for message in turn.said),
        ends=_ending(ended) if newly and ended else "",
        alerts=turn.alerts,
        then=then,
        language=language if turn.said and language != line.language else "",
    )


def _ending(disposition: Disposition) -> str:
    return f"{disposition.tier} {disposition.id}"


def _keys(keys: list[str]) -> str:
    """The keys of a message without what is said twice, and what names a phone's keys."""
    once = keys[: keys.index("say_again")] if "say_again" in keys else keys
    return " ".join(dict.fromkeys(key for key in once if key not in _PHONE_ONLY))


# --- Reading and writing ----------------------------------------------------------------------


def read_transcript(text: str) -> Transcript:
    """The transcript in `text`; TranscriptError where a line cannot be understood."""
    found = Transcript(())
    steps: list[Step] = []
    for number, line in enumerate(text.splitlines(), start=1):
        mark, _, rest = line.partition(" ")
        rest = rest.strip()
        if not line.strip() or mark.startswith("#"):
            continue
        if mark == ">":
            steps.append(Step(number, read_act(rest, number), Reply()))
        elif mark in ("channels:", "locale:") and not steps:
            found = _with_header(found, mark, rest, number)
        elif mark in ("<", "=", "!", "*", "~") and rest and steps:
            steps[-1] = replace(steps[-1], reply=_with(steps[-1].reply, mark, rest, number))
        else:
            raise TranscriptError(f"line {number}: {line!r} is no line of a transcript")
    if not steps:
        raise TranscriptError("it holds nothing to play")
    return replace(found, steps=tuple(steps))


def read_act(text: str, line: int = 0) -> Act:
    """The act in `text`; TranscriptError for a bracket that is no act."""
    text = text.replace(_NEW_LINE, "\n")
    if not text.startswith("["):
        return Act("", text)
    match = _ACT.fullmatch(text)
    name, detail, words = match.groups(default="") if match else ("", "", "")
    if not name or (name in _NUMBERED) != bool(detail):
        raise TranscriptError(f"line {line}: {text!r} is no act: {', '.join(ACTS)}")
    return Act(name, words, detail)


def _with_header(found: Transcript, mark: str, rest: str, line: int) -> Transcript:
    if mark == "locale:":
        return replace(found, locale=rest)
    channels = tuple(rest.split())
    if not channels or not set(channels) <= {TEXT, CALL}:
        raise TranscriptError(f"line {line}: channels are {TEXT} and {CALL}")
    return replace(found, channels=channels)


def _with(reply: Reply, mark: str, rest: str, line: int) -> Reply:
    match mark:
        case "<":
            return replace(reply, said=(*reply.said, " ".join(rest.split())))
        case "!":
            return replace(reply, alerts=(*reply.alerts, rest))
        case "*":
            return replace(reply, then=(*reply.then, rest))
        case "~":
            return replace(reply, language=rest)
        case _:
            if reply.ends:
                raise TranscriptError(f"line {line}: it has ended already")
            return replace(reply, ends=rest)


def write_transcript(steps: Iterable[tuple[Act, Reply]], channel: str, locale: str) -> str:
    """The text of a transcript, which `read_transcript` takes."""
    lines = [f"channels: {channel}", f"locale: {locale}"]
    for act, reply in steps:
        lines += ["", f"> {act}".rstrip(), *reply.lines()]
    return "\n".join(lines) + "\n"
