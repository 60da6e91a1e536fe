"""The statements of the log of turns, as SQLAlchemy writes them; values are bound by name.

Each must find its rows by a unique key alone, at any size: a turn is waited for by a person.
"""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Insert,
    Select,
    bindparam,
    exists,
    insert,
    literal_column,
    select,
    union_all,
)

from store.tables import contacts, conversations, turns

_this_contact = (
    contacts.c.fingerprint == bindparam("fingerprint"),
    contacts.c.clinic_id == bindparam("clinic_id"),
)
_ERASURE = ("erased_at", "erased_because", "tombstone")
_contact_id = select(contacts.c.id).where(*_this_contact).scalar_subquery()


def newest_turn() -> Select[Any]:
    """Where the contact stands, in one round trip."""
    return (
        select(
            turns.c.contact_id,
            turns.c.ordinal,
            turns.c.conversation_id,
            turns.c.number,
            conversations.c.flow_version,
            turns.c.state,
            turns.c.sid,
            turns.c.token,
            turns.c.chain,
            turns.c.channel,
            turns.c.kind,
        )
        .join_from(turns, conversations)
        .where(turns.c.contact_id == _contact_id)
        .order_by(turns.c.ordinal.desc())
        .limit(literal_column("1"))
    )


def stored_turn() -> CompoundSelect[Any]:
    """The turn that has the carrier's key: one row, or the same twice."""
    # Not one condition with "or": on a new database, PostgreSQL would plan to read every turn.
    here = select(turns).where(turns.c.clinic_id == bindparam("clinic_id"))
    return union_all(
        here.where(turns.c.sid == bindparam("sid")),
        here.where(turns.c.token == bindparam("token")),
    )


def add_contact() -> Insert:
    """A contact, unless they are known: one whose turns were all removed still is."""
    later = (contacts.c.id, contacts.c.callback)
    columns = [column for column in contacts.c if not any(column is one for one in later)]
    values = (bindparam(column.key, type_=column.type) for column in columns)
    unknown = ~exists().where(*_this_contact)
    return insert(contacts).from_select(columns, select(*values).where(unknown))


def add_conversation() -> Insert:
    """A conversation of the contact of that fingerprint."""
    values: dict[str, Any] = {column.key: bindparam(column.key) for column in conversations.c}
    return insert(conversations).values({**values, "contact_id": _contact_id})


def add_first_turn() -> Insert:
    """The turn that opens a conversation; its contact may be as new."""
    conversation = conversations.c.id == bindparam("conversation_id")
    return _add_turn(select(conversations.c.contact_id).where(conversation).scalar_subquery())


def add_turn() -> Insert:
    """A turn of a contact who is known."""
    return _add_turn(bindparam("contact_id"))


def _add_turn(contact: ColumnElement[Any]) -> Insert:
    values: dict[str, Any] = {
        column.key: bindparam(column.key) for column in turns.c if column.key not in _ERASURE
    }
    return insert(turns).values({**values, "contact_id": contact})
