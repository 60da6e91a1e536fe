"""Which processes of the installation go on, on whichever machine they run.

A process says so every few seconds; one that has not for a while counts as gone. That is all that
can be known from outside: a process that hangs does not say it either.
"""

import os
import secrets
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, delete, insert, select

from store.database import Database
from store.tables import processes

WORKER: Final = "worker"
CLOCK: Final = "clock"

BEAT_SECONDS: Final = 10
"""How often a process should say that it goes on."""

ALIVE_SECONDS: Final = 35
"""One that has said nothing for so long counts as gone: three beats, and some delay."""

_KEPT_DAYS: Final = 7


@dataclass(frozen=True, slots=True)
class Process:
    """One process. `started_at`, `seen_at`: UTC, by its own clock."""

    name: str
    kind: str
    pid: int
    host: str
    started_at: datetime
    seen_at: datetime


def this_process(kind: str, at: datetime) -> Process:
    """The process that asks, which starts `at` and is of that kind."""
    host, pid = socket.gethostname(), os.getpid()
    # Containers may all be process 1 of a host of the same name.
    name = f"{kind} {host} {pid} {secrets.token_hex(4)}"
    return Process(name, kind, pid, host, started_at=at, seen_at=at)


def beat(database: Database, process: Process, at: datetime) -> None:
    """Say that `process` goes on; forget those that were seen last a week ago. StoreError."""
    values: dict[str, Any] = {name: getattr(process, name) for name in Process.__slots__}
    writes = [
        (database.query(_FORGET), {"of_name": process.name, "before": at - _KEPT}),
        (database.query(_ADD), {**values, "seen_at": at}),
    ]
    with database.link() as link:
        link.write(writes)


def rest(database: Database, process: Process, at: datetime) -> None:
    """Say that `process` ends now, so that nobody misses it. StoreError."""
    forget = (database.query(_FORGET), {"of_name": process.name, "before": at - _KEPT})
    with database.link() as link:
        link.write([forget])


def alive(database: Database, at: datetime) -> tuple[Process, ...]:
    """The processes that go on, by kind and then by age. StoreError: no answer."""
    find = database.query(_ALIVE)
    since = at - timedelta(seconds=ALIVE_SECONDS)
    with database.link() as link:
        return tuple(Process(*row) for row in link.read(find, {"since": since}))


_KEPT = timedelta(days=_KEPT_DAYS)
_FORGET = delete(processes).where(
    (processes.c.name == bindparam("of_name")) | (processes.c.seen_at < bindparam("before"))
)
_ADD = insert(processes).values({column.key: bindparam(column.key) for column in processes.c})
_ALIVE = (
    select(*(processes.c[name] for name in Process.__slots__))
    .where(processes.c.seen_at >= bindparam("since"))
    .order_by(processes.c.kind, processes.c.started_at)
)
