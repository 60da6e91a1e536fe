"""How often somebody tried to sign in of late, counted in the database for all processes."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Delete, bindparam, delete, func, insert, select

from store.database import Database
from store.desk_tables import attempts
from store.sealing import Sealer

WITHIN: Final = timedelta(minutes=15)
"""An attempt counts for as long."""


class Attempts:
    """Counts attempts by what they have in common: an account, or a network address."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer
        self._add = database.query(_ADD)
        self._count = database.query(_COUNT)
        self._sweep = database.query(_SWEEP)

    def count(self, kind: str, who: str, at: datetime) -> int:
        """Note an attempt now, before it is looked at, and say how many there were with it.

        Noted first, so that of many at the same moment all are counted.
        """
        key = self._key(kind, who)
        with self._database.link() as link:
            add = (self._add, {"key": key, "at": at})
            link.write([add, (self._sweep, {"before": at - WITHIN})])
            ((found,),) = link.read(self._count, {"key": key, "since": at - WITHIN})
        return int(found)

    def forget(self, kind: str, who: str) -> None:
        """Begin to count anew: it went well."""
        self._drop(_FORGET, kind, who)

    def take_back(self, kind: str, who: str) -> None:
        """Count the newest attempt no more: it went well, which says nothing of the others."""
        self._drop(_TAKE_BACK, kind, who)

    def _drop(self, statement: Delete, kind: str, who: str) -> None:
        with self._database.link() as link:
            link.write([(self._database.query(statement), {"of": self._key(kind, who)})])

    def _key(self, kind: str, who: str) -> bytes:
        return self._sealer.mark("attempt", f"{kind}\0{who}".encode())


_ADD = insert(attempts).values(key=bindparam("key"), at=bindparam("at"))
_COUNT = select(func.count().label("count")).where(
    attempts.c.key == bindparam("key"), attempts.c.at > bindparam("since")
)
_SWEEP = delete(attempts).where(attempts.c.at < bindparam("before"))
_FORGET = delete(attempts).where(attempts.c.key == bindparam("of"))
_newest = select(func.max(attempts.c.id)).where(attempts.c.key == bindparam("of"))
_TAKE_BACK = delete(attempts).where(attempts.c.id == _newest.scalar_subquery())
