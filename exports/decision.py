"""How a turn was decided, for people who look over the line's shoulder."""

from dataclasses import dataclass

from exports.transcript import Reply, reply_of
from flows.conversation import Turn
from flows.definition import Disposition, Question
from flows.line import Line
from flows.reading import Expecting
from flows.state import asked_question


@dataclass(frozen=True, slots=True)
class Decision:
    """One turn's decision; the reading and its flags stand on the turn itself.

    `reply`: what the line does then.
    `ended`: the disposition at which the conversation stands after it, or None while it is open.
    `asks`: the question that is open after it, or None; `place`: its place in the flow, from 1.
    `waits_for`: what is waited for, where that is neither an answer nor nothing; else "".
    """

    reply: Reply
    ended: Disposition | None
    asks: Question | None
    place: int
    waits_for: str


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
    )
