"""Processes kept warm: `tests.chaos.hurried` forks them, and whoever ordered them kills them."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

import msgspec

from tests.chaos.hurried import Order

_encode = msgspec.json.Encoder().encode


class Warm:
    """`with Warm(folder) as warm: pid = warm.start(order)`; all of them end with the block."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "warm.log"

    def __enter__(self) -> Self:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.chaos.hurried"],
                cwd=Path(__file__).parents[2],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        if self._answer() != "ready":
            raise AssertionError(self._log.read_text())
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def start(self, order: Order) -> int:
        """Fork a process; its number, which is its group's too."""
        assert self._process.stdin is not None
        self._process.stdin.write(_encode(order).decode() + "\n")
        self._process.stdin.flush()
        return int(self._answer())

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def is_there(pid: int) -> bool:
    """Whether a process of that number runs."""
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def kill_group(pid: int) -> None:
    """Kill -9 of a process and of all that it has forked, and wait until it is gone."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    while is_there(pid):
        time.sleep(0.01)


def kill_one(pid: int) -> None:
    """Kill -9 of that process alone."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def end_group(pid: int, seconds: float) -> bool:
    """Tell a process to end; whether it did within so many seconds. It is gone in any case."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + seconds
    while is_there(pid):
        if time.monotonic() > deadline:
            kill_group(pid)
            return False
        time.sleep(0.05)
    return True


def children(pid: int) -> list[int]:
    """The processes that a process has forked."""
    with suppress(OSError):
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
        return [int(one) for one in listed.split()]
    return []
