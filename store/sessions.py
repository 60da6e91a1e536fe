"""Who is signed in at the desk: sessions that the server can end.

The browser holds a random key; here stands a keyed hash of it. A session ends by being removed.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import bindparam, delete, func, insert, select, update

from duty.roles import Role
from store.database import Database
from store.desk_tables import memberships, sessions, staff
from store.link import Write
from store.sealing import Sealer
from store.tables import clinics

IDLE: Final = timedelta(hours=1)
ABSOLUTE: Final = timedelta(hours=12)
"""Without asking for a page, and altogether (NIST SP 800-63B-4 allows 1 and 24 hours)."""

HALFWAY: Final = timedelta(minutes=15)
"""For the steps of signing in after the first."""

_NOTED_EACH: Final = timedelta(minutes=1)
"""That somebody is there is written this often: a page that is looked at is not always a write."""


class Stage(StrEnum):
    """How far somebody is with signing in; what they may ask for until then is that step alone."""

    PASSWORD = "password"  # noqa: S105  to be chosen, after a link that is good once
    ENROL = "enrol"
    CODE = "code"
    IN = "in"


@dataclass(frozen=True, slots=True)
class Place:
    """A clinic at which somebody works, and as what."""

    clinic: int
    name: str
    locale: str
    time_zone: str | None
    role: Role


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody at the desk.

    `place`: whose desk they are at; None while a step of signing in is missing.
    `places`: every clinic at which they work, in the order of their ids.
    `language`, `scheme`: what they chose; None for what the browser says.
    """

    digest: bytes
    stage: Stage
    staff_id: int
    login: str
    name: str
    language: str | None
    scheme: str | None
    created_at: datetime
    seen_at: datetime
    place: Place | None
    places: tuple[Place, ...]


class Sessions:
    """The sessions in `database`."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer
        self._find = database.query(_FIND)
        self._note = database.query(_NOTE)
        self._begin = database.query(_BEGIN)

    def begin(
        self, staff_id: int, stage: Stage, at: datetime, clinic: int | None = None
    ) -> tuple[str, Write]:
        """A new key for the browser, and the write with which it begins to count."""
        key = secrets.token_urlsafe(32)
        values = {
            "digest": self.digest(key),
            "staff_id": staff_id,
            "clinic_id": clinic,
            "stage": stage.value,
            "created_at": at,
            "seen_at": at,
        }
        return key, (self._begin, values)

    def find(self, key: str, at: datetime, *, active: bool = True) -> Session | None:
        """Whose session that is; None where it has ended, or run out.

        `active`: somebody asked for a page. False for what a page asks for by itself, which must
        not keep an unattended screen signed in.
        """
        digest = self.digest(key)
        with self._database.link() as link:
            rows = link.read(self._find, {"digest": digest})
            found = _session([self._find.named(row) for row in rows], digest, at)
            if found and active and at - found.seen_at >= _NOTED_EACH:
                link.write([(self._note, {"of": digest, "seen": at})])
        return found

    def count(self, staff_id: int, at: datetime) -> int:
        """In how many browsers somebody is signed in."""
        values = {"of": staff_id, "stage": Stage.IN.value}
        values |= {"idle": at - IDLE, "absolute": at - ABSOLUTE}
        with self._database.link() as link:
            ((found,),) = link.read(self._database.query(_COUNT), values)
        return int(found)

    def digest(self, key: str) -> bytes:
        return self._sealer.mark("session", key.encode())

    def ending(self, digest: bytes) -> Write:
        """The write that ends one session."""
        return self._database.query(_END), {"of": digest}

    def ending_all(self, staff_id: int) -> Write:
        """The write that ends every session of somebody."""
        return self._database.query(_END_ALL), {"of": staff_id}

    def moving(self, digest: bytes, clinic: int) -> Write:
        """The write that takes a session to the desk of another clinic."""
        return self._database.query(_MOVE), {"of": digest, "to": clinic}

    def sweep(self, at: datetime) -> Write:
        """The write that removes what has run out."""
        return self._database.query(_SWEEP), {"idle": at - IDLE, "absolute": at - ABSOLUTE}


def _session(rows: list[dict[str, Any]], digest: bytes, at: datetime) -> Session | None:
    if not rows:
        return None
    first = rows[0]
    stage = Stage(first["stage"])
    idle, absolute = (IDLE, ABSOLUTE) if stage is Stage.IN else (HALFWAY, HALFWAY)
    if at - first["seen_at"] >= idle or at - first["created_at"] >= absolute:
        return None
    places = tuple(
        Place(row["clinic_id"], row["clinic"], row["locale"], row["time_zone"], Role(row["role"]))
        for row in rows
    )
    place = next((one for one in places if one.clinic == first["at"]), None)
    if stage is Stage.IN and place is None:
        return None
    names = ("staff_id", "login", "name", "language", "scheme", "created_at", "seen_at")
    known = {name: first[name] for name in names}
    return Session(digest=digest, stage=stage, place=place, places=places, **known)


_BEGIN = insert(sessions).values({column.key: bindparam(column.key) for column in sessions.c})
_FIND = (
    select(
        *(sessions.c.clinic_id.label("at"), sessions.c.stage, sessions.c.staff_id),
        *(sessions.c.created_at, sessions.c.seen_at),
        *(staff.c.login, staff.c.name, staff.c.language, staff.c.scheme),
        *(memberships.c.clinic_id, memberships.c.role),
        *(clinics.c.name.label("clinic"), clinics.c.locale, clinics.c.time_zone),
    )
    .select_from(
        sessions.join(staff)
        .join(memberships, memberships.c.staff_id == staff.c.id)
        .join(clinics, clinics.c.id == memberships.c.clinic_id)
    )
    .where(sessions.c.digest == bindparam("digest"), staff.c.disabled_at.is_(None))
    .order_by(memberships.c.clinic_id)
)
_this = sessions.c.digest == bindparam("of")
_NOTE = update(sessions).where(_this).values(seen_at=bindparam("seen"))
_MOVE = update(sessions).where(_this).values(clinic_id=bindparam("to"))
_END = delete(sessions).where(_this)
_END_ALL = delete(sessions).where(sessions.c.staff_id == bindparam("of"))
_COUNT = select(func.count().label("count")).where(
    sessions.c.staff_id == bindparam("of"),
    sessions.c.stage == bindparam("stage"),
    sessions.c.seen_at > bindparam("idle"),
    sessions.c.created_at > bindparam("absolute"),
)
_SWEEP = delete(sessions).where(
    (sessions.c.seen_at < bindparam("idle")) | (sessions.c.created_at < bindparam("absolute"))
)
