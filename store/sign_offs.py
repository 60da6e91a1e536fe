"""Who signed off the content, as a record that only the holder of the secret can add to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import bindparam, insert, literal_column, select

from store.database import Database
from store.errors import StoreError
from store.sealing import Sealer
from store.tables import sign_offs


@dataclass(frozen=True, slots=True)
class SignOff:
    """One clinician's name under one content.

    `digest`: the content's (`flows.content`), or "" where they withdrew what was signed.
    `red_flags`: each red flag's question and tier then.
    `registration`: the number under which they are registered to practise.  `at`: UTC.
    """

    digest: str
    flow: str
    flow_version: str
    red_flags: Mapping[str, str]
    name: str
    role: str
    registration: str
    at: datetime


def add_sign_off(database: Database, sealer: Sealer, clinic: int, signed: SignOff) -> None:
    """Record that the content was signed. StoreError: it is not known to be."""
    values = _values(clinic, signed)
    names = [column.key for column in sign_offs.c if column.key != "id"]
    add = database.query(insert(sign_offs).values({name: bindparam(name) for name in names}))
    with database.link() as link:
        link.write([(add, {**values, "mark": _mark(sealer, values)})])


def newest_sign_off(database: Database, sealer: Sealer, clinic: int) -> SignOff | None:
    """The last one; None where nobody has signed.

    StoreError: the database fails, or the record was not made with this secret.
    """
    find = database.query(_NEWEST)
    with database.link() as link:
        rows = link.read(find, {"clinic_id": clinic})
    if not rows:
        return None
    row = find.named(rows[0])
    values = {name: value for name, value in row.items() if name not in ("id", "mark")}
    if _mark(sealer, values) != row["mark"]:
        raise StoreError("the newest sign-off was not made with this BACKLINE_SECRET_KEY")
    flags = msgspec.json.decode(values["red_flags"], type=dict[str, str])
    del values["clinic_id"]
    return SignOff(**{**values, "red_flags": flags})


def is_signed(database: Database, sealer: Sealer, clinic: int, digest: str) -> bool:
    """Whether the content of that digest is the one that was signed last. StoreError: no answer."""
    signed = newest_sign_off(database, sealer, clinic)
    return signed is not None and signed.digest == digest


def _values(clinic: int, signed: SignOff) -> dict[str, Any]:
    return {
        "clinic_id": clinic,
        "digest": signed.digest,
        "flow": signed.flow,
        "flow_version": signed.flow_version,
        "red_flags": msgspec.json.encode(signed.red_flags).decode(),
        "name": signed.name,
        "role": signed.role,
        "registration": signed.registration,
        "at": signed.at.astimezone(UTC),
    }


def _mark(sealer: Sealer, values: Mapping[str, Any]) -> bytes:
    return sealer.mark("sign-off", msgspec.json.encode(sorted(values.items())))


_NEWEST = (
    select(sign_offs)
    .where(sign_offs.c.clinic_id == bindparam("clinic_id"))
    .order_by(sign_offs.c.id.desc())
    .limit(literal_column("1"))
)
