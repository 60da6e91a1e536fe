"""The rounds of a worker or a clock: claim what is due, work it off, wait; until told to stop.

It never gives up: while the database is away it asks again, ever less often. What it holds when it
is told to stop it finishes or gives back; what it held when it was killed is taken by another one
after the lease.
"""

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from secrets import token_hex
from typing import Any, Final

from app.deliveries import LEASE, Deliveries
from app.works import Works
from duty.delivery import Job, Lane
from store.errors import StoreError
from store.heartbeats import BEAT_SECONDS, beat, rest, this_process
from telephony.failure import describe

POLL_SECONDS: Final = 0.5
AWAY_SECONDS: Final = (1.0, 15.0)
"""The first wait for a database that does not answer, and the longest."""

_THREADS: Final = {Lane.URGENT: 2, Lane.ORDINARY: 2, Lane.CLOCK: 1}
_AT_ONCE: Final = {Lane.URGENT: 1, Lane.ORDINARY: 1, Lane.CLOCK: 20}
"""Each text may take two time-outs of the carrier, and all must fit into one lease."""

_log = logging.getLogger(__name__)


class Rounds:
    """The threads that go the rounds in this process."""

    def __init__(self, deliveries: Deliveries, lanes: Iterable[Lane]) -> None:
        self._deliveries = deliveries
        self._lanes = tuple(lanes)
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Let each thread finish what it is at; returns at once."""
        self._stopped.set()

    def run(self, beat: Callable[[], None] | None = None) -> None:
        """Go the rounds until `stop`. `beat`: says that this process goes on."""
        threads = [
            threading.Thread(target=self._go, args=(lane, f"{lane} {number}"))
            for lane in self._lanes
            for number in range(_THREADS[lane])
        ]
        if beat is not None:
            threads.append(threading.Thread(target=self._beat, args=(beat,)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def once(self) -> int:
        """Work off everything that is due now, and say how many rows that was."""
        done = 0
        for lane in self._lanes:
            by = _name("once")
            while jobs := self._claimed(lane, by):
                for job in jobs:
                    self._deliveries.work(job)
                done += len(jobs)
        return done

    def _go(self, lane: Lane, what: str) -> None:
        by, away = _name(what), 0.0
        while not self._stopped.is_set():
            try:
                worked = self._round(lane, by)
            except StoreError as error:
                if not away:
                    _log.warning("the database does not answer: %s", describe(error))
                first, most = AWAY_SECONDS
                away = min(max(first, 2 * away), most)
                self._stopped.wait(away)
                continue
            if away:
                _log.warning("the database answers again")
            away = 0.0
            if not worked:
                self._stopped.wait(POLL_SECONDS)

    def _beat(self, beat: Callable[[], None]) -> None:
        while True:
            # The rounds say it themselves where the database is away.
            with suppress(StoreError):
                beat()
            if self._stopped.wait(BEAT_SECONDS):
                return

    def _round(self, lane: Lane, by: str) -> bool:
        """Whether there was anything to do."""
        jobs = self._claimed(lane, by)
        for job in jobs:
            if self._stopped.is_set():
                self._deliveries.outbox.later(job, job.due_at or job.created_at, job.reason)
            else:
                self._deliveries.work(job)
        return bool(jobs)

    def _claimed(self, lane: Lane, by: str) -> list[Job]:
        outbox, at = self._deliveries.outbox, self._deliveries.now()
        return outbox.claim(lane, by, at, LEASE, _AT_ONCE[lane])


def _name(what: str) -> str:
    """Unique to this process and thread, also after the machine has given a number again."""
    return f"{socket.gethostname()} {os.getpid()} {what} {token_hex(4)}"


def go_on(kind: str, works: Works, lanes: Iterable[Lane]) -> None:
    """Go the rounds, and say so, until SIGTERM or Ctrl-C. `kind`: "worker" or "clock"."""
    rounds, now = Rounds(works.deliveries, lanes), works.deliveries.now
    process, begun = this_process(kind, now()), threading.Event()

    def going() -> None:
        beat(works.database, process, now())
        if not begun.is_set():
            works.begin()
            begun.set()

    with ended_by_signals(rounds.stop):
        rounds.run(going)
    with suppress(StoreError):
        rest(works.database, process, now())


@contextmanager
def ended_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    """For the block, SIGTERM and Ctrl-C mean: finish what is under way."""

    def told(*_: Any) -> None:
        stop()

    before = {one: signal.signal(one, told) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
