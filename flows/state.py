"""The small state that each turn leaves: all that the next turn needs to know.

It is stored with the turn, as JSON; the newest turn's is the conversation's.
"""

from datetime import datetime

import msgspec

from flows.definition import Flow, Question
from flows.reading import Answer, Expecting
from flows.utterance import Medium


class Given(msgspec.Struct, frozen=True, array_like=True):
    """An answer, and when it was given (UTC)."""

    answer: Answer
    at: datetime


class Reached(msgspec.Struct, frozen=True, array_like=True):
    """A disposition, when it was reached (UTC), and the question whose reason it gives, if any."""

    disposition: str
    at: datetime
    question: str | None = None


class State(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a conversation stands. Treat the mapping in it as immutable.

    `position`: the machine's: consent, a question's id, or a disposition's id.
    `since`: when what is asked now was first put to the person, or the conversation ended (UTC).
    `put`: the number of the turn that last put it.
    `pending`: red-flag questions that the person's words raised, asked before the position's own.
    `given`: the answers of this conversation, and those that START OVER may not take back.
    `doubts`, `skips`, `misses`: how often what is asked now was met so.
    `heard`: an answer that was heard with little confidence and is being read back.
    `reached`: the most urgent disposition yet, and `emergency_at` the last T1, over conversations.
    `unread`: something could not be read, so an unfinished conversation is raised to the clinic.
    `alerted`: what the clinic has been told of in this conversation.
    `nudged`: the clock has put what is asked now once more; `followed_up`: it has asked whether the
    person was seen.
    `asked`: how many questions have been put, which decides how long the keys are named.
    """

    position: str
    expecting: Expecting
    since: datetime
    language: str
    begun: Medium
    put: int = 0
    pending: tuple[str, ...] = ()
    given: dict[str, Given] = {}
    doubts: int = 0
    skips: int = 0
    misses: int = 0
    heard: Answer | None = None
    agreed: bool = False
    opted_out: bool = False
    reached: Reached | None = None
    emergency_at: datetime | None = None
    unread: bool = False
    alerted: tuple[str, ...] = ()
    nudged: bool = False
    followed_up: bool = False
    asked: int = 0


def asked_question(flow: Flow, state: State) -> Question | None:
    """The question that an answer would belong to, or None before and after the questions."""
    name = state.pending[0] if state.pending else state.position
    return flow.question.get(name)
