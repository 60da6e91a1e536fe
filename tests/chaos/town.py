"""The installation that is to survive: its processes, its database, and who kills them."""

import contextlib
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self, cast

from duty.clinic import FIRST, ClinicSettings, Day, Opening
from duty.rota import Shift
from flows.wording import Clinic
from store.clinics import StoredClinic, ensure_clinic, write_clinic
from store.database import Database
from store.errors import StoreError
from store.heartbeats import alive
from store.migrate import upgrade
from store.rotas import RotaBook
from store.sealing import Sealer
from tests.app.server import TOKEN, Wire, free_port
from tests.chaos.hurried import AS_OF, BEGUN, SKIPPED, TIMES, Order, hurried
from tests.chaos.warm import Warm, children, end_group, is_there, kill_group, kill_one
from tests.postgres import PostgresServer, PostgresUnavailableError
from tests.twilio_api import TwilioApi
from tests.twiml_player import Carrier

if TYPE_CHECKING:
    from flask.testing import FlaskClient

CLINIC = Clinic("Harbour Clinic", "+12025550143", "(202) 555-0143")
LINE = "+12025550100"
SECRET = "qV8xT2mZr5LwK9dHj3Yb7NcF4sPg6uAe"
STAFF = {"+12025550171": "Ann Example", "+12025550172": "Ben Example"}
"""Who is on call, always, by their numbers."""
MORNING = datetime(2026, 3, 2, 14, 55, tzinfo=UTC)
"""When it begins: a Monday, five minutes before the daily test."""
START_SECONDS = 120.0
"""A busy machine takes long."""
_MIDNIGHT = time_of_day(0)
SETTINGS = ClinicSettings(
    hours=tuple(Opening(day, _MIDNIGHT, _MIDNIGHT) for day in Day),
    quiet_from=_MIDNIGHT,
    quiet_to=_MIDNIGHT,
    parts_per_second=10,
)
"""Always open and never quiet, so that nothing waits for the next day."""


