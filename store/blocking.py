"""The numbers that staff have blocked, for each clinic.

A process keeps the list in its memory and reads it again now and then, so no turn waits for it. A
number that is blocked or released is so everywhere after `READ_SECONDS`.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, insert, select, update

from store.database import Database
from store.errors import Conflict, StoreError
from store.link import Write
from store.running_tables import blocked
from store.sealing import Sealer

READ_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Blocked:
    """A number that is blocked. `by`: who did it.  `at`: since when (UTC).

    `id`: what it is known by once it is kept.
    """

    address: str
    by: str
    reason: str
    at: datetime
    id: int = 0


class BlockList:
    """The blocked numbers of every clinic, as a process knows them; safe for threads.

    `clock`: seconds that only grow.
    """

    def __init__(
        self, database: Database, sealer: Sealer, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self._read = database.query(_OPEN)
        self._known: Mapping[tuple[int, bytes], datetime] = {}
        self._read_at: float | None = None

    def since(self, clinic: int, address: str) -> datetime | None:
        """Since when that number is blocked (UTC); None: it is not. Never raises."""
        now = self._clock()
        if self._read_at is None or now - self._read_at >= READ_SECONDS:
            self._read_at = now  # first: of many threads one reads
            # While the database is away, what was known holds.
            with suppress(StoreError), self._database.link() as link:
                self._known = {(c, mark): at for c, mark, at in link.read(self._read, {})}
        if not self._known:
            return None
        return self._known.get((clinic, self._sealer.fingerprint(clinic, address)))


def block(database: Database, sealer: Sealer, clinic: int, entry: Blocked) -> bool:
    """Block a number; False where it is blocked already. StoreError: it is not known to be."""
    fingerprint = sealer.fingerprint(clinic, entry.address)
    values = {
        "clinic_id": clinic,
        "fingerprint": fingerprint,
        "address": sealer.seal(entry.address, f"blocked/{fingerprint.hex()}"),
        "at": entry.at,
        "by": entry.by,
        "reason": entry.reason,
    }
    add = insert(blocked).values({name: bindparam(name) for name in values})
    try:
        with database.link() as link:
            link.write([(database.query(add), values)])
    except Conflict:
        return False
    return True


def release(database: Database, clinic: int, id_: int, by: str, at: datetime) -> bool:
    """Block that number no longer; False where it was not. StoreError: it is not known to be."""
    this = {"clinic": clinic, "of_id": id_}
    with database.link() as link:
        there = bool(link.read(database.query(_ONE), this))
        link.write([(database.query(_LIFT), {**this, "when": at, "who": by})])
    return there


def read_blocked(database: Database, sealer: Sealer, clinic: int) -> tuple[Blocked, ...]:
    """The blocked numbers of a clinic, the newest first. StoreError: no answer."""
    with database.link() as link:
        rows = link.read(database.query(_LIST), {"clinic": clinic})
    return tuple(
        Blocked(sealer.open(address, f"blocked/{mark.hex()}"), by, reason, at, id_)
        for id_, mark, address, by, reason, at in rows
    )


def forget_blocked_write(database: Database, clinic: int, fingerprint: bytes) -> Write:
    """What forgets that a number was ever blocked, where the person is forgotten."""
    return database.query(_FORGET), {"clinic": clinic, "of_fingerprint": fingerprint}


_still = blocked.c.lifted_at.is_(None)
_of_clinic = blocked.c.clinic_id == bindparam("clinic")
_this = (blocked.c.id == bindparam("of_id"), _of_clinic, _still)
_OPEN = select(blocked.c.clinic_id, blocked.c.fingerprint, blocked.c.at).where(_still)
_ONE = select(blocked.c.id).where(*_this)
_LIFT = (
    update(blocked).where(*_this).values(lifted_at=bindparam("when"), lifted_by=bindparam("who"))
)
_FORGET = delete(blocked).where(
    blocked.c.fingerprint == bindparam("of_fingerprint"), blocked.c.clinic_id == bindparam("clinic")
)
_LIST = (
    select(
        *(blocked.c[name] for name in ("id", "fingerprint", "address", "by", "reason", "at")),
    )
    .where(_of_clinic, _still)
    .order_by(blocked.c.id.desc())
)
