"""What a person is owed after a turn, beside the answer that they got: pure, like the turn itself.

- What the clock says has no answer to stand in: each of its messages is sent.
- The advice of T1 and T2 that went out with an answer by text is confirmed: it is looked after,
  and sent again where it never reached the carrier.
- The advice of T1 and T2 given by phone is texted after the call, to whoever agreed; and it is
  found out whether it can have been heard.

Nobody is written to who did not agree, or has sent STOP; the T1 that is due is the exception.
"""

from dataclasses import dataclass
from enum import StrEnum

from flows.conversation import Turn
from flows.definition import RED_FLAG_TIERS, Flow, Tier
from flows.state import State
from flows.utterance import Kind, Medium


class Owed(StrEnum):
    """What is owed; the kinds of the rows in the outbox."""

    SAID = "said"
    """A message of a turn that the clock took."""
    REPLY = "reply"
    """Advice that stands in the answer to a text."""
    ADVICE = "advice"
    """The advice of a call, as a text after it."""
    SPOKEN = "spoken"
    """To find out whether the advice of a call was heard."""


@dataclass(frozen=True, slots=True)
class Debt:
    """One thing that is owed. `message`: which of the turn's messages, or of the disposition's."""

    owed: Owed
    urgent: bool
    message: int = 0


def owed(flow: Flow, before: State | None, turn: Turn) -> tuple[Debt, ...]:
    """What `turn` owes, which goes on from `before`; None where it opens the conversation."""
    urgent = reaches_advice(flow, before, turn)
    if turn.utterance.kind is Kind.CLOCK:
        return tuple(Debt(Owed.SAID, urgent, place) for place, _ in enumerate(turn.said))
    if not urgent or not turn.said:
        return ()
    if turn.utterance.channel.medium is Medium.TEXT:
        return (Debt(Owed.REPLY, urgent=True),)
    debts = [Debt(Owed.SPOKEN, urgent=True)]
    if turn.state.agreed:
        messages = flow.disposition[turn.state.position].messages
        debts += [Debt(Owed.ADVICE, urgent=True, message=place) for place, _ in enumerate(messages)]
    return tuple(debts)


def reaches_advice(flow: Flow, before: State | None, turn: Turn) -> bool:
    """Whether with this turn the advice is T1 or T2 that was another one, or none, before."""
    reached = turn.state.position
    return urgent_tier(flow, reached) is not None and (before is None or before.position != reached)


def urgent_tier(flow: Flow, position: str) -> Tier | None:
    """T1 or T2, where `position` is the end of a conversation with that; else None."""
    ended = flow.disposition.get(position)
    return ended.tier if ended is not None and ended.tier in RED_FLAG_TIERS else None


def may_be_sent(flow: Flow, state: State, reached: str) -> bool:
    """Whether a person in this state may be sent something about the end `reached`."""
    return not state.opted_out or urgent_tier(flow, reached) is Tier.T1
