"""Working off the outbox: what is due is prepared, handed to the carrier, and written down.

The carrier knows no idempotency key, so each thing is written down before it is asked and after.
What was begun and has no end, because a process died or an answer was lost, is looked up at the
carrier before anything is sent again. Where even that does not tell, what is urgent is rather sent
twice than not at all, and what is not is left.

What a kind of delivery says, and what follows where it does not arrive, its `Handler` knows.
"""

import logging
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from duty.delivery import Job, Lane, Stage
from flows.wording import length
from store.errors import StoreError
from store.link import Write
from store.outbox import Outbox
from store.senders import Senders
from telephony.failure import describe
from telephony.outgoing import Call, DeliveryError, Outgoing, Taken, Text
from telephony.receipts import JOB, text_looked_up

LEASE: Final = timedelta(seconds=60)
"""Far longer than looking up and sending take together, with the time-outs of both."""

GIVE_UP_AFTER: Final = timedelta(hours=24)
LOOK_AFTER: Final = timedelta(minutes=2)
"""What is urgent is looked after in that time, where no receipt has told how it went."""
LOOK_UNTIL: Final = timedelta(minutes=30)

_CLOCKS_DIFFER: Final = timedelta(seconds=60)
_UNKNOWN: Final = timedelta(seconds=10)
"""Until what may have been taken shows in the carrier's lists."""
_FAILED_HERE: Final = timedelta(seconds=60)
_BACK_OFF: Final = {Lane.URGENT: (2.0, 60.0), Lane.ORDINARY: (15.0, 900.0), Lane.CLOCK: (5.0, 60.0)}
"""Seconds before the second try, and at most; they double in between."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing is to be done before `at`. `reason`: why, a plain word for the record."""

    at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Over:
    """Nothing is to be sent (any more). `also`: what is to be written in the same transaction."""

    stage: Stage = Stage.DONE
    reason: str | None = None
    also: tuple[Write, ...] = ()


@dataclass(frozen=True, slots=True)
class Late:
    """It is of no use any more, unless it was sent in time, which is still to be found out.

    `outgoing`: what would have been sent.  `over`: how it ends where the carrier has none of it.
    """

    outgoing: Outgoing
    over: Over


class Handler(Protocol):
    """What one kind of row in the outbox needs. It may be asked more than once for the same."""

    def prepare(self, job: Job, at: datetime) -> Outgoing | Wait | Over | Late:
        """What is to be sent now, or that nothing is. `at`: now (UTC)."""

    def failed(self, job: Job, reason: str, at: datetime) -> Iterable[Write]:
        """What else to write where it will not arrive; written once, or again to no effect.

        `reason`: "refused", "undelivered", "expired", "gave_up", "unknown" or "no_carrier"; the
        carrier's code is the job's `error_code`.
        """


class Carrying(Protocol):
    """The carrier (`telephony.client.Carrier`). Each raises DeliveryError."""

    def take(self, outgoing: Outgoing) -> Taken: ...
    def find(self, outgoing: Outgoing, since: datetime) -> list[Taken]: ...
    def text(self, sid: str) -> Taken: ...


