"""What runs beside the server on one machine: the worker and the clock, each a process of its own.

One that dies is started again, at once the first time and ever later after that; the server goes on
answering meanwhile. They end with the server, also where that is killed.
"""

import logging
import os
import subprocess
import sys
import threading
import time
from typing import Final

COMMANDS: Final = ("worker", "clock")
PAUSES: Final = (0.0, 60.0)
"""Seconds before one that died at once is started again: first, and at most."""
STEADY_SECONDS: Final = 60.0
"""One that has gone on for so long died of something else than its start."""
STOP_SECONDS: Final = 25.0
"""To finish what is under way: two time-outs of the carrier."""

_log = logging.getLogger(__name__)


class Beside:
    """The processes beside a server. Start it in the process that lives as long as they shall."""

    def __init__(self, commands: tuple[str, ...] = COMMANDS) -> None:
        self._commands = commands
        self._ended = threading.Event()
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        self._threads = [
            threading.Thread(target=self._keep, args=(command,), daemon=True)
            for command in self._commands
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Tell them to end, and wait until they have."""
        self._ended.set()
        for process in list(self._running.values()):
            process.terminate()
        for thread in self._threads:
            thread.join(STOP_SECONDS)
        for process in list(self._running.values()):
            process.kill()

    def _keep(self, command: str) -> None:
        pause, most = PAUSES
        while not self._ended.wait(pause):
            began = time.monotonic()
            # Not by `preexec_fn`: that runs between fork and exec, where threads are not safe.
            child = [sys.executable, "-m", "app", command, "--with", str(os.getpid())]
            self._running[command] = process = subprocess.Popen(  # noqa: S603  nobody else's words
                child,
                # Ctrl-C goes to a whole group: the server tells them, when it has ended itself.
                start_new_session=True,
            )
            if self._ended.is_set():
                process.terminate()  # told to stop while it was being started
            status = process.wait()
            if self._ended.is_set():
                return
            steady = time.monotonic() - began > STEADY_SECONDS
            pause = PAUSES[0] if steady else min(most, max(1.0, 2 * pause))
            _log.error("the %s ended with %s and is started again", command, status)
