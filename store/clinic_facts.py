"""What callers were told of each clinic, since when: its name, its country, where it is reached.

A clinic's name is part of what is said, so a stored reply can be decided again only with the facts
of its time. A row is added with every change of a clinic, and none is changed.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select

from store.database import Database
from store.link import Write
from store.tables import clinic_facts, clinics


@dataclass(frozen=True, slots=True)
class Facts:
    """`since`: UTC.  `phone`: E.164; "" where it was not known yet."""

    clinic: int
    since: datetime
    name: str
    locale: str
    phone: str


def facts_write(database: Database, clinic: int, since: datetime) -> Write:
    """What writes down the facts of a clinic as they stand; to follow what changes them."""
    return database.query(_ADD), {"of_clinic": clinic, "from_then": since}


def read_facts(database: Database) -> tuple[Facts, ...]:
    """The facts of every clinic, the newest first. StoreError: no answer."""
    with database.link() as link:
        found = link.read(database.query(_ALL), {})
    return tuple(
        Facts(clinic, since, name, locale, phone or "")
        for clinic, since, name, locale, phone in found
    )


_NAMES = ("clinic_id", "since", "name", "locale", "phone")
_since = bindparam("from_then", type_=clinic_facts.c.since.type)
_ADD = insert(clinic_facts).from_select(
    _NAMES,
    select(clinics.c.id, _since, clinics.c.name, clinics.c.locale, clinics.c.phone).where(
        clinics.c.id == bindparam("of_clinic")
    ),
)
_ALL = select(*(clinic_facts.c[name] for name in _NAMES)).order_by(clinic_facts.c.id.desc())
