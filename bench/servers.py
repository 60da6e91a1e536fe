"""The servers that are measured: started as the Procfile says, and ended whatever happens."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.processes import descendants, processor_seconds

ROOT: Final = Path(__file__).parent.parent
LINE: Final = "app.web:create_app"
FLOOR: Final = "bench.floor:create_app"
NOTHING: Final = "bench.floor:create_nothing"

_START_SECONDS: Final = 30
_QUIET_SECONDS: Final = 0.2
_STOP_SECONDS: Final = 10

# The server ends with its standard input, and so with the bench, even where that is killed.
_WATCHED: Final = '"$@" & server=$!; read -r _; kill "$server"; wait "$server"'


class BenchError(Exception):
    """The benchmark cannot be run; the message says why."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: where it listens, and its processes, each with its name."""

    port: int
    processes: dict[int, str]


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """Ours without any settings of the line, and with `more`."""
    ours = ("BACKLINE_", "TWILIO_", "DATABASE_URL", "PUBLIC_URL", "PORT", "GRANIAN_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return {**kept, "PATH": path, "PYTHONPATH": str(ROOT), **more}


def procfile(name: str) -> str:
    """The command of that name."""
    for line in (ROOT / "Procfile").read_text(encoding="utf-8").splitlines():
        found, _, command = line.partition(":")
        if found == name:
            return command.strip()
    raise BenchError(f"the Procfile has no {name}")


def release(environ: Mapping[str, str], folder: Path) -> None:
    """Make the tables, as a deployment does."""
    done = subprocess.run(
        ["sh", "-c", procfile("release")],
        env=environment(environ),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BenchError(f"the tables could not be made: {done.stderr[-2000:]}")


@contextmanager
def serving(application: str, environ: Mapping[str, str], folder: Path) -> Iterator[Server]:
    """`application` in the place of the line, under the very command that serves the line."""
    command = procfile("web")
    if LINE not in command:
        raise BenchError(f"the Procfile's web command does not name {LINE}")
    port = _free_port()
    # Nobody but the load generator is to reach it.
    command = re.sub(r"--host \S+", "--host 127.0.0.1", command.replace(LINE, application))
    log = folder / f"{application.partition(':')[0]}-{port}.log"
    with log.open("wb") as output:
        shell = subprocess.Popen(
            ["sh", "-c", _WATCHED, "sh", "sh", "-c", f"exec {command}"],
            env=environment({**environ, "PORT": str(port)}),
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C is for the bench alone, which ends its servers
        )
    try:
        _wait(port, shell, log)
        yield Server(port, {process: _name(process) for process in descendants(shell.pid)})
    finally:
        _stop(shell)


def _stop(shell: "subprocess.Popen[bytes]") -> None:
    processes = descendants(shell.pid)
    assert shell.stdin is not None
    shell.stdin.close()
    try:
        shell.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        _kill([shell.pid, *processes])
        shell.wait()
    # Workers end before their server does; one that does not would hold a processor for good.
    deadline = time.monotonic() + 5
    while (left := [one for one in processes if _lives(one)]) and time.monotonic() < deadline:
        time.sleep(0.02)
    _kill(left)


def _kill(processes: Sequence[int]) -> None:
    for process in processes:
        if _lives(process):
            os.kill(process, signal.SIGKILL)


def _lives(process: int) -> bool:
    try:
        stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def _wait(port: int, shell: "subprocess.Popen[bytes]", log: Path) -> None:
    """Until it answers, and all of its processes have nothing more to do.

    The first worker answers while the second one is still starting: that one would spoil a round,
    and does not hear that it should stop.
    """
    deadline = time.monotonic() + _START_SECONDS
    used = -1.0
    while not _answers(port) or used != processor_seconds(descendants(shell.pid)):
        used = processor_seconds(descendants(shell.pid))
        time.sleep(_QUIET_SECONDS)
        if time.monotonic() > deadline or not descendants(shell.pid):
            last = log.read_text(encoding="utf-8", errors="replace")[-2000:]
            raise BenchError(f"a server did not start:\n{last}")


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
            return bool(connection.recv(1024))
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _name(process: int) -> str:
    try:
        words = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
        return " ".join(word.decode(errors="replace") for word in words)[:60]
    except OSError:
        return ""
