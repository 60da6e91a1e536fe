"""Connections to PostgreSQL, by psycopg 3. Imported only where the address asks for it."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import errors
from sqlalchemy import URL, Dialect
from sqlalchemy.dialects.postgresql import psycopg as sqlalchemy_psycopg

from store.errors import Conflict, Lost, StoreError
from store.link import Write
from store.query import Query, Row

# Seconds and milliseconds after which a server that does not answer counts as gone: a caller is
# on the line, and the safety net needs no database. An address may set its own.
_PATIENCE = {
    "connect_timeout": 2,
    "keepalives_idle": 10,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 3000,
    "application_name": "backline",
}
# Whoever set up the server may have traded durability for speed: not for this log.
_SETTINGS = """
    SELECT set_config('statement_timeout', '5s', false), set_config('timezone', 'UTC', false),
        set_config('plan_cache_mode', 'force_generic_plan', false),
        CASE WHEN current_setting('synchronous_commit') IN ('off', 'local')
            THEN set_config('synchronous_commit', 'on', false) END
"""
_DURABILITY = "SELECT current_setting('fsync'), current_setting('synchronous_commit')"

dialect: Dialect = sqlalchemy_psycopg.dialect(  # type: ignore[no-untyped-call]
    paramstyle="format", dbapi=psycopg
)


class PostgresLink:
    """One connection to the database at `url`."""

    def __init__(self, url: URL) -> None:
        arguments, options = dialect.create_connect_args(url)
        try:
            self._connection = psycopg.connect(
                *arguments,
                **{**_PATIENCE, **options},
                autocommit=True,  # one statement is one transaction, and one round trip
                prepare_threshold=0,
            )
            self._cursor = self._connection.cursor()
            self._cursor.execute(_SETTINGS, prepare=False)
        except psycopg.Error as error:
            # No caller's words have been sent yet: what the server or the network says is safe.
            said = str(error).strip().partition("\n")[0]
            raise StoreError(f"the database cannot be reached: {said}") from None

    def read(self, query: Query, values: Mapping[str, Any]) -> list[Row]:
        arguments = query.arguments(values)
        try:
            return query.rows(self._cursor.execute(query.text, arguments).fetchall())
        except psycopg.Error as error:
            raise self._failure(error) from None

    def write(self, writes: Sequence[Write]) -> None:
        ready = [(query.text, query.arguments(values)) for query, values in writes]
        try:
            if len(ready) == 1:
                self._cursor.execute(*ready[0])
                return
            # All of them in one round trip.
            with self._connection.pipeline(), self._connection.transaction():
                for text, arguments in ready:
                    self._cursor.execute(text, arguments)
        except psycopg.Error as error:
            raise self._failure(error) from None

    def change(self, query: Query, values: Mapping[str, Any]) -> list[Row]:
        # One statement is one transaction, with what it returns or without.
        return self.read(query, values)

    def usable(self) -> bool:
        return not self._connection.closed

    def durability(self) -> str:
        try:
            row = self._cursor.execute(_DURABILITY, prepare=False).fetchone()
        except psycopg.Error as error:
            raise self._failure(error) from None
        fsync, commit = row or ("", "")
        if fsync != "on":
            return "its server does not wait for the disk (fsync is off)"
        return "" if commit not in ("off", "local") else f"synchronous_commit is {commit}"

    def close(self) -> None:
        with suppress(psycopg.Error):
            self._connection.close()

    def _failure(self, error: psycopg.Error) -> StoreError:
        """`error` without its message: that could name what a caller wrote."""
        if self._connection.closed:
            return Lost(f"the database went away: {_name(error)}")
        again = (errors.UniqueViolation, errors.SerializationFailure, errors.DeadlockDetected)
        kind = Conflict if isinstance(error, again) else StoreError
        return kind(f"the database failed: {_name(error)}")


def _name(error: psycopg.Error) -> str:
    return " ".join(filter(None, (type(error).__name__, error.sqlstate)))
