"""The clinics that the line answers for.

The first one is that of the settings; others are added beside it, each with numbers of its own.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import bindparam, delete, func, insert, literal_column, select, update

from duty.clinic import DEFAULTS, FIRST, TRIAL, ClinicSettings, usual_time_zone
from store.clinic_facts import facts_write
from store.database import Database
from store.errors import Conflict, StoreError
from store.link import Write
from store.tables import clinics, numbers

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(ClinicSettings).decode


@dataclass(frozen=True, slots=True)
class StoredClinic:
    """A clinic as it is stored.

    `phone`: where it is reached, E.164; "" for the first one until the line was started with it.
    `time_zone`: an IANA name, such as "Europe/London".
    `numbers`: those that the line answers at for it, E.164.
    """

    id: int
    name: str
    locale: str
    phone: str
    time_zone: str
    numbers: tuple[str, ...] = ()
    settings: ClinicSettings = DEFAULTS


def ensure_clinic(database: Database, name: str, locale: str, phone: str = "") -> int:
    """The id of the first clinic, which has this name, locale and phone from now on.

    It keeps its id under a new name, and with it its conversations.
    `phone`: E.164; "" to leave the one that is stored.
    """
    this = clinics.c.id == FIRST
    wanted = {"name": name, "locale": locale, **({"phone": phone} if phone else {})}
    find = database.query(select(*(clinics.c[key] for key in wanted)).where(this))
    make = database.query(insert(clinics).values(_all_columns()))
    rename = database.query(update(clinics).where(this).values({k: bindparam(k) for k in wanted}))
    with database.link() as link:
        found = link.read(find, {})
        if not found:
            # Another process may be starting too, with the same environment.
            with suppress(Conflict):
                row = {**_NOT_SAID, "id": FIRST, "created_at": _now(), **wanted}
                link.write([(make, row), facts_write(database, FIRST, _now())])
        elif found != [tuple(wanted.values())]:
            link.write([(rename, wanted), facts_write(database, FIRST, _now())])
    return FIRST


def ensure_trial(database: Database, name: str, locale: str) -> int:
    """The id under which trials are kept, which is in the database from now on."""
    find = database.query(_TRIAL)
    with database.link() as link:
        if not link.read(find, {}):
            make = database.query(insert(clinics).values(_all_columns()))
            row = {"id": TRIAL, "name": name, "locale": locale, "created_at": _now()}
            with suppress(Conflict):
                link.write([(make, {**_NOT_SAID, **row})])
    return TRIAL


def read_clinics(database: Database) -> tuple[StoredClinic, ...]:
    """Every clinic but that of trials, the first one first.

    StoreError: no answer, or settings that cannot be read.
    """
    with database.link() as link:
        found = link.read(database.query(_CLINICS), {})
        at = link.read(database.query(_NUMBERS), {})
    of: dict[int, list[str]] = {}
    for number, clinic in at:
        of.setdefault(clinic, []).append(number)
    return tuple(_stored(row, of.get(row[0], ())) for row in found)


def write_clinic(database: Database, clinic: StoredClinic) -> None:
    """Store `clinic` in place of the one with its id, with its numbers.

    Conflict: one of the numbers is another clinic's; then nothing was changed.
    """
    with database.link() as link:
        link.write(clinic_writes(database, clinic))


def clinic_writes(database: Database, clinic: StoredClinic) -> list[Write]:
    """The writes of `write_clinic`, to be done together with others."""
    values = {**_values(clinic), "of": clinic.id}
    change = update(clinics).where(clinics.c.id == bindparam("of"))
    return [
        (database.query(change.values({key: bindparam(key) for key in _SETTLED})), values),
        facts_write(database, clinic.id, _now()),
        (database.query(_LET_GO), {"of": clinic.id}),
        *_numbering(database, clinic),
    ]


def add_clinic(database: Database, clinic: StoredClinic) -> int:
    """Store a new clinic and give its id, whatever `clinic.id` was.

    Conflict: one of its numbers is another clinic's, or somebody added one at the same moment.
    """
    with database.link() as link:
        ((highest,),) = link.read(database.query(_HIGHEST), {})
        added = replace(clinic, id=max(highest or 0, FIRST) + 1)
        add = database.query(insert(clinics).values(_all_columns()))
        values = {**_values(added), "id": added.id, "created_at": _now()}
        facts = facts_write(database, added.id, _now())
        link.write([(add, values), facts, *_numbering(database, added)])
    return added.id


# --- Rows -----------------------------------------------------------------------------------------

_SETTLED: Final = ("name", "locale", "phone", "time_zone", "settings")
_NOT_SAID: Final = dict.fromkeys(("phone", "time_zone", "settings"))
_CLINICS = (
    select(clinics.c.id, *(clinics.c[key] for key in _SETTLED))
    .where(clinics.c.id != literal_column(str(TRIAL)))
    .order_by(clinics.c.id)
)
_TRIAL = select(clinics.c.id).where(clinics.c.id == literal_column(str(TRIAL)))
_NUMBERS = select(numbers.c.number, numbers.c.clinic_id).order_by(numbers.c.number)
_LET_GO = delete(numbers).where(numbers.c.clinic_id == bindparam("of"))
_GIVE = insert(numbers).values(number=bindparam("number"), clinic_id=bindparam("of"))
_HIGHEST = select(func.max(clinics.c.id).label("highest"))


def _all_columns() -> dict[str, Any]:
    return {column.key: bindparam(column.key) for column in clinics.c}


def _now() -> datetime:
    return datetime.now(UTC)


def _values(clinic: StoredClinic) -> dict[str, Any]:
    return {
        "name": clinic.name,
        "locale": clinic.locale,
        "phone": clinic.phone or None,
        "time_zone": clinic.time_zone,
        "settings": _encode(clinic.settings).decode(),
    }


def _numbering(database: Database, clinic: StoredClinic) -> list[Write]:
    give = database.query(_GIVE)
    return [(give, {"number": number, "of": clinic.id}) for number in clinic.numbers]


def _stored(row: Sequence[Any], at: Sequence[str]) -> StoredClinic:
    id_, name, locale, phone, time_zone, settings = row
    try:
        settled = _decode(settings) if settings else DEFAULTS
    except msgspec.DecodeError:
        raise StoreError("a clinic's settings cannot be read") from None
    zone = time_zone or usual_time_zone(locale)
    return StoredClinic(id_, name, locale, phone or "", zone, tuple(at), settled)
