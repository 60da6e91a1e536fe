"""What is in the outbox, as values: what must be sent or done, how far it is, what came back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

Payload = Mapping[str, str | int | None]
"""Ids and numbers of turns. Never words, and no number of a patient."""


class Lane(StrEnum):
    """What is claimed together, so that nothing urgent waits behind what is not."""

    URGENT = "urgent"
    """Alerts, and the advice of T1 and T2."""
    ORDINARY = "ordinary"
    CLOCK = "clock"
    """Turns that the clock takes; nothing in it is sent."""


class Stage(StrEnum):
    """How far a row has come."""

    WAITING = "waiting"
    SENDING = "sending"
    """The carrier is being asked, or was when the process died: it may have been sent."""
    SENT = "sent"
    """The carrier took it."""
    DELIVERED = "delivered"
    """It is there; of a call: it was answered and is over."""
    FAILED = "failed"
    """It will not get there; `reason` and the carrier's code say why."""
    DROPPED = "dropped"
    """It was not sent, and need not be; `reason` says why."""
    DONE = "done"
    """What had to be done is done; nothing had to be sent."""


FINAL: Final = frozenset((Stage.DELIVERED, Stage.FAILED, Stage.DROPPED, Stage.DONE))


@dataclass(frozen=True, slots=True)
class Due:
    """Something to put into the outbox.

    `key`: what makes it the same thing, such as "advice:<conversation>:7:0"; put twice, it is
    there once.  `kind`: who handles it.  `at`: now (UTC).  `due_at`: None for at once.
    `sender`: our own number to send from, E.164; None for the clinic's usual one.
    `begun`: it may be on its way already, since it stands in an answer to the carrier; at `due_at`
    it is looked up, and sent where it is not found.
    """

    key: str
    clinic: int
    kind: str
    at: datetime
    due_at: datetime | None = None
    lane: Lane = Lane.ORDINARY
    conversation: str | None = None
    payload: Payload = field(default_factory=dict)
    sender: str | None = None
    begun: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the carrier says of a message or a call that it took.

    `sid`: its key.  `state`: in its own word, such as "undelivered".  `rank`: grows with each
    state that it goes through.  `stage`: what that means.  `code`: of the carrier's error.
    """

    sid: str
    state: str
    rank: int
    stage: Stage
    code: int | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A row as it was when it was claimed or read.

    `attempts`: how often the carrier was asked before.  `tried_at`: when last.
    `carrier_sid`, `carrier_state`, `error_code`: the carrier's own, None where not known.
    """

    id: int
    key: str
    clinic: int
    conversation: str | None
    kind: str
    lane: Lane
    payload: Payload
    sender: str | None
    created_at: datetime
    due_at: datetime | None
    lease_by: str | None
    attempts: int
    tried_at: datetime | None
    stage: Stage
    reason: str | None
    slot_at: datetime | None
    carrier_sid: str | None
    carrier_state: str | None
    carrier_rank: int
    error_code: int | None
    sent_at: datetime | None
    settled_at: datetime | None

    @property
    def urgent(self) -> bool:
        return self.lane is Lane.URGENT
