"""The product's processes on a clock that runs fast: a day passes while somebody can watch.

Nothing else is changed. Leases are as long in real time as they are short beside a day.

    python -m tests.chaos.hurried

reads everything that the processes need once, and then forks one for each order on its standard
input, answering with its number: what was killed is back at once. They are ordinary processes, and
`kill -9` finds them at whatever they are. With the end of the orders all of them end.
"""

import functools
import os
import signal
import sys
import traceback
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from app import logs, paced, rounds, web
from app.command import settings_or_exit
from app.safety import line_to_walk, require_safe_flow
from app.works import SENDING, TIMING, put_together
from telephony.client import Carrier
from telephony.door import Door

__all__ = ["Carrier"]  # read beforehand, as the rest

BEGUN: Final = "HURRIED_SINCE"
"""The name of the setting that says when the clock began to hurry, ISO 8601."""
AS_OF: Final = "HURRIED_AS_OF"
"""The name of the setting that says what it showed then."""
TIMES: Final = "HURRIED_TIMES"
"""The name of the setting that says by how much."""
SKIPPED: Final = "HURRIED_SKIPPED"
"""The name of the setting that names a file: the seconds by which the clock was put forward."""

LEASE: Final = timedelta(seconds=6)
"""In real time."""


class Order(msgspec.Struct, frozen=True):
    """What to fork: "web", "worker" or "clock", with its whole environment.

    `log`: where its standard output and error go.  `port`, `workers`: of a web.
    """

    kind: str
    environ: dict[str, str]
    log: str
    port: int = 0
    workers: int = 1


def hurried(at: datetime, environ: "os._Environ[str] | dict[str, str]") -> datetime:
    """The hurried clock's time, when the time is `at`."""
    begun, as_of = (datetime.fromisoformat(environ[name]) for name in (BEGUN, AS_OF))
    skipped = timedelta(seconds=float(Path(environ[SKIPPED]).read_text(encoding="ascii")))
    return as_of + (at - begun) * int(environ[TIMES]) + skipped


def now() -> datetime:
    return hurried(datetime.now(UTC), os.environ)


def _be(order: Order) -> None:
    """Be that process, until it is told to end."""
    os.setsid()  # so that all of a web can be killed at once
    nothing = os.open(os.devnull, os.O_RDONLY)
    log = os.open(order.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for mine, theirs in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(mine, theirs)
    os.environ.clear()
    os.environ.update(order.environ)
    web.Door = functools.partial(Door, now=now)  # type: ignore[assignment, attr-defined]
    paced.PacedLog = functools.partial(paced.PacedLog, now=now)  # type: ignore[assignment, misc]
    if order.kind == "web":
        _serve(order.port, order.workers)
        return
    logs.configure()
    rounds.LEASE = LEASE * int(order.environ[TIMES])  # type: ignore[attr-defined]
    lanes = {"worker": SENDING, "clock": TIMING}[order.kind]
    rounds.go_on(order.kind, put_together(settings_or_exit(), now), lanes)


def _serve(port: int, workers: int) -> None:
    """As the Procfile starts it."""
    server = Granian(
        "app.web:create_app",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=workers,
        blocking_threads=1,
        respawn_failed_workers=True,
        workers_kill_timeout=20,
        log_level=LogLevels.error,
        websockets=False,
    )
    server.serve(target_loader=web.create_app, wrap_loader=False)


def main() -> None:
    """Fork what is ordered, until there are no more orders."""
    require_safe_flow()
    line_to_walk()
    # Nobody waits for them one by one.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever orders
    forked = []
    print("ready", flush=True)  # noqa: T201
    for line in sys.stdin:
        order = msgspec.json.decode(line, type=Order)
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            try:
                _be(order)
            except BaseException:  # noqa: BLE001  a forked process never goes on in ours
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(1)
        forked.append(pid)
        print(pid, flush=True)  # noqa: T201
    for pid in forked:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
