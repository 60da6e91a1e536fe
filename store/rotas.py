"""Who can be on call at a clinic, and when: people, shifts, and what changes these for a while.

Numbers and addresses are sealed. What changes a rota is a write, so that whoever changes it can
record that in the same transaction (`store.audit`).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, time
from typing import Any, Final

from sqlalchemy import ColumnElement, bindparam, delete, exists, insert, or_, select, update

from duty.clinic import Day
from duty.rota import Override, Person, Rota, Shift
from store.database import Database
from store.duty_tables import overrides, people, shifts
from store.link import Write
from store.sealing import Sealer


class RotaBook:
    """The rotas of all clinics in `database`; safe for threads. StoreError: the database fails."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    def write(self, *writes: Write) -> None:
        """Do `writes` in one transaction. Conflict: somebody of that number is on the rota."""
        with self._database.link() as link:
            link.write(writes)

    # --- Reading ------------------------------------------------------------------------------

    def read(self, clinic: int) -> Rota:
        """The rota of `clinic`: who is on it by name, the shifts and overrides by their begin."""
        known, of = self._database.query(_PEOPLE), {"clinic": clinic}
        with self._database.link() as link:
            found = [known.named(row) for row in link.read(known, of)]
            weekly = link.read(self._database.query(_SHIFTS), of)
            changed = link.read(self._database.query(_OVERRIDES), of)
        return Rota(
            tuple(self._person(row) for row in found),
            tuple(_shift(*row) for row in weekly),
            tuple(Override(*row) for row in changed),
        )

    def by_phone(self, clinic: int, phone: str) -> Person | None:
        """Who has that number, E.164, at `clinic`; None for nobody on the rota."""
        query = self._database.query(_BY_PHONE)
        values = {"clinic": clinic, "fingerprint": self._sealer.fingerprint(clinic, phone)}
        with self._database.link() as link:
            rows = link.read(query, values)
        return self._person(query.named(rows[0])) if rows else None

    def names(self, clinic: int) -> Mapping[int, str]:
        """The name of everybody who is or was on the rota of `clinic`, by id."""
        with self._database.link() as link:
            rows = link.read(self._database.query(_NAMES), {"clinic": clinic})
        return dict((id_, name) for id_, name in rows)  # noqa: C402  typed

    # --- Changing -----------------------------------------------------------------------------

    def adding(self, clinic: int, name: str, phone: str, email: str, at: datetime) -> Write:
        """Somebody more. `phone`: E.164, nobody else's at that clinic.  `email`: "" for none."""
        values = {"clinic_id": clinic, "name": name, "created_at": at}
        return self._database.query(_ADD), {**values, **self._sealed(clinic, phone, email)}

    def changing(self, clinic: int, person: int, name: str, phone: str, email: str) -> Write:
        """Another name, number or address of theirs."""
        values = {"of_clinic": clinic, "of": person, "name": name}
        return self._database.query(_CHANGE), {**values, **self._sealed(clinic, phone, email)}

    def removing(self, clinic: int, person: int, at: datetime) -> list[Write]:
        """Somebody less, with their shifts. Their name stays, for the alerts they were told of."""
        values = {"of_clinic": clinic, "of": person, "at": at}
        # The person last: the others are found by them.
        statements = (_DROP_SHIFTS, _DROP_OVERRIDES, _REMOVE)
        return [(self._database.query(statement), values) for statement in statements]

    def adding_shift(self, clinic: int, shift: Shift) -> Write:
        """A shift more; nothing where the person is not on the rota of `clinic`."""
        values = {
            "of_clinic": clinic,
            "of": shift.person,
            "rung": shift.rung,
            "days": ",".join(str(int(day)) for day in sorted(shift.days)),
            "begins": shift.begins.isoformat("minutes"),
            "ends": shift.ends.isoformat("minutes"),
            "time_zone": shift.time_zone,
        }
        return self._database.query(_ADD_SHIFT), values

    def removing_shift(self, clinic: int, shift: int) -> Write:
        return self._database.query(_DROP_SHIFT), {"of_clinic": clinic, "shift": shift}

    def adding_override(self, clinic: int, override: Override) -> Write:
        """An override more. Its people must be on the rota of `clinic`: the caller looks."""
        values = {
            "clinic_id": clinic,
            "absent_id": override.absent,
            "present_id": override.present,
            "rung": override.rung,
            "begins": override.begins,
            "ends": override.ends,
        }
        return self._database.query(_ADD_OVERRIDE), values

    def removing_override(self, clinic: int, override: int) -> Write:
        return self._database.query(_DROP_OVERRIDE), {"of_clinic": clinic, "override": override}

    # --- Rows -----------------------------------------------------------------------------------

    def _sealed(self, clinic: int, phone: str, email: str) -> dict[str, bytes | None]:
        fingerprint = self._sealer.fingerprint(clinic, phone)
        place = _place(fingerprint)
        return {
            "fingerprint": fingerprint,
            "phone": self._sealer.seal(phone, f"{place}/phone"),
            "email": self._sealer.seal(email, f"{place}/email") if email else None,
        }

    def _person(self, row: Mapping[str, Any]) -> Person:
        place, email = _place(row["fingerprint"]), row["email"]
        return Person(
            id=row["id"],
            name=row["name"],
            phone=self._sealer.open(row["phone"], f"{place}/phone"),
            email=self._sealer.open(email, f"{place}/email") if email is not None else "",
        )


