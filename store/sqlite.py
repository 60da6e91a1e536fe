"""Connections to SQLite: one file, one writer at a time, across threads and processes.

Writers queue at a gate, a lock on a file beside the database, because SQLite's own waiting is a
sleep with growing pauses, which keeps an unlucky writer for seconds. `BEGIN IMMEDIATE` and the
busy timeout behind it are the second defence, against writers that do not know the gate.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Dialect
from sqlalchemy.dialects.sqlite import pysqlite

from store.errors import Conflict, StoreError
from store.link import Write
from store.query import Query, Row

_BUSY_SECONDS = 5.0
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # a committed turn survives a power cut
    "PRAGMA foreign_keys=ON",
    # 16 MiB: turn after turn writes the same few pages, which then go to the file less often.
    "PRAGMA wal_autocheckpoint=4000",
)
_FULL = 2  # of the pragma `synchronous`
_TAKEN = ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")

dialect: Dialect = pysqlite.dialect(dbapi=sqlite3)


def path_of(url: URL) -> Path:
    """The absolute path of the database; ValueError for one in memory, which would not last."""
    if not url.database or url.database == ":memory:" or url.query:
        raise ValueError("an SQLite database needs a file: sqlite:///path/to/file.db")
    return Path(url.database).absolute()


@contextmanager
def gated(path: Path) -> Iterator[None]:
    """Keep every writer of `path` out for the block. OSError where the folder is missing."""
    gate = _open_gate(path)
    try:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield
    finally:
        os.close(gate)


def _open_gate(path: Path) -> int:
    """The file that writers lock; each connection opens its own, since a lock belongs to that."""
    return os.open(f"{path}-lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


class SqliteLink:
    """One connection to the database at `path`, which must be there already."""

    def __init__(self, path: Path) -> None:
        self._path = os.fspath(path)
        try:
            self._file = self._identity()
            # "rw": never make an empty database where there is none any more.
            self._connection = sqlite3.connect(
                f"{path.as_uri()}?mode=rw",
                uri=True,
                timeout=_BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
        except (OSError, sqlite3.Error) as error:
            raise _failure(error) from None
        try:
            for pragma in _PRAGMAS:
                self._connection.execute(pragma)
            self._gate = _open_gate(path)
        except (OSError, sqlite3.Error) as error:
            self._connection.close()
            raise _failure(error) from None

    def read(self, query: Query, values: Mapping[str, Any]) -> list[Row]:
        arguments = query.arguments(values)
        try:
            return query.rows(self._connection.execute(query.text, arguments))
        except sqlite3.Error as error:
            raise _failure(error) from None

    def write(self, writes: Sequence[Write]) -> None:
        # Converted before the gate: nobody waits for that.
        self._transaction([(query.text, query.arguments(values)) for query, values in writes])

    def change(self, query: Query, values: Mapping[str, Any]) -> list[Row]:
        return query.rows(self._transaction([(query.text, query.arguments(values))]))

    def _transaction(self, writes: Sequence[tuple[str, list[Any]]]) -> list[Row]:
        """Do all of `writes`, or none; the rows are those that the last one returned."""
        fcntl.flock(self._gate, fcntl.LOCK_EX)
        try:
            return self._alone(writes)
        except sqlite3.Error as error:
            raise _failure(error) from None
        finally:
            fcntl.flock(self._gate, fcntl.LOCK_UN)

    def _alone(self, writes: Sequence[tuple[str, list[Any]]]) -> list[Row]:
        execute = self._connection.execute
        rows: list[Row] = []
        execute("BEGIN IMMEDIATE")
        try:
            for text, arguments in writes:
                rows = execute(text, arguments).fetchall()
            execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._connection.rollback()
            raise
        return rows

    def usable(self) -> bool:
        """Whether the file that was opened is still the one at that path."""
        try:
            return self._identity() == self._file
        except OSError:
            return False

    def _identity(self) -> tuple[int, int]:
        # Not `Path.stat`: every turn waits for this.
        found = os.stat(self._path)  # noqa: PTH116
        return found.st_dev, found.st_ino

    def durability(self) -> str:
        try:
            ((mode,),) = self._connection.execute("PRAGMA journal_mode")
            ((level,),) = self._connection.execute("PRAGMA synchronous")
        except sqlite3.Error as error:
            raise _failure(error) from None
        if mode != "wal":
            return f"its journal is {mode} and not WAL"
        return "" if level >= _FULL else "it does not wait for the disk"

    def close(self) -> None:
        with suppress(sqlite3.Error):
            self._connection.close()
        with suppress(OSError):
            os.close(self._gate)


def _failure(error: Exception) -> StoreError:
    """`error` without its message: that could name what a caller wrote."""
    if isinstance(error, OSError):
        return StoreError(f"the database cannot be opened: {error.strerror}")
    name = getattr(error, "sqlite_errorname", None) or type(error).__name__
    kind = Conflict if name in _TAKEN else StoreError
    return kind(f"the database failed: {name}")
