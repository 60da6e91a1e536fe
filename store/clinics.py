"""The clinics that the line answers for."""

from contextlib import suppress
from datetime import UTC, datetime

from sqlalchemy import bindparam, insert, select, update

from store.database import Database
from store.errors import Conflict
from store.tables import clinics

_ONLY = 1


def ensure_clinic(database: Database, name: str, locale: str) -> int:
    """The id of the one clinic of this installation, which has this name and locale from now on.

    It keeps its id under a new name, and with it its conversations.
    """
    this = clinics.c.id == _ONLY
    wanted = {"name": name, "locale": locale}
    find = database.query(select(clinics.c.name, clinics.c.locale).where(this))
    make = database.query(insert(clinics).values({c: bindparam(c.key) for c in clinics.c}))
    rename = database.query(update(clinics).where(this).values({k: bindparam(k) for k in wanted}))
    with database.link() as link:
        found = link.read(find, {})
        if not found:
            # Another process may be starting too, with the same environment.
            with suppress(Conflict):
                link.write([(make, {"id": _ONLY, "created_at": datetime.now(UTC), **wanted})])
        elif found != [(name, locale)]:
            link.write([(rename, wanted)])
    return _ONLY
