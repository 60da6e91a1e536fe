"""The clock takes turns as a person does: what is due is decided, and kept, by the same path.

A conversation's row in the outbox says when there is something to do, and which turn it stands at.
A turn that came since has moved the row in its own transaction; one that comes at the same moment
wants the same number, and one of the two wins. The other is decided again: a person's answer after
the nudge, the clock's not at all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
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
from store.turns import CarrierKey

CLOCK: Final = Channel("clock", Medium.TEXT)


@dataclass(frozen=True, slots=True)
class ClockTurns:
    """Takes the clock's turns."""

    records: Records

    def prepare(self, job: Job, at: datetime) -> Wait | Over:
        address = self.records.address(job)
        if address is None:
            return Over(Stage.DROPPED, "erased")
        site, clinic = self.records.site(job), self.records.clinic(job)
        quiet = quiet_until(clinic.settings, clinic.time_zone, at)
        later: Wait | None = None

        def decide(conversation: Conversation | None) -> Turn | None:
            nonlocal later
            later = None
            if conversation is None or not _stands_at(conversation, site.line, job):
                return None
            later = _wait(conversation, site.line, job, at)
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
        site.log.take(address, key, decide, job.sender)
        # A turn that was kept has moved this row on by itself, so this then changes nothing.
        return later or Over(Stage.DONE, "nothing_due")

    def failed(self, job: Job, reason: str, at: datetime) -> Iterable[Write]:  # noqa: ARG002
        return ()


def _stands_at(conversation: Conversation, line: Line, job: Job) -> bool:
    """Whether nothing has come since the turn that the row was written with."""
    known = conversation.version.partition(".")[0] == line.flow.major
    return known and conversation.number == job.payload["turn"]


def _without_asking(state: State, line: Line, at: datetime) -> Wait | None:
    """Until when, where the person is asked nothing by the clock."""
    due_at = due(line.flow, msgspec.structs.replace(state, nudged=True, followed_up=True), at)
    return Wait(due_at, "blocked") if due_at is not None and due_at > at else None


def _wait(conversation: Conversation, line: Line, job: Job, at: datetime) -> Wait | None:
    """Until when, where the flow's times have been changed since."""
    heard_at = datetime.fromisoformat(str(job.payload["at"]))
    due_at = due(line.flow, conversation.state, heard_at)
    return Wait(due_at) if due_at is not None and due_at > at else None
