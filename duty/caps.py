"""Caps on what is answered, the stop of a loop between two machines, and blocked numbers.

An inbound text costs us a reply, and fraud is made with that. Over a cap the turn is still taken
down, and its reply is withheld: the safety net once, then nothing. The answer is then not counted
as heard either, since the next question was not put: whoever goes on later is at the same place.

Never withheld is advice of T1 or T2, or to somebody who thinks of self-harm, when it is reached;
nor what says nothing, such as a STOP. A call is never met with silence: it gets the safety net.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from flows.conversation import Conversation, Turn
from flows.definition import CONSENT, Flow, Tier
from flows.prompts import Message
from flows.reading import Expecting, Miss, Reading
from flows.state import State
from flows.utterance import Medium

RULE: Final = "withheld"
"""What the rule of a withheld turn's reading begins with; the reason follows a full stop."""

SPELL: Final = timedelta(hours=1)
"""The safety net is given once in it."""

_MUST_BE_TOLD: Final = frozenset(("T1", "T2", "crisis"))


class Why(StrEnum):
    """Why a reply is withheld."""

    BLOCKED = "blocked"
    LOOP = "loop"
    HOUR = "hour"
    DAY = "day"
    COUNTRY = "country"
    CLINIC = "clinic"


_OF_OTHERS: Final = frozenset((Why.COUNTRY, Why.CLINIC))


@dataclass(frozen=True, slots=True)
class Caps:
    """How much is answered.

    `hour`, `day`: turns of one number; a conversation with many doubts has some 50.
    `openings`: new people of a clinic in an hour, 0 for any number.
    `foreign`: of those, from one country that is not the clinic's.
    `alike`: the same words in a row within `alike_within`, where they are `alike_from` characters
    or longer and answered no question.
    """

    hour: int = 120
    day: int = 300
    openings: int = 500
    foreign: int = 20
    alike: int = 5
    alike_within: timedelta = timedelta(minutes=10)
    alike_from: int = 12


CAPS: Final = Caps()


class Pace(msgspec.Struct, frozen=True):
    """What is known of a number when it is heard again; by default nothing that matters.

    `hour`, `day`: its turns before this one.  `words`: the newest ones, which came `alike` times in
    a row and answered no question: people say "no, nothing like that" to one after another.
    `openings`, `foreign`: new people of the clinic, and of the number's country, within the
    hour.  `withheld_at`: when a reply to it was withheld last, within the spell.
    `blocked_at`: since when it is blocked.
    """

    hour: int = 0
    day: int = 0
    words: str = ""
    alike: int = 0
    openings: int = 0
    foreign: int = 0
    withheld_at: datetime | None = None
    blocked_at: datetime | None = None


def why(caps: Caps, pace: Pace, before: Conversation | None, turn: Turn) -> Why | None:
    """Why the reply of `turn` is to be withheld; None: it is not."""
    said = turn.utterance.words.strip()
    again = len(said) >= caps.alike_from and said == pace.words.strip()
    if pace.blocked_at is not None:
        return Why.BLOCKED
    if again and pace.alike >= caps.alike:
        return Why.LOOP
    if pace.hour >= caps.hour:
        return Why.HOUR
    if pace.day >= caps.day:
        return Why.DAY
    if not _is_new(before):
        # Whoever is in the middle of the questions is not stopped by what others do.
        return None
    if pace.foreign >= caps.foreign:
        return Why.COUNTRY
    return Why.CLINIC if 0 < caps.openings <= pace.openings else None


def withheld(
    flow: Flow, turn: Turn, before: Conversation | None, reason: Why, pace: Pace, net: Message
) -> Turn:
    """`turn` with its reply withheld as far as that is safe. `net`: the safety net."""
    if not turn.said or _must_be_told(turn, before, reason, pace):
        return turn
    flags = turn.reading.flags if turn.reading else ()
    marked = msgspec.structs.replace(
        turn, reading=Reading(Miss.NO_MATCH, f"{RULE}.{reason}", flags)
    )
    first = pace.withheld_at is None and reason is not Why.BLOCKED
    ended = flow.disposition.get(turn.state.position)
    if first and ended is not None and ended.tier is Tier.T1:
        return marked  # T1 once more is the best safety net
    # Whoever may have a red flag is not met with silence for what others do.
    crowded = reason in _OF_OTHERS and bool(flags)
    return _unanswered(marked, before, net, spoken=first or crowded)


def reason_of(turn: Turn) -> str | None:
    """Why the reply of a stored turn was withheld; None: it was not."""
    rule = turn.reading.rule if turn.reading else ""
    return rule.removeprefix(f"{RULE}.") if rule.startswith(f"{RULE}.") else None


def _must_be_told(turn: Turn, before: Conversation | None, reason: Why, pace: Pace) -> bool:
    if not _MUST_BE_TOLD & set(turn.alerts):
        return False
    if reason is not Why.BLOCKED or before is None or pace.blocked_at is None:
        return True
    reached = before.state.reached
    told = [before.state.emergency_at, reached.at if reached else None]
    return not any(at is not None and at >= pace.blocked_at for at in told)


def _unanswered(turn: Turn, before: Conversation | None, net: Message, *, spoken: bool) -> Turn:
    """`turn` as one that was taken down and changed nothing but whether STOP was said."""
    by_phone = turn.utterance.channel.medium is Medium.VOICE
    state = State(
        position=CONSENT,
        expecting=Expecting.NOTHING,
        since=turn.at,
        language=turn.state.language,
        begun=turn.utterance.channel.medium,
    )
    if before is not None:
        state = msgspec.structs.replace(before.state, opted_out=turn.state.opted_out)
    return msgspec.structs.replace(
        turn,
        number=before.number + 1 if before else 1,
        opens=before is None,
        said=(net,) if spoken or by_phone else (),
        state=state,
        alerts=(),
        connect=False,
        hang_up=by_phone,
    )


def _is_new(before: Conversation | None) -> bool:
    """Whether nothing was ever put to the person."""
    if before is None:
        return True
    state = before.state
    return (state.position, state.expecting, state.put) == (CONSENT, Expecting.NOTHING, 0)
