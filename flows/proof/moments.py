"""One step of the proof's walk, as the invariants look at it. Part of `flows.proof`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from flows.conversation import Turn
from flows.definition import CHECKED, GUIDANCE, Disposition, Flow, Question, Tier
from flows.proof.events import AT_ONCE, Event
from flows.reading import Answer, Expecting
from flows.state import Given, Reached, State, asked_question
from flows.utterance import Kind, Medium

DAY: Final = timedelta(hours=24)
WEEKS: Final = timedelta(days=14)
"""The invariants' own times: a flow whose settings say otherwise is what they must find."""

LASTING: Final = (Tier.T1, Tier.T2, Tier.T3, Tier.T4)


@dataclass(slots=True)
class Moment:
    """What was, what happened, and what came of it.

    `before`: the state that the turn was decided from, None where a new conversation begins.
    `contact`: what the conversation before it left, if any, and so the same as `before` within one.
    `twin`: the turn that a text of the same meaning gets here, for a call (I-12).
    `keys`: the texts said, in their order.  `end`: the disposition that the person now stands at.
    `arrived`: `end` is new to this conversation.  `guided`: massage guidance is given.
    `stored`: the answers that this turn took.
    """

    flow: Flow
    before: State | None
    contact: State | None
    event: Event
    turn: Turn
    twin: Turn | None
    state: State
    keys: tuple[str, ...]
    end: Disposition | None
    arrived: bool
    guided: bool
    stored: Mapping[str, Answer]

    @property
    def asked(self) -> Question | None:
        """The question that was open."""
        return asked_question(self.flow, self.before) if self.before else None

    @property
    def was_emergency(self) -> bool:
        """The person stood at T1, in this conversation."""
        end = self.flow.disposition.get(self.before.position) if self.before else None
        return end is not None and end.tier is Tier.T1

    @property
    def leaves_emergency(self) -> bool:
        """A new conversation begins in place of one that ended with T1 in the last weeks.

        Not where the clinic's staff have released it.
        """
        if self.before is not None or self.contact is None:
            return False
        if self.contact.emergency_at is None:
            return False
        end = self.flow.disposition.get(self.contact.position)
        lately = self.turn.at - self.contact.since <= WEEKS
        return end is not None and end.tier is Tier.T1 and lately

    @property
    def released(self) -> bool:
        """The clinic's staff take back what a T1 holds: the other thing that may (R7)."""
        return self.event.heard.kind is Kind.RELEASE

    @property
    def cleared(self) -> bool:
        """A hospital has checked it: the one thing that takes back what was found (R7)."""
        return self.arrived and self.end is not None and self.end.id == CHECKED

    @property
    def early(self) -> bool:
        """A text that came before its question could have been read."""
        if self.before is None or self.event.spoken:
            return False
        waits = self.before.expecting in (Expecting.ANSWER, Expecting.CONSENT)
        return waits and self.turn.at - self.before.since <= AT_ONCE

    @property
    def silenced(self) -> bool:
        """By text, to somebody who has sent STOP."""
        return self.state.opted_out and not self.event.spoken

    @property
    def unwanted(self) -> bool:
        """Time has passed, and the person has not agreed by text to be written to."""
        if self.event.heard.kind is not Kind.CLOCK or self.before is None:
            return False
        by_text = self.event.begun is Medium.TEXT
        return not (by_text and self.before.agreed and not self.before.opted_out)

    def lowest(self) -> Tier | None:
        """The tier that was reached within the last day, and that nothing may fall below."""
        return _tier(self.flow, self.contact.reached, self) if self.contact else None

    def lowest_after(self) -> Tier | None:
        return _tier(self.flow, self.state.reached, self)


def _tier(flow: Flow, reached: Reached | None, moment: Moment) -> Tier | None:
    if reached is None or moment.turn.at - reached.at > DAY:
        return None
    tier = flow.disposition[reached.disposition].tier
    return tier if tier in LASTING else None


def look(
    flow: Flow, contact: State | None, event: Event, turn: Turn, others: Mapping[str, Turn]
) -> Moment:
    """The moment of `turn`; `others`: the turns that other events get here, by their name."""
    before, state = (None if turn.opens else contact), turn.state
    end = flow.disposition.get(state.position)
    given = contact.given if contact else {}
    stored: Mapping[str, Answer] = _NOTHING
    if state.given is not given:
        stored = {
            name: one.answer for name, one in state.given.items() if given.get(name) is not one
        }
    keys = tuple([part.key for message in turn.said for part in message])
    arrived = end is not None and (before is None or before.position != state.position)
    return Moment(
        flow=flow,
        before=before,
        contact=contact,
        event=event,
        turn=turn,
        twin=others.get(event.same_as),
        state=state,
        keys=keys,
        end=end,
        arrived=arrived,
        guided="guidance_1" in keys or (arrived and state.position == GUIDANCE),
        stored=stored,
    )


_NOTHING: Final[Mapping[str, Answer]] = {}


def safe(question: Question) -> Answer:
    """The answer that a question is gone on from without a worry."""
    return Answer.YES if question.turned_round else Answer.NO


def is_red(question: Question) -> bool:
    """A red flag that YES confirms."""
    return question.red_flag and not question.turned_round


def is_worry(given: Given | None) -> bool:
    return given is not None and given.answer in (Answer.YES, Answer.UNSURE)


Check = Callable[[Moment], str | None]
"""What is wrong at a moment, in a sentence; None where nothing is."""


@dataclass(frozen=True, slots=True)
class Invariant:
    """`id`: that of docs/safety/invariants.md."""

    id: str
    check: Check
