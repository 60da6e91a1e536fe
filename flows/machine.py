"""Which moves are legal: the one module that knows `transitions`.

The rules find out what an answer means; the machine must agree.
Massage guidance is a legal move from the last question alone, so a mistake in the rules cannot
reach it from anywhere else.

The machine is flat, has no conditions and no callbacks, and is built once for a flow.
Its events fire on a throw-away cursor, which makes it safe to share between threads
(docs/decisions/0002-one-shared-machine.md).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from transitions import Machine, MachineError

from flows.definition import CHECKED, CONSENT, UNFINISHED, Flow, Move, Tier

GO_ON = Move.GO_ON.value
BACK = "back"
START_OVER = "start_over"
ASK_CONSENT = "ask_consent"


class IllegalMove(Exception):
    """The rules asked for a move that the table below does not hold; nothing was moved."""


class Row(NamedTuple):
    """One legal move. A disposition's trigger is its own id."""

    trigger: str
    source: str
    dest: str


def rows(flow: Flow) -> Iterator[Row]:
    """Every legal move of `flow`, as it reads: along the questions, then out of them."""
    questions = [question.id for question in flow.questions]
    first, last = questions[0], questions[-1]
    ends = flow.dispositions
    emergencies = [end.id for end in ends if end.tier is Tier.T1]
    urgent = [end.id for end in ends if end.tier in (Tier.T1, Tier.T2)]
    lasting = [end.id for end in ends if end.tier in (Tier.T3, Tier.T4)]
    calmer = [end.id for end in ends if end.tier is not Tier.T1]

    # Along the questions.
    yield Row(GO_ON, CONSENT, first)
    for one, following in pairwise(questions):
        yield Row(GO_ON, one, following)
        yield Row(BACK, following, one)

    # Out of them: by an answer, or by a tier that was reached within the last day (R10).
    for question in flow.questions:
        answered = {
            target
            for targets in (
                question.yes,
                question.no,
                question.unsure,
                question.skipped,
            )
            for target in targets
            if target in flow.disposition
        }
        floors = set(lasting) if question.id == last or not question.red_flag else set()
        for end in ends:
            if end.id in (answered | floors) - {CHECKED, *urgent}:
                yield Row(end.id, question.id, end.id)

    # From anywhere: words of danger count at any time (R8), and nobody can be made to answer (R11).
    for place in (CONSENT, *questions, *calmer):
        for end_id in urgent:
            yield Row(end_id, place, end_id)
    for place in (CONSENT, *questions):
        yield Row(UNFINISHED, place, UNFINISHED)
    for end in ends:
        if end.tier in (Tier.T0, Tier.T3, Tier.T4, Tier.T5):
            yield Row(UNFINISHED, end.id, UNFINISHED)

    # After an emergency, only another one, or CHECKED (R7).
    for place in emergencies:
        yield Row(CHECKED, place, CHECKED)
        for end_id in emergencies:
            yield Row(end_id, place, end_id)

    # From the start: the questions again, or consent where it was never given.
    for place in (*questions, *calmer):
        yield Row(START_OVER, place, first)
    for place in (CONSENT, *calmer):
        yield Row(ASK_CONSENT, place, CONSENT)


@dataclass(slots=True)
class _Cursor:
    state: str


class FlowMachine:
    """The legal moves of one flow."""

    def __init__(self, flow: Flow) -> None:
        """Build the machine; costs milliseconds, so once per process."""
        positions = [
            CONSENT,
            *(question.id for question in flow.questions),
            *(disposition.id for disposition in flow.dispositions),
        ]
        self._machine = Machine(
            model=None,
            states=positions,
            initial=None,
            transitions=[row._asdict() for row in rows(flow)],
            auto_transitions=False,
            queued=False,
        )
        self._known: dict[tuple[str, str], str] = {}

    def move(self, position: str, trigger: str) -> str:
        """The position that `trigger` leads to from `position`; IllegalMove where it may not.

        A move never changes, so the machine is asked once for each and its answer is kept.
        """
        known = self._known.get((position, trigger))
        if known is None:
            known = self._known[position, trigger] = self._asked(position, trigger)
        return known

    def _asked(self, position: str, trigger: str) -> str:
        if trigger not in self._machine.events:
            raise IllegalMove(f"{trigger} from {position}")
        cursor = _Cursor(position)
        try:
            self._machine.events[trigger].trigger(cursor)
        except (MachineError, ValueError) as error:
            raise IllegalMove(f"{trigger} from {position}") from error
        return cursor.state
