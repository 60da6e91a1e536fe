"""The marks of a card: what a conversation is found by, or what its list says of it.

A mark is a text, such as "channel:voice" or "question:bladder"; a card has each at most once.
"""

from typing import Final

from flows.conversation import Turn
from flows.definition import Flow
from flows.reading import Answer
from flows.state import State

_WORRIES: Final = {
    False: frozenset((Answer.YES, Answer.UNSURE)),
    True: frozenset((Answer.NO, Answer.UNSURE)),
}
"""The answers that flag a question, by whether it is turned round."""


def flagged(flow: Flow, turn: Turn, before: State | None = None) -> set[str]:
    """The questions that a turn flags, and `before` it were not: by an answer, or by words.

    An answer flags its question where it is the one that needs care, or NOT SURE.
    """
    old = before.given if before else {}
    found = set()
    for name, given in turn.state.given.items():
        if old.get(name) == given:
            continue
        question = flow.question.get(name)
        if question is not None and given.answer in _WORRIES[question.turned_round]:
            found.add(name)
    if turn.reading is not None and turn.reading.flags:
        found |= {flag.about for flag in turn.reading.flags if flag.about in flow.question}
    return found


def skipped(flow: Flow, turn: Turn, before: State | None = None) -> set[str]:
    """The questions that a turn leaves skipped, and `before` it were not, where it ended so."""
    if turn.state.position not in flow.disposition:
        return set()
    old = before.given if before else {}
    return {
        name
        for name, given in turn.state.given.items()
        if given.answer is Answer.SKIPPED and old.get(name) != given
    }


def channel_mark(channel: str) -> str:
    return f"channel:{channel}"


def question_mark(question: str) -> str:
    return f"question:{question}"


def skipped_mark(question: str) -> str:
    return f"skipped:{question}"
