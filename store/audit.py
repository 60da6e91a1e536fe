"""The audit log: what the clinic's staff looked at and did, which nobody can edit.

Rows are added and never changed. Each carries a keyed hash over the one before it, so that a row
that was changed, taken out or moved is found (as `store.chain` does for turns; here each clinic
has one chain). The newest rows cut off are found by the heads of an earlier replay.

No row holds a caller's words or number: what was done is a word of this list, what it was done to
is an id, and a detail is the name of a setting or of a filter.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

import msgspec
from sqlalchemy import Select, bindparam, insert, literal_column, select

from store.chain import START
from store.database import Database
from store.desk_tables import audit
from store.errors import Conflict
from store.link import Write
from store.query import Row
from store.sealing import Sealer

_TRIES: Final = 20
"""As many may write at one clinic at the same moment and none is refused."""

_AT_ONCE: Final = 500
"""Rows that are read together when the chain is checked."""


class Action(StrEnum):
    """What can be done. Its words are in `clinic/words/`, under `action`."""

    SIGNED_IN = "session.began"
    SIGNED_OUT = "session.ended"
    SIGNED_OUT_EVERYWHERE = "sessions.ended"
    PASSWORD_WRONG = "password.wrong"  # noqa: S105
    PASSWORD_CHANGED = "password.changed"  # noqa: S105
    CODE_WRONG = "code.wrong"
    CODE_ENROLLED = "code.enrolled"
    RECOVERY_USED = "recovery.used"
    RECOVERY_MADE = "recovery.made"
    LOCKED = "account.locked"
    STAFF_ADDED = "staff.added"
    STAFF_CHANGED = "staff.changed"
    STAFF_RESET = "staff.reset"
    STAFF_REMOVED = "staff.removed"
    CLINIC_CHANGED = "clinic.changed"
    CLINIC_ADDED = "clinic.added"
    ROTA_CHANGED = "rota.changed"
    ALERT_TESTED = "alert.tested"
    AUDIT_VIEWED = "audit.viewed"
    CONVERSATION_VIEWED = "conversation.viewed"
    NUMBER_SHOWN = "number.shown"
    SEARCHED = "searched"
    EXPORTED = "exported"
    ACKNOWLEDGED = "conversation.acknowledged"
    NOTED = "conversation.noted"
    ASSIGNED = "conversation.assigned"
    CALLED_BACK = "conversation.called_back"
    RELEASED = "conversation.released"
    BLOCKED = "number.blocked"
    UNBLOCKED = "number.unblocked"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done.

    `action`: an `Action`; of another program, whatever it called it.
    `staff_id`, `login`: who; None and "" for whoever runs the installation.
    `about`: the id of what it was done to; "" for nothing in particular.
    `detail`: more of it, by name; never a caller's words or number.
    """

    action: Action | str
    at: datetime
    staff_id: int | None = None
    login: str = ""
    about: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry as it stands in a clinic's log, with its number there, from 1."""

    number: int
    entry: Entry


