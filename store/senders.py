"""When each of our numbers is free to send: carriers let a number send so many parts a second.

What is sent faster waits at the carrier, in a queue that nothing urgent can pass. So it waits here.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import BigInteger, bindparam, case, literal_column, select

from store.database import Database
from store.tables import outbox, senders

_MILLISECOND: Final = timedelta(milliseconds=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Senders:
    """The slots of all numbers, shared by every process; safe for threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        new, cost = bindparam("now", type_=BigInteger), bindparam("cost", type_=BigInteger)
        begins = case((senders.c.free_at > new, senders.c.free_at), else_=new)
        add = database.insert(senders).values(sender=bindparam("sender"), free_at=new + cost)
        self._reserve = database.query(
            add.on_conflict_do_update(
                index_elements=["sender"], set_={"free_at": begins + cost}
            ).returning(senders.c.free_at)
        )

    def reserve(self, sender: str, takes: timedelta, at: datetime) -> datetime:
        """The moment from which `sender` is kept free for something that `takes` so long.

        Not before `at`. StoreError: nothing is reserved.
        """
        cost = takes // _MILLISECOND
        values = {"sender": sender, "now": (at - _EPOCH) // _MILLISECOND, "cost": cost}
        with self._database.link() as link:
            ((free_at,),) = link.change(self._reserve, values)
        begins: int = free_at - cost
        return max(at, _EPOCH + begins * _MILLISECOND)


def newest_sender(database: Database, clinic: int) -> str | None:
    """Our number that anything of that clinic was last sent from, or is to be, or None."""
    with database.link() as link:
        rows = link.read(database.query(_NEWEST), {"clinic": clinic})
    return rows[0][0] if rows else None


_NEWEST = (
    select(outbox.c.sender)
    .where(outbox.c.clinic_id == bindparam("clinic"), outbox.c.sender.is_not(None))
    .order_by(outbox.c.id.desc())
    .limit(literal_column("1"))
)
