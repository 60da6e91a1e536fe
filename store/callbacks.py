"""The number on which somebody may be called back whose own the line cannot see.

One for each contact: a new one takes the old one's place.
"""

from typing import Any

from sqlalchemy import bindparam, select, update

from store.database import Database
from store.errors import StoreError
from store.sealing import Sealer
from store.tables import contacts

_this = (
    contacts.c.fingerprint == bindparam("of"),
    contacts.c.clinic_id == bindparam("clinic"),
)


def callback_place(fingerprint: bytes) -> str:
    """Where a sealed number belongs: with the contact of that fingerprint."""
    return f"callback/{fingerprint.hex()}"


class Callbacks:
    """The numbers of the contacts of one clinic."""

    def __init__(self, database: Database, sealer: Sealer, clinic: int) -> None:
        self._database = database
        self._sealer = sealer
        self._clinic = clinic
        kept = update(contacts).where(*_this).values(callback=bindparam("number"))
        self._keep = database.query(kept)
        self._find = database.query(select(contacts.c.callback).where(*_this))

    def keep(self, contact: str, number: str) -> None:
        """Keep `number` (E.164) for a contact, who has had a turn. StoreError: it was not kept."""
        place = self._place(contact)
        sealed = self._sealer.seal(number, callback_place(place["of"]))
        with self._database.link() as link:
            link.write([(self._keep, {**place, "number": sealed})])
            if not any(kept for (kept,) in link.read(self._find, place)):
                raise StoreError("there is no contact to keep a number for")

    def number(self, contact: str) -> str | None:
        """The number of a contact, or None; SealError where it does not open."""
        place = self._place(contact)
        with self._database.link() as link:
            found = [kept for (kept,) in link.read(self._find, place) if kept]
        return self._sealer.open(found[0], callback_place(place["of"])) if found else None

    def known(self, contact: str) -> bool:
        """Whether there is one."""
        with self._database.link() as link:
            return any(kept for (kept,) in link.read(self._find, self._place(contact)))

    def _place(self, contact: str) -> dict[str, Any]:
        fingerprint = self._sealer.fingerprint(self._clinic, contact)
        return {"of": fingerprint, "clinic": self._clinic}
