"""A number for the clinic to call back, for a speaker tells none.

It is offered at the greeting and asked for once, where the conversation ends: the advice comes
first. It is kept sealed with the contact, and is no turn: nothing that was said of a body is in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Protocol

from alexa.envelope import Envelope
from alexa.intents import CALLBACK, NO, NO_NUMBER, NUMBER_SLOT, SKIP
from alexa.reply import Reply, of_texts
from flows.conversation import Conversation, Turn
from flows.definition import Tier
from flows.line import Line
from flows.wording import one_by_one
from telephony.contact import local_digits, local_number

ASKED: Final = "callback"
"""What a session keeps, once it has asked: `NOW` with the answer that asks, then `BEFORE`."""

NOW: Final = "now"
BEFORE: Final = "before"


class Callbacks(Protocol):
    """Where numbers are kept."""

    def keep(self, contact: str, number: str) -> None:
        """Keep `number` (E.164) as the one to call `contact` back on."""

    def known(self, contact: str) -> bool:
        """Whether there is one."""


@dataclass(frozen=True, slots=True)
class Given:
    """What was said about a number. `number`: E.164, or None where none was understood."""

    number: str | None
    refused: bool = False


def number_in(envelope: Envelope, country: str) -> Given | None:
    """What the request says about a number; None where it is about something else.

    `country`: the clinic's, such as `US`: numbers are said as they are dialled there.
    """
    intent = envelope.request.intent
    if intent is None:
        return None
    if intent.name == CALLBACK:
        return Given(local_number(intent.slot(NUMBER_SLOT), country))
    if intent.name in (NO_NUMBER, NO, SKIP) and envelope.attributes.get(ASKED) == NOW:
        return Given(None, refused=True)
    return None


def is_aside(given: Given | None, conversation: Conversation | None, line: Line) -> bool:
    """Whether nothing of the conversation is answered by it, so that there is no turn to take.

    After a T1 there always is: whatever is said then, the advice is given again (R7).
    """
    if given is None or conversation is None:
        return False
    ended = line.flow.disposition.get(conversation.state.position)
    return ended is not None and ended.tier is not Tier.T1


def answered(given: Given, line: Line, language: str, kept: Mapping[str, str]) -> Reply:
    """What is said to it, where it is all that is said; `kept`: what the session has kept."""
    if given.refused:
        return Reply((of_texts(line, language, "callback_none", "goodbye"),), language, ends=True)
    said = of_texts(line, language, *_about(given), **_fill(given))
    then = of_texts(line, language, "after_advice")
    return Reply(
        messages=((*said, *then),),
        language=language,
        once_more=(then,),
        keep={**kept, ASKED: BEFORE if given.number else NOW},
    )


def ahead(given: Given, reply: Reply, line: Line) -> Reply:
    """`reply`, with what is said to a number first."""
    if given.refused:
        return reply
    said = of_texts(line, reply.language, *_about(given), **_fill(given))
    # After an unclear number, one that is said again is no free words.
    return replace(reply, messages=(said, *reply.messages), free_words=bool(given.number))


def asks(turn: Turn, line: Line) -> bool:
    """Whether this is where to ask: the conversation ends, with somebody who had agreed to it."""
    ends = turn.state.position in line.flow.disposition and turn.state.since == turn.at
    return ends and turn.state.agreed and not turn.hang_up


def asking(reply: Reply, line: Line) -> Reply:
    """`reply`, with the question for a number at its end."""
    question = of_texts(line, reply.language, "callback_ask")
    return replace(
        reply,
        messages=(*reply.messages, question),
        once_more=(*reply.once_more, question),
        keep={**reply.keep, ASKED: NOW},
        # A number alone is heard where nothing else is listened for.
        free_words=False,
    )


def _about(given: Given) -> tuple[str, ...]:
    return ("callback_kept",) if given.number else ("callback_unclear",)


def _fill(given: Given) -> dict[str, str]:
    return {"answer": one_by_one(local_digits(given.number))} if given.number else {}
