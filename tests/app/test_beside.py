"""What runs beside the server: a worker and a clock, started again when they die, ended with it."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.beside import Beside
from store.database import Database
from store.heartbeats import CLOCK, WORKER, Process, alive
from tests.app.server import Server

WAIT_SECONDS = 60.0
pytestmark = pytest.mark.timeout(300)


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def there(database: Database) -> dict[str, Process]:
    return {process.kind: process for process in alive(database, datetime.now(UTC))}


def is_another(process: Process | None, before: Process) -> bool:
    return process is not None and process.pid != before.pid


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_one_command_runs_everything(tmp_path: Path) -> None:
    """`serve` brings a worker and a clock; one that is killed is replaced; all end with it."""
    with Server(tmp_path, only_web=False) as server:
        with closing(Database(f"sqlite:///{tmp_path}/backline.sqlite3")) as database:
            until(lambda: there(database).keys() == {WORKER, CLOCK})
            before = there(database)
            os.kill(before[WORKER].pid, signal.SIGKILL)
            until(lambda: is_another(there(database).get(WORKER), before[WORKER]))
            after = there(database)
            assert gone(before[WORKER].pid)
            assert not gone(before[CLOCK].pid)
            assert server.stop() == 0
            assert there(database).keys() <= {WORKER}, "whoever ends in order says so"
        assert gone(after[WORKER].pid)
        assert gone(before[CLOCK].pid)
        assert "is started again" in server.log
        assert "Traceback" not in server.log


def test_they_end_with_a_server_that_is_killed(tmp_path: Path) -> None:
    with Server(tmp_path, only_web=False) as server:
        with closing(Database(f"sqlite:///{tmp_path}/backline.sqlite3")) as database:
            until(lambda: there(database).keys() == {WORKER, CLOCK})
            pids = [process.pid for process in there(database).values()]
        server.stop(signal.SIGKILL)
        until(lambda: all(map(gone, pids)))


def test_what_cannot_start_is_tried_less_and_less_often(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A command that ends at once is no reason to start it a hundred times a second."""
    waits: list[float] = []
    beside = Beside(("no-such-command",))

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        return len(waits) > 3

    monkeypatch.setattr(beside._ended, "wait", wait)  # noqa: SLF001
    beside.start()
    beside._threads[0].join()  # noqa: SLF001
    assert waits == [0.0, 1.0, 2.0, 4.0]
    assert "is started again" in caplog.text