def _place(fingerprint: bytes) -> str:
    return f"person/{fingerprint.hex()}"


def _shift(id_: int, person: int, rung: int, days: str, *rest: str) -> Shift:
    begins, ends, zone = rest
    return Shift(
        person=person,
        rung=rung,
        days=frozenset(Day(int(day)) for day in days.split(",") if day),
        begins=time.fromisoformat(begins),
        ends=time.fromisoformat(ends),
        time_zone=zone,
        id=id_,
    )


# --- Statements -----------------------------------------------------------------------------------

_here = people.c.clinic_id == bindparam("clinic")
_there = people.c.removed_at.is_(None)
_COLUMNS: Final = ("id", "name", "phone", "email", "fingerprint")
_SEALED: Final = ("name", "phone", "email", "fingerprint")
_known = select(*(people.c[name] for name in _COLUMNS)).where(_here, _there)
_PEOPLE = _known.order_by(people.c.name, people.c.id)
_BY_PHONE = _known.where(people.c.fingerprint == bindparam("fingerprint"))
_NAMES = select(people.c.id, people.c.name).where(_here)
_SHIFTS = (
    select(
        shifts.c.id,
        shifts.c.person_id,
        shifts.c.rung,
        *(shifts.c[name] for name in ("days", "begins", "ends", "time_zone")),
    )
    .join_from(shifts, people)
    .where(_here, _there)
    .order_by(shifts.c.rung, shifts.c.begins, shifts.c.id)
)
_OVERRIDES = (
    select(
        *(overrides.c[name] for name in ("absent_id", "present_id", "rung", "begins", "ends")),
        overrides.c.id,
    )
    .where(overrides.c.clinic_id == bindparam("clinic"))
    .order_by(overrides.c.begins, overrides.c.id)
)


def _bound(names: Iterable[str]) -> dict[str, Any]:
    return {name: bindparam(name) for name in names}


_ADD = insert(people).values(_bound(("clinic_id", "created_at", *_SEALED)))
_one = (people.c.id == bindparam("of"), people.c.clinic_id == bindparam("of_clinic"), _there)
_CHANGE = update(people).where(*_one).values(_bound(_SEALED))
_REMOVE = (
    update(people)
    .where(*_one)
    .values(phone=None, email=None, fingerprint=None, removed_at=bindparam("at"))
)


def _theirs(person: ColumnElement[Any]) -> ColumnElement[bool]:
    return person.in_(select(people.c.id).where(*_one))


_DROP_SHIFTS = delete(shifts).where(_theirs(shifts.c.person_id))
_DROP_OVERRIDES = delete(overrides).where(
    or_(_theirs(overrides.c.absent_id), _theirs(overrides.c.present_id))
)
_shift_columns = [
    shifts.c[name] for name in ("person_id", "rung", "days", "begins", "ends", "time_zone")
]
_ADD_SHIFT = insert(shifts).from_select(
    _shift_columns,
    select(
        people.c.id,
        *(bindparam(column.key, type_=column.type) for column in _shift_columns[1:]),
    ).where(*_one),
)
_DROP_SHIFT = delete(shifts).where(
    shifts.c.id == bindparam("shift"),
    exists().where(people.c.id == shifts.c.person_id, people.c.clinic_id == bindparam("of_clinic")),
)
_ADD_OVERRIDE = insert(overrides).values(
    _bound(("clinic_id", "absent_id", "present_id", "rung", "begins", "ends"))
)
_DROP_OVERRIDE = delete(overrides).where(
    overrides.c.id == bindparam("override"), overrides.c.clinic_id == bindparam("of_clinic")
)