@dataclass(frozen=True, slots=True)
class Checked:
    """An entry's number and chain; `fault`: what is wrong with it, "" for nothing."""

    number: int
    chain: bytes
    fault: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries; None: whatever it is. `since`: then or later, `until`: before that (UTC)."""

    staff_id: int | None = None
    action: str | None = None
    about: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class AuditLog:
    """The audit logs of every clinic in `database`."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer
        self._newest = database.query(_NEWEST)
        self._add = database.query(_ADD)

    def add(self, clinic: int, entry: Entry, also: Sequence[Write] = ()) -> None:
        """Record what was done at `clinic`, and do `also` with it: both are kept, or neither.

        Conflict: a unique key that `also` wants is taken.  StoreError: it is not recorded, so
        whoever asked must not be shown what they asked for.
        """
        with self._database.link() as link:
            before: Row | None = None
            for _ in range(_TRIES):
                found = link.read(self._newest, {"clinic_id": clinic})
                newest = found[0] if found else (0, START)
                if newest == before:
                    break  # nobody else has written here, so the key that was taken is another
                try:
                    link.write([*also, (self._add, self._row(clinic, newest, entry))])
                except Conflict:
                    before = newest
                else:
                    return
            raise Conflict("the database failed: a key is taken")

    def entries(self, clinic: int, wanted: Wanted, before: int, most: int) -> tuple[Recorded, ...]:
        """The newest `most` of what is wanted that stand before the entry of that number."""
        find = self._database.query(_wanted(wanted, most))
        values: dict[str, Any] = {"clinic_id": clinic, "before": before}
        for name in ("staff_id", "action", "about", "since", "until"):
            if getattr(wanted, name) is not None:
                values[name] = getattr(wanted, name)
        with self._database.link() as link:
            return tuple(_recorded(find.named(row)) for row in link.read(find, values))

    def check(self, clinic: int) -> Iterator[Checked]:
        """Every entry of a clinic in order, and what is wrong with it."""
        find = self._database.query(_IN_ORDER)
        number, chain = 0, START
        while True:
            with self._database.link() as link:
                rows = link.read(find, {"clinic_id": clinic, "after": number})
            if not rows:
                return
            for found in rows:
                row = find.named(found)
                fault = ""
                if row["number"] != number + 1:
                    fault = "what stood before it is missing"
                elif self._chain(chain, row) != row["chain"]:
                    fault = "not as it was written"
                number, chain = row["number"], row["chain"]
                yield Checked(number, chain, fault)

    def _row(self, clinic: int, newest: Row, entry: Entry) -> dict[str, Any]:
        number, chain = newest
        row = {
            "clinic_id": clinic,
            "number": number + 1,
            "at": entry.at,
            "staff_id": entry.staff_id,
            "login": entry.login,
            "action": str(entry.action),
            "about": entry.about,
            "detail": msgspec.json.encode(dict(entry.detail)).decode(),
        }
        return {**row, "chain": self._chain(chain, row)}

    def _chain(self, before: bytes, row: Mapping[str, Any]) -> bytes:
        at = row["at"].astimezone(UTC)
        fields = [row[name] for name in _COVERED]
        return self._sealer.mark("audit", before + msgspec.json.encode([at, *fields]))


def _recorded(row: Mapping[str, Any]) -> Recorded:
    entry = Entry(
        action=row["action"],
        at=row["at"],
        staff_id=row["staff_id"],
        login=row["login"],
        about=row["about"],
        detail=msgspec.json.decode(row["detail"], type=dict[str, str]),
    )
    return Recorded(row["number"], entry)


_of_clinic = audit.c.clinic_id == bindparam("clinic_id")


def _wanted(wanted: Wanted, most: int) -> Select[Any]:
    found = select(audit).where(_of_clinic, audit.c.number < bindparam("before"))
    for name in ("staff_id", "action", "about"):
        if getattr(wanted, name) is not None:
            found = found.where(audit.c[name] == bindparam(name))
    if wanted.since is not None:
        found = found.where(audit.c.at >= bindparam("since"))
    if wanted.until is not None:
        found = found.where(audit.c.at < bindparam("until"))
    return found.order_by(audit.c.number.desc()).limit(literal_column(str(most)))


_COVERED: Final = ("clinic_id", "number", "staff_id", "login", "action", "about", "detail")
_ADD = insert(audit).values({column.key: bindparam(column.key) for column in audit.c})
_NEWEST = (
    select(audit.c.number, audit.c.chain)
    .where(_of_clinic)
    .order_by(audit.c.number.desc())
    .limit(literal_column("1"))
)
_IN_ORDER = (
    select(audit)
    .where(_of_clinic, audit.c.number > bindparam("after"))
    .order_by(audit.c.number)
    .limit(literal_column(str(_AT_ONCE)))
)