@dataclass(frozen=True, slots=True)
class Deliveries:
    """Everything that working off a row needs.

    `carrier`: None while none is connected; then nothing is sent, and the record says so.
    `public_url`: where the carrier reaches the line; None: no receipts come, and what is urgent is
    looked after instead.  `rate`: the parts a second that a number of that clinic may send.
    """

    outbox: Outbox
    senders: Senders
    handlers: Mapping[str, Handler]
    carrier: Carrying | None
    public_url: str | None
    rate: Callable[[int], float]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def work(self, job: Job) -> None:
        """Do what is due for a claimed row. Never raises but for StoreError."""
        try:
            self._work(job, self.handlers[job.kind])
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001  one row must not stop the others
            _log.error("%s could not be worked off: %s", job.kind, describe(error))
            self.outbox.later(job, self.now() + _FAILED_HERE, "error")

    def _work(self, job: Job, handler: Handler) -> None:
        at = self.now()
        if job.stage is Stage.FAILED:
            self._give_up(job, handler, job.reason or "undelivered", job.error_code)
        elif job.stage is Stage.SENT:
            self._look_after(job)
        elif at - job.created_at > GIVE_UP_AFTER and job.attempts:
            self._give_up(job, handler, "gave_up", job.error_code)
        else:
            match handler.prepare(job, at):
                case Wait(until, reason):
                    self.outbox.later(job, until, reason)
                case Over() as over:
                    self._end(job, handler, over)
                case Late(outgoing, over):
                    if not self._is_there(job, handler, outgoing):
                        self._end(job, handler, over)
                case Text() | Call() as outgoing:
                    self._deliver(job, handler, outgoing)

    # --- Sending ----------------------------------------------------------------------------------

    def _deliver(self, job: Job, handler: Handler, outgoing: Outgoing) -> None:
        if self.carrier is None:
            self._drop(job, handler, "no_carrier")
            return
        outgoing = self._with_receipts(job, outgoing)
        if self._is_there(job, handler, outgoing):
            return
        if self._must_queue(job, outgoing):
            return
        begun = self.outbox.trying(job, self.now())
        if begun is None:
            return  # somebody else has it, or a receipt has just told how it is
        try:
            taken = self.carrier.take(outgoing)
        except DeliveryError as error:
            self._not_taken(begun, handler, error)
        else:
            self._taken(begun, taken)

    def _taken(self, job: Job, taken: Taken) -> None:
        at = self.now()
        look_at = at + LOOK_AFTER if job.urgent and not taken.sid.startswith("CA") else None
        self.outbox.sent(job, taken.sid, taken.state, at, look_at)

    def _not_taken(self, job: Job, handler: Handler, error: DeliveryError) -> None:
        at = self.now()
        if job.urgent:
            # One that goes out late is told on the desk, and here: somebody may have to mend it.
            _log.warning("%s was not taken: %s", job.kind, error.code or "no answer to go by")
        if error.permanent:
            self._give_up(job, handler, "refused", error.code)
        elif error.unknown:
            self.outbox.later(job, at + _UNKNOWN, "unknown", code=error.code)
        else:
            after = max(_back_off(job), timedelta(seconds=error.retry_after or 0))
            self.outbox.later(job, at + after, "later", stage=Stage.WAITING, code=error.code)

    def _is_there(self, job: Job, handler: Handler, outgoing: Outgoing) -> bool:
        """Whether nothing is to be sent: it was begun, and the carrier has it or cannot tell."""
        if job.stage is not Stage.SENDING or self.carrier is None:
            return False
        return self._was_taken(job, handler, self.carrier, outgoing)

    def _was_taken(self, job: Job, handler: Handler, carrier: Carrying, outgoing: Outgoing) -> bool:
        since = (job.tried_at or job.created_at) - _CLOCKS_DIFFER
        try:
            found = carrier.find(outgoing, since)
        except DeliveryError as error:
            if not error.permanent:
                after = max(_back_off(job), timedelta(seconds=error.retry_after or 0))
                self.outbox.later(job, self.now() + after, "unknown", code=error.code)
                return True
            if not job.urgent:
                self._give_up(job, handler, "unknown", error.code)
                return True
            return False
        for taken in found:
            other = self.outbox.of_sid(taken.sid)
            if other is None or other.id == job.id:
                self._taken(job, taken)
                return True
        return False

    def _must_queue(self, job: Job, outgoing: Outgoing) -> bool:
        """Give a text its slot, and whether it must wait for it; what is urgent does not."""
        if isinstance(outgoing, Call) or job.slot_at is not None:
            return False
        at = self.now()
        takes = timedelta(seconds=length(outgoing.body).parts / self.rate(job.clinic))
        slot = self.senders.reserve(outgoing.sender, takes, at)
        if job.urgent or slot <= at:
            return False
        self.outbox.later(job, slot, "queued", slot=True)
        return True

    def _with_receipts(self, job: Job, outgoing: Outgoing) -> Outgoing:
        if self.public_url is None or outgoing.status_url is not None:
            return outgoing
        channel = "sms" if isinstance(outgoing, Text) else "voice"
        return replace(outgoing, status_url=f"{self.public_url}/{channel}/status?{JOB}={job.id}")

    # --- How it went ------------------------------------------------------------------------------

    def _look_after(self, job: Job) -> None:
        """Ask how something urgent stands, of which no receipt has told the end."""
        at = self.now()
        if self.carrier is None or job.carrier_sid is None or job.carrier_sid.startswith("CA"):
            self.outbox.rest(job)
            return
        try:
            receipt = text_looked_up(self.carrier.text(job.carrier_sid))
        except DeliveryError:
            receipt = None
        if receipt is not None:
            self.outbox.receive(job.id, receipt, at)
            if receipt.stage in (Stage.DELIVERED, Stage.FAILED):
                return  # what failed is due now, and is acted on like any other
            job = replace(job, carrier_rank=max(job.carrier_rank, receipt.rank))
        if at - (job.sent_at or job.created_at) > LOOK_UNTIL:
            self.outbox.rest(job)
        else:
            self.outbox.later(job, at + LOOK_AFTER, job.reason)

    def _give_up(
        self,
        job: Job,
        handler: Handler,
        reason: str,
        code: int | None,
        also: Iterable[Write] = (),
    ) -> None:
        at = self.now()
        failed = replace(job, error_code=code)
        writes = [*also, *handler.failed(failed, reason, at)]
        self.outbox.close(job, Stage.FAILED, at, reason, code=code, also=writes)

    def _end(self, job: Job, handler: Handler, over: Over) -> None:
        if over.stage is Stage.FAILED:
            self._give_up(job, handler, over.reason or "failed", None, over.also)
        else:
            self.outbox.close(job, over.stage, self.now(), over.reason, also=over.also)

    def _drop(self, job: Job, handler: Handler, reason: str) -> None:
        at = self.now()
        self.outbox.close(job, Stage.DROPPED, at, reason, also=handler.failed(job, reason, at))


def _back_off(job: Job) -> timedelta:
    """How long until the next try: longer each time, and not the same for all."""
    first, most = _BACK_OFF[job.lane]
    seconds = min(most, first * 2 ** min(job.attempts, 10))
    return timedelta(seconds=seconds * random.uniform(0.5, 1.0))  # noqa: S311