@dataclass
class Town:
    """`webs`, `workers`, `clocks`: how many processes of each.  `web_workers`: of each web.

    `postgres`: None for SQLite.

    `times`: how much faster than ours its clock goes.
    """

    folder: Path
    postgres: PostgresServer | None
    times: int = 30
    webs: int = 1
    web_workers: int = 2
    workers: int = 2
    clocks: int = 1
    twilio: TwilioApi = field(default_factory=lambda: TwilioApi(token=TOKEN))
    killed: Counter[str] = field(default_factory=Counter)
    ended: int = 0
    killed_at: list[datetime] = field(default_factory=list)
    began: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            self._skipped.write_text("0", encoding="ascii")
            self.twilio.now = self.now
            stack.enter_context(self.twilio)
            if self.postgres:
                self.url = self.postgres.new_database()
            else:
                self.url = f"sqlite:///{self.folder / 'line.db'}"
            self._make_clinic()
            self._warm = stack.enter_context(Warm(self.folder))
            self.ports = [free_port() for _ in range(self.webs)]
            self._names = [
                *(f"web {number}" for number in range(self.webs)),
                *(f"worker {number}" for number in range(self.workers)),
                *(f"clock {number}" for number in range(self.clocks)),
            ]
            self._running: dict[str, int] = {}
            self._lock = threading.RLock()
            self._over = threading.Event()
            for name in self._names:
                self._start(name)
            looking_after = threading.Thread(target=self._look_after)
            looking_after.start()
            stack.callback(self._end)
            stack.callback(looking_after.join)
            stack.callback(self._over.set)
            for name in self._names:
                if not self.wait_until(partial(self._works, name), START_SECONDS):
                    raise AssertionError(f"{name} did not start: {self.log[-2000:]}")
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _end(self) -> None:
        for pid in self._running.values():
            end_group(pid, 5)

    def _look_after(self) -> None:
        """Start again what has ended by itself, as whoever runs it does.

        A server whose workers die twice within seconds ends by itself: it takes it for a fault.
        """
        while not self._over.wait(0.5):
            with self._lock:
                for name, pid in self._running.items():
                    if not is_there(pid):
                        self.ended += 1
                        self._start(name)

    def _make_clinic(self) -> None:
        upgrade(self.url)
        with closing(Database(self.url)) as database:
            ensure_clinic(database, CLINIC.name, "en-US", CLINIC.phone)
            here = ("America/New_York", (LINE,), SETTINGS)
            write_clinic(database, StoredClinic(FIRST, CLINIC.name, "en-US", CLINIC.phone, *here))
            book = RotaBook(database, Sealer(SECRET))
            for place, (phone, name) in enumerate(STAFF.items(), 1):
                book.write(book.adding(FIRST, name, phone, "", MORNING))
                person = book.by_phone(FIRST, phone)
                assert person is not None
                always = (frozenset(Day), _MIDNIGHT, _MIDNIGHT, "America/New_York")
                book.write(book.adding_shift(FIRST, Shift(person.id, place, *always)))

    @property
    def log(self) -> str:
        """What its processes have said."""
        return (self.folder / "log").read_text(errors="replace")

    # --- Its clock ------------------------------------------------------------------------------

    @property
    def _skipped(self) -> Path:
        return self.folder / "skipped"

    def now(self) -> datetime:
        return hurried(datetime.now(UTC), self._clock)

    def skip(self, time: timedelta) -> None:
        """Put the clock forward, for all."""
        before = float(self._skipped.read_text(encoding="ascii"))
        aside = self.folder / "skipping"
        aside.write_text(str(before + time.total_seconds()), encoding="ascii")
        aside.replace(self._skipped)  # whoever reads it finds one or the other

    @property
    def _clock(self) -> dict[str, str]:
        return {
            BEGUN: self.began.isoformat(),
            AS_OF: MORNING.isoformat(),
            TIMES: str(self.times),
            SKIPPED: str(self._skipped),
        }

    # --- Its processes --------------------------------------------------------------------------

    def carrier(self, number: int) -> Carrier:
        """The carrier that reaches one of the webs."""
        wire = cast("FlaskClient", Wire(self.ports[number % self.webs]))
        return Carrier(wire, TOKEN)

    def _start(self, name: str) -> None:
        kind, _, number = name.partition(" ")
        port = self.ports[int(number)] if kind == "web" else 0
        log = str(self.folder / "log")
        order = Order(kind, self.environ, log, port, self.web_workers)
        self._running[name] = self._warm.start(order)

    @property
    def environ(self) -> dict[str, str]:
        """The settings of every process."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        return {
            **kept,
            "TWILIO_ACCOUNT_SID": self.twilio.account,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_API_URL": self.twilio.url,
            "PUBLIC_URL": "https://line.example",
            "BACKLINE_LOCALE": "en-US",
            "BACKLINE_CLINIC_NAME": CLINIC.name,
            "BACKLINE_CLINIC_PHONE": CLINIC.phone,
            "BACKLINE_SECRET_KEY": SECRET,
            "BACKLINE_READING_SECONDS": "0",
            "BACKLINE_NEW_PEOPLE_PER_HOUR": "0",
            "DATABASE_URL": self.url,
            **self._clock,
        }

    # --- Killing --------------------------------------------------------------------------------

    def kill_something(self, rng: random.Random) -> None:
        """Kill -9 of something that works, and start it again at once.

        What is only just starting is let be: on a busy machine nothing would ever work.
        """
        one_of = [f"{name}'s worker" for name in self._names if name.startswith("web")]
        names = [*self._names, *one_of, *(["database"] * 2 if self.postgres else [])]
        victim = rng.choice(names)
        while not self._works(victim):
            time.sleep(0.1)
            victim = rng.choice(names)
        name, _, part = victim.partition("'s ")
        kind = name.partition(" ")[0]
        self.killed[f"{kind}'s {part}" if part else kind] += 1
        self.killed_at.append(self.now())
        if victim == "database":
            assert self.postgres is not None
            self.postgres.kill()
            self._start_database()
        elif part:
            # The server that has forked it is to do that again.
            for pid in children(self._running[name])[:1]:
                kill_one(pid)
        else:
            # All of a web at once: a master that is killed leaves its workers behind for a moment.
            with self._lock:
                kill_group(self._running[name])
                self._start(name)

    def _start_database(self) -> None:
        """As whoever runs it does: again, where what was killed is not all gone yet."""
        assert self.postgres is not None
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.postgres.start()
            except PostgresUnavailableError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)
            else:
                return

    def _works(self, victim: str) -> bool:
        name, _, part = victim.partition("'s ")
        if name == "database":
            return True
        if name.startswith("web"):
            forked = not part or bool(children(self._running[name]))
            return forked and _answers(self.ports[int(name.partition(" ")[2])])
        pid = self._running[name]
        with closing(Database(self.url)) as database, contextlib.suppress(StoreError):
            # Whoever has ever said so, by a clock that hurries.
            return any(process.pid == pid for process in alive(database, MORNING))
        return False

    def kill(self, times: int, every: float, until: float, seed: int = 1) -> None:
        """Kill something so many times, `every` seconds or so; nothing after `until`, monotonic."""
        rng = random.Random(seed)  # noqa: S311
        for _ in range(times):
            time.sleep(rng.uniform(0, 2 * every))
            if time.monotonic() > until:
                return
            self.kill_something(rng)

    def wait_until(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Whether `holds` within so many seconds."""
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError):
        return Wire(port).request("GET", "/healthz").status_code == 200
    return False
