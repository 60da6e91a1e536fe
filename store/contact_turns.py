"""All that one contact has heard and said, in its order, over their conversations."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select

from flows.conversation import Turn
from store.database import Database
from store.records import stored_turn
from store.sealing import Sealer
from store.tables import contacts, turns


@dataclass(frozen=True, slots=True)
class TakenTurn:
    """A turn. `conversation`: the id of its conversation."""

    conversation: str
    turn: Turn


def turns_of(
    database: Database, sealer: Sealer, clinic: int, address: str
) -> tuple[TakenTurn, ...]:
    """The turns of the contact of this address, oldest first; not what was erased.

    StoreError: the database fails, or words do not open.
    """
    find = database.query(_TURNS)
    place = {"clinic_id": clinic, "fingerprint": sealer.fingerprint(clinic, address)}
    with database.link() as link:
        rows = [find.named(row) for row in link.read(find, place)]
    return tuple(TakenTurn(row["conversation_id"], stored_turn(row, sealer)) for row in rows)


_TURNS = (
    select(turns)
    .join(contacts, contacts.c.id == turns.c.contact_id)
    .where(
        contacts.c.fingerprint == bindparam("fingerprint"),
        contacts.c.clinic_id == bindparam("clinic_id"),
        turns.c.erased_at.is_(None),
    )
    .order_by(turns.c.ordinal)
)
