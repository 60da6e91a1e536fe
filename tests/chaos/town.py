"""The installation that is to survive: its processes, its database, and who kills them."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self, cast

from duty.clinic import FIRST, ClinicSettings
from flows.wording import Clinic
from store.clinics import StoredClinic, ensure_clinic, write_clinic
from store.database import Database
from store.errors import StoreError
from store.heartbeats import alive
from store.migrate import upgrade
from tests.app.server import TOKEN, Wire, free_port
from tests.chaos.hurried import BEGUN, TIMES, hurried
from tests.postgres import PostgresServer
from tests.twilio_api import TwilioApi
from tests.twiml_player import Carrier

if TYPE_CHECKING:
    from flask.testing import FlaskClient

CLINIC = Clinic("Harbour Clinic", "+12025550143", "(202) 555-0143")
LINE = "+12025550100"
SECRET = "qV8xT2mZr5LwK9dHj3Yb7NcF4sPg6uAe"
START_SECONDS = 300.0
"""A busy machine takes long."""


@dataclass
class Town:
    """`webs`, `workers`, `clocks`: how many processes of each.  `web_workers`: of each web.

    `postgres`: None for SQLite.

    `times`: how much faster than ours its clock goes.
    """

    folder: Path
    postgres: PostgresServer | None
    times: int = 60
    webs: int = 1
    web_workers: int = 2
    workers: int = 2
    clocks: int = 1
    twilio: TwilioApi = field(default_factory=lambda: TwilioApi(token=TOKEN))
    killed: Counter[str] = field(default_factory=Counter)
    began: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __enter__(self) -> Self:
        self.twilio.now = self.now
        self.twilio.__enter__()
        if self.postgres:
            self.url = self.postgres.new_database()
        else:
            self.url = f"sqlite:///{self.folder / 'line.db'}"
        upgrade(self.url)
        database = Database(self.url)
        ensure_clinic(database, CLINIC.name, "en-US", CLINIC.phone)
        midnight = datetime.min.time()
        never_quiet = ClinicSettings(quiet_from=midnight, quiet_to=midnight)
        here = ("America/New_York", (LINE,), never_quiet)
        write_clinic(database, StoredClinic(FIRST, CLINIC.name, "en-US", CLINIC.phone, *here))
        database.close()
        self.ports = [free_port() for _ in range(self.webs)]
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._names = [
            *(f"web {number}" for number in range(self.webs)),
            *(f"worker {number}" for number in range(self.workers)),
            *(f"clock {number}" for number in range(self.clocks)),
        ]
        for name in self._names:
            self._start(name)
        if not all(self.wait_until(partial(_answers, port), START_SECONDS) for port in self.ports):
            self.__exit__()
            raise AssertionError((self.folder / "log").read_text()[-2000:])
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._running.values():
            process.send_signal(signal.SIGTERM)
        for process in self._running.values():
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
        self.twilio.__exit__()

    def now(self) -> datetime:
        return hurried(datetime.now(UTC), self.began, self.times)

    def carrier(self, number: int) -> Carrier:
        """The carrier that reaches one of the webs."""
        wire = cast("FlaskClient", Wire(self.ports[number % self.webs]))
        return Carrier(wire, TOKEN)

    def _start(self, name: str) -> None:
        kind, _, number = name.partition(" ")
        if kind == "web":
            program = [
                *("-m", "granian", "--interface", "wsgi", "--factory", "--host", "127.0.0.1"),
                *("--port", str(self.ports[int(number)]), "--workers", str(self.web_workers)),
                *("--blocking-threads", "1", "--respawn-failed-workers", "--log-level", "error"),
                "tests.chaos.hurried:create_app",
            ]
        else:
            program = ["-m", "tests.chaos.hurried", kind]
        with (self.folder / "log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                [sys.executable, *program],
                cwd=Path(__file__).parents[2],
                env=self.environ,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

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
            BEGUN: self.began.isoformat(),
            TIMES: str(self.times),
        }

    # --- Killing --------------------------------------------------------------------------------

    def kill_something(self, rng: random.Random) -> None:
        """Kill -9 of something that works, and start it again at once.

        What is only just starting is let be: on a busy machine nothing would ever work.
        """
        names = [*self._names, *(["database"] * 2 if self.postgres else [])]
        victim = rng.choice(names)
        while not self._works(victim):
            time.sleep(0.1)
            victim = rng.choice(names)
        self.killed[victim.partition(" ")[0]] += 1
        if victim == "database":
            assert self.postgres is not None
            self.postgres.kill()
            self.postgres.start()
            return
        process = self._running[victim]
        if victim.startswith("web"):
            # All of it at once: a master that is killed leaves its workers behind for a moment.
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()
        self._start(victim)

    def _works(self, name: str) -> bool:
        if name == "database":
            return True
        if name.startswith("web"):
            return _answers(self.ports[int(name.partition(" ")[2])])
        pid = self._running[name].pid
        with closing(Database(self.url)) as database, contextlib.suppress(StoreError):
            # Whoever has ever said so, by a clock that hurries.
            return any(process.pid == pid for process in alive(database, self.began))
        return False

    def kill(self, times: int, every: float, over: threading.Event) -> None:
        """Kill something so many times, `every` seconds or so; then set `over`."""
        rng = random.Random(times)  # noqa: S311
        try:
            for _ in range(times):
                time.sleep(rng.uniform(0, 2 * every))
                self.kill_something(rng)
        finally:
            over.set()

    def wait_until(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Whether `holds` within so many seconds."""
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.2)
        return True


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError):
        return Wire(port).request("GET", "/healthz").status_code == 200
    return False
