"""The clock takes turns as a person does: what is due is decided, and kept, by the same path.

A conversation's row in the outbox says when there may be something to do. What was heard since has
mostly put that off; so the newest turn is read first, and what is then due is decided for the one
after it. A turn that comes at the same moment wants the same number, and one of the two wins. The
other is decided again: a person's answer after the nudge, the clock's not at all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec

from app.deliveries import Over, Wait
from app.patient import Records
from duty.delivery import Job, Stage
from duty.quiet import quiet_until
from flows.clock import due
from flows.conversation import Conversation, Turn, take_turn
from flows.line import Line
from flows.state import State
from flows.utterance import Channel, Kind, Medium, Utterance
from store.link import Write
from store.timeline import read_newest
from store.turns import CarrierKey

CLOCK: Final = Channel("clock", Medium.TEXT)

_LOOK_AGAIN: Final = timedelta(minutes=1)
_BLOCKED_LOOK_AGAIN: Final = timedelta(hours=1)
"""Who is blocked may be let in again, and is then asked as anybody."""


@dataclass(frozen=True, slots=True)
class ClockTurns:
    """Takes the clock's turns."""

    records: Records

    def prepare(self, job: Job, at: datetime) -> Wait | Over:
        address = self.records.address(job)
        newest = read_newest(self.records.database, job.conversation or "")
        if address is None or newest is None:
            return Over(Stage.DROPPED, "erased")
        number, heard_at = newest
        site, clinic = self.records.site(job), self.records.clinic(job)
        quiet = quiet_until(clinic.settings, clinic.time_zone, at)
        later: Wait | None = None

        def decide(conversation: Conversation | None) -> Turn | None:
            nonlocal later
            later = None
            if conversation is None or not _is_known(conversation, site.line):
                return None
            due_at = due(site.line.flow, conversation.state, heard_at)
            if conversation.number != number:
                # Something came between: whatever it was, it is to be looked at by itself.
                later = Wait(at + _LOOK_AGAIN, "overtaken")
            elif due_at is not None and due_at > at:
                later = Wait(due_at)
            if later is not None:
                return None
            turn = take_turn(site.line, conversation, Utterance(CLOCK, Kind.CLOCK), at)
            unasked = turn.said and turn.state.position == conversation.state.position
            if unasked and self.records.blocks.since(job.clinic, address):
                # What is left open still ends, and the clinic is told where it must be.
                later = _without_asking(conversation.state, site.line, at)
                return None
            if quiet and unasked:
                # A nudge, or "Were you seen?": in the morning is early enough.
                later = Wait(quiet, "quiet_hours")
                return None
            return turn

        key = CarrierKey(f"clock:{job.conversation}:{job.due_at}", None)
        turn = site.log.take(address, key, decide, job.sender)
        if turn is not None:
            due_at = due(site.line.flow, turn.state, turn.at)
            later = Wait(due_at) if due_at is not None else None
        return later or Over(Stage.DONE, "nothing_due")

    def failed(self, job: Job, reason: str, at: datetime) -> Iterable[Write]:  # noqa: ARG002
        return ()


def _is_known(conversation: Conversation, line: Line) -> bool:
    """Whether this flow can go on with it."""
    return conversation.version.partition(".")[0] == line.flow.major


def _without_asking(state: State, line: Line, at: datetime) -> Wait | None:
    """Until when, where the person is asked nothing by the clock."""
    due_at = due(line.flow, msgspec.structs.replace(state, nudged=True, followed_up=True), at)
    if due_at is None or due_at <= at:
        return None
    return Wait(min(due_at, at + _BLOCKED_LOOK_AGAIN), "blocked")
