"""A day of the town: people come while everything dies, the evening passes, and the next morning.

It ends by itself, and no later than it was told to: what was not done by then is said.
"""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from tests.chaos.audit import Audit, audit, left, settled
from tests.chaos.courier import Courier
from tests.chaos.people import People
from tests.chaos.town import Town
from tests.postgres import PostgresServer

_QUIET: Final = 3
"""So often in a row nothing must be left, since some things come due again and again."""


@dataclass(frozen=True)
class Run:
    """`every`: seconds between two kills.  `threads`: how many people at a time.

    `seconds`: after so many nothing more is killed.  `scripts`: what people do; None for all.
    `evening`: so many steps of ten minutes, as long as the longest ladder goes on.
    """

    database: str
    kills: int
    every: float
    threads: int
    seconds: float
    times: int = 30
    web_workers: int = 2
    workers: int = 2
    pause: float = 1.0
    settles_in: float = 120
    scripts: tuple[str, ...] | None = None
    evening: int = 10


@dataclass(frozen=True)
class Result:
    """What came of a run, and how long it took."""

    run: Run
    found: Audit
    town: Town
    people: People
    courier: Courier
    seconds: float

    @property
    def kills(self) -> int:
        return sum(self.town.killed.values())


@contextmanager
def played(run: Run, tell: Callable[[str], None] = lambda _: None) -> Iterator[Result]:
    """Let it be killed, and count; for the block its database is there.

    `tell`: is told how far it is, in sentences.
    """
    with _town(run) as town:
        courier = Courier(town)
        day = _Day(run, town, courier, tell)
        try:
            day.passes()
            tell("Everything is counted.")
            found = audit(town, day.people, courier)
        finally:
            day.over.set()
            courier.close()
        found.faults += day.faults
        if sum(town.killed.values()) < run.kills:
            found.faults.append(
                f"the time was up after {sum(town.killed.values())} of {run.kills} kills"
            )
        yield Result(run, found, town, day.people, courier, time.monotonic() - day.began)


@contextmanager
def _town(run: Run) -> Iterator[Town]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="backline-chaos-")))
        server = None
        if run.database == "postgresql":
            server = stack.enter_context(PostgresServer(durable=True))
        yield stack.enter_context(Town(folder, server, run.times, 1, run.web_workers, run.workers))


class _Day:
    """One run, from the first person to the morning after next."""

    def __init__(self, run: Run, town: Town, courier: Courier, tell: Callable[[str], None]) -> None:
        self.run, self.town, self.courier, self.tell = run, town, courier, tell
        self.over = threading.Event()
        self.people = People(town, self.over, pause=run.pause)
        self.people.scripts = run.scripts or self.people.scripts
        self.faults: list[str] = []
        self.began = time.monotonic()
        self._until = self.began + run.seconds

    def passes(self) -> None:
        evening = morning = night = self.run.kills // 12
        day = self.run.kills - evening - morning - night
        with self._killing(day, "people come", self.over):
            self.people.run(self.run.threads, 10**6)
        self._settle("after the people")
        self._steps(self.run.evening)
        with self._killing(evening, "a day later everybody is asked, or it is ended"):
            self.town.skip(timedelta(hours=24))
        self._settle("a day later")
        with self._killing(morning, "they answer"):
            self.people.answer_follow_ups(self.run.threads)
        self._settle("after the answers")
        self._steps(self.run.evening)
        with self._killing(night, "another day passes"):
            self.town.skip(timedelta(hours=25))
        self._settle("in the end")
        self._steps(2)

    def _steps(self, steps: int) -> None:
        """Let the evening go by, so slowly that each ladder climbs in its time."""
        for _ in range(steps):
            self.town.skip(timedelta(minutes=10))
            self._settle("in the evening")

    def _settle(self, when: str) -> None:
        """Wait until nothing is left to do."""
        deadline = time.monotonic() + self.run.settles_in
        quiet = 0
        while quiet < _QUIET:
            if time.monotonic() > deadline:
                self.faults.append(f"{left(self.town, self.courier)} left to do {when}")
                return
            quiet = quiet + 1 if settled(self.town, self.courier) else 0
            time.sleep(0.15)

    @contextmanager
    def _killing(
        self, kills: int, when: str, over: threading.Event | None = None
    ) -> Iterator[None]:
        """For the block, and until it is done, kill so often; then `over` is set."""

        def kill() -> None:
            try:
                self.town.kill(kills, self.run.every, self._until, seed=kills)
            finally:
                if over is not None:
                    over.set()

        self.tell(f"{kills} kills while {when}...")
        killer = threading.Thread(target=kill)
        killer.start()
        try:
            yield
        finally:
            killer.join()
        done = time.monotonic() - self.began
        self.tell(f"{sum(self.town.killed.values())} kills after {done:.0f} s.")
