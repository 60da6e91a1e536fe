"""What follows from a turn, put into the outbox in the turn's own transaction.

Each conversation has one row for the clock; what a person is owed (`duty.patient`) has rows of its
own. The clock's row is due no later than there is something to do, so most turns, which only put
that off, need not touch it: a clock that comes too early reads the newest turn and waits.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Final

from duty.delivery import Due, Lane
from duty.patient import Debt, Owed, owed
from flows.clock import due
from flows.definition import Flow
from flows.utterance import Kind
from store.database import Database
from store.link import Write
from store.outbox import Outbox
from store.turns import Appended, Companion

CLOCK: Final = "clock"
"""The kind of a conversation's row for the clock."""

CALL_IS_OVER: Final = timedelta(minutes=15)
"""After advice by phone; sooner, where the carrier tells that the call has ended."""

REPLY_ARRIVES: Final = timedelta(minutes=2)
"""What has no receipt by then is looked for at the carrier."""

_BETWEEN: Final = timedelta(seconds=2)
"""Between messages that should arrive in their order, which carriers do not promise."""


def follow_writes(database: Database, flow: Flow) -> Companion:
    """What each turn of `flow` brings along: the clock's next moment, and what is owed."""
    outbox = Outbox(database)

    def writes(appended: Appended) -> Iterable[Write]:
        yield from _clock(outbox, flow, appended)
        yield from outbox.writes(
            *(_row(appended, debt) for debt in owed(flow, appended.before, appended.turn))
        )
        if appended.turn.utterance.kind is Kind.HANG_UP:
            yield from _after_the_call(outbox, flow, appended)

    return writes


def clock_key(conversation: str) -> str:
    """The key of a conversation's row for the clock."""
    return f"{CLOCK}:{conversation}"


def reply_key(sid: str) -> str:
    """The key of the advice that stands in the answer to the carrier's request `sid`."""
    return f"{Owed.REPLY}:{sid}"


def _clock(outbox: Outbox, flow: Flow, appended: Appended) -> Iterator[Write]:
    turn, key = appended.turn, clock_key(appended.conversation)
    if appended.gave_way is not None:
        yield outbox.cancel_write(clock_key(appended.gave_way), "gave_way")
    due_at = due(flow, turn.state, turn.at)
    known = appended.before if appended.flow_version == flow.version else None
    stood_at = due(flow, known, turn.at) if known is not None else None
    if due_at is not None and (stood_at is None or due_at < stood_at):
        yield outbox.move_write(
            Due(
                key=key,
                clinic=appended.clinic,
                kind=CLOCK,
                at=turn.at,
                due_at=due_at,
                lane=Lane.CLOCK,
                conversation=appended.conversation,
                payload={},
                sender=appended.line,
            )
        )
    elif due_at is None and (stood_at is not None or known is not appended.before):
        yield outbox.cancel_write(key, "nothing_due")


def _row(appended: Appended, debt: Debt) -> Due:
    turn, conversation = appended.turn, appended.conversation
    of_end = f"{debt.owed}:{conversation}:{turn.state.position}"
    key, due_at, lane = f"{of_end}:{debt.message}", turn.at, Lane.ORDINARY
    match debt.owed:
        case Owed.SAID:
            key = f"{debt.owed}:{conversation}:{turn.number}:{debt.message}"
            due_at += debt.message * _BETWEEN
        case Owed.REPLY:
            key, due_at = reply_key(appended.sid), turn.at + REPLY_ARRIVES
        case Owed.ADVICE:
            due_at += CALL_IS_OVER + debt.message * _BETWEEN
        case Owed.SPOKEN:
            key, due_at, lane = of_end, turn.at + CALL_IS_OVER, Lane.CLOCK
    if debt.urgent and lane is Lane.ORDINARY:
        lane = Lane.URGENT
    return Due(
        key=key,
        clinic=appended.clinic,
        kind=debt.owed.value,
        at=turn.at,
        due_at=due_at,
        lane=lane,
        conversation=conversation,
        payload={
            "turn": turn.number,
            "message": debt.message,
            "end": turn.state.position,
        },
        sender=appended.line,
        begun=debt.owed is Owed.REPLY,
    )


def _after_the_call(outbox: Outbox, flow: Flow, appended: Appended) -> Iterator[Write]:
    """The call is over: what was to wait for that is due."""
    conversation, turn = appended.conversation, appended.turn
    ended = flow.disposition.get(turn.state.position)
    if ended is None:
        return
    yield outbox.hasten_write(f"{Owed.SPOKEN}:{conversation}:{ended.id}", turn.at)
    for place, _ in enumerate(ended.messages):
        key = f"{Owed.ADVICE}:{conversation}:{ended.id}:{place}"
        yield outbox.hasten_write(key, turn.at + place * _BETWEEN)
