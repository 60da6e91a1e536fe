"""The acts that stored turns came of: a conversation that was had becomes one that can be played.

What is written is what `exports.transcript` reads. Time is written where something hangs on it:
a text that came before it could be read, and a pause of an hour or more.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from exports.transcript import (
    CALL,
    LONGEST_CALL,
    SURE,
    TEXT,
    Act,
    Reply,
    reply_of,
    write_transcript,
)
from flows.conversation import Turn
from flows.line import Line
from flows.utterance import Kind, Medium, Utterance

_KEYS = "0123456789*#"
_IN_A_CALL = (Kind.DIGITS, Kind.SPEECH, Kind.SILENCE, Kind.CLINIC_REACHED, Kind.CLINIC_MISSED)


def transcript_of(turns: Sequence[Turn], line: Line) -> str:
    """The transcript of one contact's turns, in their order, on `line`.

    ValueError where nothing was heard.
    """
    steps = list(_steps(turns, line))
    if not steps:
        raise ValueError("nothing was heard")
    first = turns[0].utterance.channel.medium
    return write_transcript(steps, TEXT if first is Medium.TEXT else CALL, line.locale)


def _steps(turns: Sequence[Turn], line: Line) -> Iterator[tuple[Act, Reply]]:
    channel = TEXT if turns and turns[0].utterance.channel.medium is Medium.TEXT else CALL
    before: Turn | None = None
    for turn in turns:
        heard = turn.utterance
        told_of = heard.kind is Kind.HANG_UP and before is not None and before.hang_up
        if heard.kind is not Kind.CLOCK and not told_of:
            if before is not None:
                yield from _pause(before, turn, line)
            act = _texted(heard, channel) if heard.kind is Kind.TEXT else _called(heard, channel)
            yield act, reply_of(turn, line)
            channel = TEXT if heard.kind is Kind.TEXT else CALL
        before = turn


def _pause(before: Turn, turn: Turn, line: Line) -> Iterator[tuple[Act, Reply]]:
    gap = turn.at - before.at
    too_soon = gap < timedelta(seconds=line.reading_seconds)
    if turn.utterance.kind is Kind.TEXT and too_soon:
        yield Act("wait", detail=f"{gap.total_seconds():.3f}s"), Reply()
    elif gap >= LONGEST_CALL:
        # A player hangs up after longer.
        lasted = min(gap, LONGEST_CALL) if turn.utterance.kind in _IN_A_CALL else gap
        yield Act("wait", detail=f"{int(lasted.total_seconds())}s"), Reply()


def _texted(heard: Utterance, channel: str) -> Act:
    words = _plain(heard.words)
    if heard.keyword is not None:
        return Act("carrier", words, heard.keyword.value)
    if heard.attachments:
        return Act("picture", words)
    # A bracket would be read as an act, and no words at all as silence in a call.
    plain = channel == TEXT and words and not words.startswith("[")
    return Act("" if plain else "text", words)


def _called(heard: Utterance, channel: str) -> Act:
    words = _plain(heard.words)
    match heard.kind:
        case Kind.ARRIVAL:
            return Act("call")
        case Kind.HANG_UP:
            return Act("hang up")
        case Kind.CLINIC_REACHED:
            return Act("clinic answers")
        case Kind.CLINIC_MISSED:
            return Act("clinic missed")
        case Kind.DIGITS:
            plain = channel == CALL and len(words) == 1 and words in _KEYS
            return Act("", words) if plain else Act("press", detail=words)
        case Kind.SPEECH:
            sure = channel == CALL and heard.confidence == SURE
            plain = sure and len(words) > 1 and not words.startswith("[")
            return Act("", words) if plain else Act("say", words, f"{heard.confidence:g}")
        case _:
            return Act("silence" if channel == CALL else "quiet")


def _plain(words: str) -> str:
    """The words without what a transcript cannot hold: spaces at the ends, and several in a row."""
    return "\n".join(" ".join(line.split()) for line in words.split("\n")).strip(" ")
