"""How a turn was decided, for people who look over the line's shoulder."""

from dataclasses import dataclass
from typing import Final

from exports.transcript import Reply, reply_of
from flows.conversation import Turn
from flows.definition import Disposition, Question
from flows.line import Line
from flows.reading import Expecting
from flows.state import asked_question
from flows.utterance import Medium

_PUT_AGAIN: Final = "too_early"
"""The text with which a question is put again to whoever was too soon for it."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One turn's decision; the reading and its flags stand on the turn itself.

    `reply`: what the line does then.
    `ended`: the disposition at which the conversation stands after it, or None while it is open.
    `asks`: the question that is open after it, or None; `place`: its place in the flow, from 1.
    `untimely`: why what was heard is no answer, however it was understood: "too_soon" for a text
    that came before its question can have been read, "out_of_place" for what was said or pressed to
    a question that is not asked any more; else "".
    `waits_for`: what is waited for, where that is neither an answer nor nothing; else "".
    """

    reply: Reply
    ended: Disposition | None
    asks: Question | None
    place: int
    waits_for: str
    untimely: str = ""


def decision_of(turn: Turn, line: Line) -> Decision:
    """What `turn` decided on `line`."""
    state = turn.state
    asks = asked_question(line.flow, state)
    waits = state.expecting not in (Expecting.ANSWER, Expecting.NOTHING)
    return Decision(
        reply=reply_of(turn, line),
        ended=line.flow.disposition.get(state.position),
        asks=asks,
        place=line.flow.number[asks.id] + 1 if asks else 0,
        waits_for=state.expecting.value if waits else "",
        untimely=untimely(turn),
    )


def untimely(turn: Turn) -> str:
    """Why what was heard is no answer, as `Decision.untimely` says it."""
    if not any(part.key == _PUT_AGAIN for message in turn.said for part in message):
        return ""
    by_text = turn.utterance.channel.medium is Medium.TEXT
    return "too_soon" if by_text else "out_of_place"
