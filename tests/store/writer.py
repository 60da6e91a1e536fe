"""Processes that write to a log: `python -m tests.store.writer URL`, to be killed at any moment.

Each line on standard input, "CONTACT FROM TO", begins a process of its own, which takes the turns
of the requests FROM to TO of that contact. It prints its number, then that of each request once
its turn is kept. Imports are made once, so that a test can afford many processes.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from store.database import Database
from tests.store.shelf import Shelf


def sid(contact: str, request: int) -> str:
    return f"SM{contact}:{request}"


def write(url: str, contact: str, first: int, last: int) -> None:
    """Take turns as one process; only what is printed has certainly been kept."""
    say(f"{contact} process {os.getpid()}")
    with Shelf(url) as shelf:
        for request in range(first, last):
            shelf.take(contact, sid(contact, request), f"{request}")
            say(f"{contact} kept {request}")


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())  # at once, and whole even where several processes write


@contextmanager
def nursery(url: str) -> Iterator[tuple[IO[str], IO[str]]]:
    """The standard input and output of a process of this module."""
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    assert process.stdin
    assert process.stdout
    with process:
        yield process.stdin, process.stdout
        process.stdin.close()


def main() -> None:
    Database(sys.argv[1])  # nothing is connected yet, but its driver is imported
    for line in sys.stdin:
        contact, first, last = line.split()
        if os.fork() == 0:
            write(sys.argv[1], contact, int(first), int(last))
            os._exit(0)
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


if __name__ == "__main__":
    main()
