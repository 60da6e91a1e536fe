"""The clinic's staff: who may sign in at the desk, with what, and as what."""

import base64
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, delete, insert, select, update

from duty.roles import Role
from store.database import Database
from store.desk_tables import memberships, spent, staff, tickets
from store.errors import Conflict
from store.link import Write
from store.sealing import Sealer

RECOVERY_CODES: Final = 10


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who may sign in.

    `password`: an argon2 hash; None while none was chosen.
    `totp`: the secret of the second factor in base32, `totp_since` when it was confirmed, and
    `totp_next` one that is not yet.
    `roles`: what they may do at which clinic, by its id.
    """

    id: int
    login: str
    name: str
    password: str | None
    totp: str | None
    totp_since: datetime | None
    totp_next: str | None
    language: str | None
    scheme: str | None
    created_at: datetime
    disabled_at: datetime | None
    roles: Mapping[int, Role]


class StaffBook:
    """The staff in `database`. What changes something is a write, to be recorded with it."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    # --- Looking ------------------------------------------------------------------------------

    def by_login(self, login: str) -> Staff | None:
        found = self._read(_ONE_BY_LOGIN, {"login": login.lower()})
        return found[0] if found else None

    def by_id(self, id_: int) -> Staff | None:
        found = self._read(_ONE_BY_ID, {"id": id_})
        return found[0] if found else None

    def of_clinic(self, clinic: int) -> tuple[Staff, ...]:
        """Everybody who works there, by name; with their roles at other clinics too."""
        return tuple(one for one in self.everybody() if clinic in one.roles)

    def everybody(self) -> tuple[Staff, ...]:
        return self._read(_EVERYBODY, {})

    # --- Changing -----------------------------------------------------------------------------

    def add(self, login: str, name: str, at: datetime) -> int:
        """The id of somebody new, who has neither password nor role yet. Conflict: there is one.

        Whoever was removed and comes back has their id again, and nothing else of what they had.
        """
        for _ in range(2):
            known = self.by_login(login)
            if known is not None and known.roles:
                break
            with self._database.link() as link:
                if known is not None:
                    link.write(
                        [
                            *self.resetting(known.id, second_factor=True),
                            self.changing(known.id, name=name, password=None, disabled_at=None),
                        ]
                    )
                    return known.id
                with suppress(Conflict):
                    values = {"login": login.lower(), "name": name, "created_at": at}
                    link.write([(self._database.query(_ADD), values)])
        raise Conflict("somebody added it at the same moment")

    def resetting(self, id_: int, *, second_factor: bool) -> list[Write]:
        """The writes after which somebody needs a new link, and maybe a new second factor."""
        writes = [self.changing(id_, password=None), self.dropping_tickets(id_, "link")]
        if second_factor:
            writes.append(self.changing(id_, totp=None, totp_since=None, totp_next=None))
            writes.append(self.dropping_tickets(id_, "recovery"))
        return writes

    def giving_role(self, id_: int, clinic: int, role: Role) -> Write:
        values = {"staff_id": id_, "clinic_id": clinic, "role": role.value}
        return self._database.query(_JOIN), values

    def taking_role(self, id_: int, clinic: int) -> Write:
        return self._database.query(_LEAVE), {"of": id_, "at_clinic": clinic}

    def changing(self, id_: int, **values: Any) -> Write:
        """The write that gives columns of somebody's row other values."""
        change = _CHANGE.values({name: bindparam(f"new_{name}") for name in values})
        new = {f"new_{name}": value for name, value in values.items()}
        return self._database.query(change), {"of": id_, **new}

    def showing_totp(self, id_: int, secret: str) -> Write:
        """The write that keeps a secret until a code confirms it; the one in use goes on."""
        return self.changing(id_, totp_next=self._sealer.seal(secret, f"staff/{id_}/totp"))

    def confirming_totp(self, id_: int, secret: str, at: datetime) -> Write:
        sealed = self._sealer.seal(secret, f"staff/{id_}/totp")
        return self.changing(id_, totp=sealed, totp_since=at, totp_next=None)

    # --- Good once ----------------------------------------------------------------------------

    def spending(self, id_: int, what: str, at: datetime) -> Write:
        """The write after which `what` cannot be used again; Conflict where it was."""
        return self._database.query(_SPEND), {"staff_id": id_, "what": what, "at": at}

    def recovery_codes(self, id_: int, at: datetime) -> tuple[tuple[str, ...], list[Write]]:
        """New codes in clear, and the writes that put them in the place of the old ones."""
        codes = tuple(_code() for _ in range(RECOVERY_CODES))
        writes: list[Write] = [self.dropping_tickets(id_, "recovery")]
        return codes, [*writes, *(self._ticket(id_, "recovery", code, at, None) for code in codes)]

    def link(self, id_: int, at: datetime, ends_at: datetime) -> tuple[str, list[Write]]:
        """A new key of a link to sign in with, in clear, and the writes that put it in place."""
        key = secrets.token_urlsafe(24)
        return key, [
            self.dropping_tickets(id_, "link"),
            self._ticket(id_, "link", key, at, ends_at),
        ]

    def redeeming(self, kind: str, given: str, at: datetime) -> tuple[int, list[Write]] | None:
        """Whose ticket it is, and the writes that use it; None where there is no such ticket."""
        digest = self._digest(kind, given)
        with self._database.link() as link:
            found = link.read(self._database.query(_TICKET), {"digest": digest, "kind": kind})
        if not found or (found[0][1] is not None and found[0][1] <= at):
            return None
        id_ = found[0][0]
        used: Write = (self._database.query(_DROP_ONE), {"of": digest})
        return id_, [self.spending(id_, f"ticket:{digest.hex()}", at), used]

    def tickets_left(self, id_: int) -> int:
        """How many recovery codes are left."""
        with self._database.link() as link:
            return len(link.read(self._database.query(_LEFT), {"of": id_, "kind": "recovery"}))

    def dropping_tickets(self, id_: int, kind: str) -> Write:
        return self._database.query(_DROP), {"of": id_, "kind": kind}

    def _ticket(
        self, id_: int, kind: str, clear: str, at: datetime, ends_at: datetime | None
    ) -> Write:
        values = {"digest": self._digest(kind, clear), "staff_id": id_, "kind": kind}
        return self._database.query(_ISSUE), {**values, "created_at": at, "ends_at": ends_at}

    def _digest(self, kind: str, given: str) -> bytes:
        if kind == "recovery":  # typed in by hand
            given = "".join(given.split()).replace("-", "").lower()
        return self._sealer.mark(f"ticket {kind}", given.encode())

    # --- Rows ---------------------------------------------------------------------------------

    def _read(self, statement: Any, values: Mapping[str, Any]) -> tuple[Staff, ...]:
        find = self._database.query(statement)
        with self._database.link() as link:
            rows = [find.named(row) for row in link.read(find, values)]
        of: dict[int, list[dict[str, Any]]] = {}
        for row in rows:
            of.setdefault(row["id"], []).append(row)
        return tuple(self._staff(group) for group in of.values())

    def _staff(self, rows: Sequence[dict[str, Any]]) -> Staff:
        first = rows[0]
        place = f"staff/{first['id']}/totp"
        known = {name: first[name] for name in _PLAIN}
        for name in ("totp", "totp_next"):
            known[name] = self._sealer.open(first[name], place) if first[name] else None
        roles = {row["clinic_id"]: Role(row["role"]) for row in rows if row["role"]}
        return Staff(roles=roles, **known)


