"""The database of a process: which one it is, and its connections."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import NamedTuple

from sqlalchemy import URL, Dialect, Table, column, make_url, select, table
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite as sqlite_sql
from sqlalchemy.exc import ArgumentError

from store import sqlite
from store.errors import Conflict, Lost, StoreError
from store.link import Link
from store.query import Query, Statement
from store.tables import REVISION

CONNECTIONS = 4
"""At most, per process. More than that gains nothing where a write waits for the disk."""
_WAIT_SECONDS = 8.0
"""For a free connection; the carrier itself waits 15 seconds for an answer."""


def parse(url: str) -> URL:
    """`url` with its driver named; ValueError for anything but SQLite and PostgreSQL."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        # Not chained, and without the address: it may hold a password.
        raise ValueError("not the address of a database") from None
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "postgresql+psycopg"):
        raise ValueError("a database is sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME")
    return parsed


class _Slot(NamedTuple):
    """An open connection; `generation` grows when connections turn out to be broken."""

    generation: int
    link: Link


class Database:
    """The one database of a process; safe for threads, not to be carried over a fork.

    `url`: "sqlite:///FILE" or "postgresql://...". Nothing is connected until it is needed, and
    what fails then raises `StoreError`. ValueError for an address that cannot be meant.
    """

    def __init__(self, url: str) -> None:
        self._open, self._dialect = _kind(parse(url))
        self._generation = 0
        self._idle: list[_Slot] = []
        # As many as there may be connections: whoever holds one may use or open a connection.
        self._permits: SimpleQueue[None] = SimpleQueue()
        for _ in range(CONNECTIONS):
            self._permits.put(None)
        versions = table("alembic_version", column("version_num"))
        self._revision = self.query(select(versions.c.version_num))

    def query(self, statement: Statement) -> Query:
        """`statement`, compiled for this database."""
        return Query(statement, self._dialect)

    def insert(self, into: Table) -> postgresql.Insert | sqlite_sql.Insert:
        """An insert that may say what happens where a unique key is taken (ON CONFLICT)."""
        if self._dialect.name == "sqlite":
            return sqlite_sql.insert(into)
        return postgresql.insert(into)

    @contextmanager
    def link(self) -> Iterator[Link]:
        """A connection, for the block alone. StoreError out of the block closes it.

        `Lost`: it turned out to lead nowhere any more. What the block did is then not certain.
        """
        try:
            self._permits.get(timeout=_WAIT_SECONDS)
        except Empty:
            raise StoreError("every connection to the database is busy") from None
        slot = None
        try:
            slot = self._slot()
            # Before: nothing may be written where nobody will look for it, or be found there
            # later as if its reply had been given. After: it can be taken away at any moment.
            _require_usable(slot.link)
            yield slot.link
            _require_usable(slot.link)
        except Conflict:
            raise
        except StoreError as error:
            if isinstance(error, Lost):
                # What broke this connection has most likely broken the others.
                self._generation += 1
            if slot is not None:
                slot.link.close()
                slot = None
            raise
        finally:
            if slot is not None:
                self._idle.append(slot)
            self._permits.put(None)

    def _slot(self) -> _Slot:
        """The connection that was used last, or a new one."""
        while self._idle:
            try:
                slot = self._idle.pop()
            except IndexError:  # another thread was quicker
                break
            if slot.generation == self._generation:
                return slot
            slot.link.close()
        return _Slot(self._generation, self._open())

    def revision(self) -> str | None:
        """The newest migration that was applied; None where there is none."""
        try:
            return self._read_revision()
        except Lost:
            # The connection was an old one; a new one tells how it is now.
            return self._read_revision()

    def _read_revision(self) -> str | None:
        with self.link() as link:
            rows = link.read(self._revision, {})
        return rows[0][0] if rows else None

    def ping(self) -> None:
        """StoreError unless the database answers, and has its tables."""
        self.revision()

    def is_current(self) -> bool:
        """Whether its tables are those that this program was written for."""
        return self.revision() == REVISION

    def require_current(self) -> None:
        """StoreError unless `is_current`."""
        if not self.is_current():
            raise StoreError("the tables of the database are not this program's: upgrade them")

    def durability(self) -> str:
        """Why a committed turn would not survive a power cut; "" where it does. StoreError."""
        with self.link() as link:
            return link.durability()

    def close(self) -> None:
        """Close the connections that nobody uses; a later use opens new ones."""
        while self._idle:
            self._idle.pop().link.close()


def _require_usable(link: Link) -> None:
    if not link.usable():
        raise Lost("the database is no longer where it was")


def _kind(url: URL) -> tuple[Callable[[], Link], Dialect]:
    """How to open a connection to `url`, and its way of writing SQL."""
    if url.drivername == "sqlite":
        path = sqlite.path_of(url)
        return (lambda: sqlite.SqliteLink(path)), sqlite.dialect
    # Not at the top: psycopg is 20 MB that a process on SQLite does without.
    from store import postgres  # noqa: PLC0415

    return (lambda: postgres.PostgresLink(url)), postgres.dialect
