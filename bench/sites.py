"""What is measured: the line and its floor, each on a database of its own, and what they keep."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import psycopg

from bench.floor import TABLE
from bench.processes import Memory, memory
from bench.servers import FLOOR, LINE, Server, release, serving
from tests.postgres import PostgresServer

Database = Literal["SQLite", "PostgreSQL"]
Who = Literal["line", "floor"]
DATABASES: Final[tuple[Database, ...]] = ("SQLite", "PostgreSQL")
BOTH: Final[tuple[Who, ...]] = ("line", "floor")

_COUNT: Final = "SELECT count(*) FROM turns"


@dataclass(slots=True)
class Site:
    """A database, and one server on it.

    `written`: the turns that it said it had kept; `wrong`: the replies that were no such thing.
    """

    database: Database
    who: Who
    server: Server
    count: Callable[[], int]
    written: int = 0
    wrong: int = 0
    first_wrong: str = ""

    def memory(self) -> dict[str, Memory]:
        """Of the server's first process and of each worker."""
        processes = sorted(self.server.processes)
        names = ["server", *(f"worker {number}" for number in range(1, len(processes)))]
        return {name: memory(process) for name, process in zip(names, processes, strict=True)}


@contextmanager
def site(
    database: Database, who: Who, environ: Mapping[str, str], folder: Path, postgres: PostgresServer
) -> Iterator[Site]:
    """A running server, with its tables made."""
    path = folder / f"{who}.sqlite3"
    url = f"sqlite:///{path}" if database == "SQLite" else _plain(postgres.new_database())
    environ = {**environ, "DATABASE_URL": url}
    if who == "line":
        release(environ, folder)
    elif database == "SQLite":
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(f"{TABLE} WITHOUT ROWID")
    else:
        with psycopg.connect(url) as server:
            server.execute(TABLE.encode())

    def count() -> int:
        if database == "SQLite":
            with closing(sqlite3.connect(path)) as connection:
                return int(connection.execute(_COUNT).fetchone()[0])
        with psycopg.connect(url) as server:
            row = server.execute(_COUNT).fetchone()
        return int(row[0]) if row else 0

    with serving(LINE if who == "line" else FLOOR, environ, folder) as running:
        yield Site(database, who, running, count)


def describe(postgres: PostgresServer) -> str:
    """Which PostgreSQL it is, and what it promises."""
    with psycopg.connect(_plain(postgres.url)) as connection:
        version = connection.info.server_version
        shown = []
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            row = connection.execute(f"SHOW {name}".encode()).fetchone()
            shown.append(f"{name}={row[0] if row else '?'}")
    return f"{version // 10000}.{version % 10000} with {', '.join(shown)}"


def _plain(url: str) -> str:
    """`url` as both the driver itself and SQLAlchemy take it."""
    return url.replace("postgresql+psycopg:", "postgresql:")