def _code() -> str:
    """80 bits, as people can write them down: abcd-efgh-ijkl-mnop."""
    letters = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(letters[place : place + 4] for place in range(0, 16, 4))


_PLAIN: Final = (
    *("id", "login", "name", "password", "totp_since"),
    *("language", "scheme", "created_at", "disabled_at"),
)
_EVERYBODY = (
    select(staff, memberships.c.clinic_id, memberships.c.role)
    .select_from(staff.outerjoin(memberships))
    .order_by(staff.c.name, staff.c.id, memberships.c.clinic_id)
)
_ONE_BY_LOGIN = _EVERYBODY.where(staff.c.login == bindparam("login"))
_ONE_BY_ID = _EVERYBODY.where(staff.c.id == bindparam("id"))
_ADD = insert(staff).values({name: bindparam(name) for name in ("login", "name", "created_at")})
_CHANGE = update(staff).where(staff.c.id == bindparam("of"))
_JOIN = insert(memberships).values({c.key: bindparam(c.key) for c in memberships.c})
_LEAVE = delete(memberships).where(
    memberships.c.staff_id == bindparam("of"), memberships.c.clinic_id == bindparam("at_clinic")
)
_SPEND = insert(spent).values({column.key: bindparam(column.key) for column in spent.c})
_ISSUE = insert(tickets).values({column.key: bindparam(column.key) for column in tickets.c})
_TICKET = select(tickets.c.staff_id, tickets.c.ends_at).where(
    tickets.c.digest == bindparam("digest"), tickets.c.kind == bindparam("kind")
)
_of_kind = (tickets.c.staff_id == bindparam("of"), tickets.c.kind == bindparam("kind"))
_LEFT = select(tickets.c.digest).where(*_of_kind)
_DROP = delete(tickets).where(*_of_kind)
_DROP_ONE = delete(tickets).where(tickets.c.digest == bindparam("of"))
