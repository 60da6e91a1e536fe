"""How a simulated conversation is shown in a terminal."""

from collections.abc import Iterator
from typing import Final

from app.counted import counted
from exports.decision import decision_of
from flows.conversation import Turn
from flows.line import Line
from flows.prompts import Part
from flows.utterance import Medium
from flows.wording import length

_UNTIMELY: Final = {
    "too_soon": "not taken as an answer: it came too soon after the question",
    "out_of_place": "not taken as an answer: that question is not asked any more",
}

HELP = """\
Write what the person says; an empty line is silence (by text: an empty message). By phone one
digit is a key. Anything else begins with a slash:

  /call                 a call begins (and goes on with what was begun)
  /text [words]         by text from here on
  /hangup               the caller hangs up
  /say 0.3 words        speech that was recognised with that confidence (0 to 1)
  /press 9              a key
  /late 1               a key for the question before
  /clinic answers       the clinic takes the call that was put through; or /clinic missed
  /picture [words]      a picture by text
  /junk                 words that mean nothing
  /carrier STOP words   a keyword that the carrier answers itself: STOP, START or HELP
  /wait 25h             so long before the next thing (s, m, h, d); over an hour ends a call
  /help  /quit
"""


def shown(turn: Turn, line: Line) -> Iterator[str]:
    """The lines for a turn: what is sent or said, and how it was decided."""
    spoken = turn.utterance.channel.medium is Medium.VOICE
    for message in turn.said:
        yield from _spoken(message) if spoken else _sent(message)
    if not turn.said:
        yield "  (nothing)"
    yield f"  -- {'; '.join(_decision(turn, line))}"


def _spoken(message: tuple[Part, ...]) -> Iterator[str]:
    for part in message:
        yield f'  "{part.words}"'


def _sent(message: tuple[Part, ...]) -> Iterator[str]:
    words = "\n\n".join(part.words for part in message)
    for paragraph in words.splitlines():
        yield f"  | {paragraph}".rstrip()
    size = length(words)
    units = counted(size.units, "septet" if size.gsm else "UCS-2 unit")
    yield f"  = {counted(size.parts, 'segment')}, {units}"


def _decision(turn: Turn, line: Line) -> Iterator[str]:
    if turn.reading:
        yield f"{turn.reading.meaning} by {turn.reading.rule}"
        for flag in turn.reading.flags:
            yield f"{'flag' if flag.certain else 'perhaps a flag'}: {flag.about} by {flag.rule}"
    decided = decision_of(turn, line)
    if decided.untimely:
        yield _UNTIMELY[decided.untimely]
    if decided.reply.language:
        yield f"in {decided.reply.language}"
    if decided.reply.ends:
        yield f"ends: {decided.reply.ends}"
    elif decided.ended:
        yield f"ended: {decided.ended.tier} {decided.ended.id}"
    elif decided.asks:
        of = len(line.flow.questions)
        yield f"asks {decided.asks.id} ({decided.asks.tier}, {decided.place} of {of})"
    if decided.waits_for:
        yield f"waits for {decided.waits_for}"
    for alert in turn.alerts:
        yield f"the clinic is told: {alert}"
    if turn.connect:
        yield "the call is put through to the clinic"
    if turn.hang_up:
        yield "the line hangs up"
