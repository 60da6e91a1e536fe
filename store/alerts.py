"""Alerts: raised with the turn that causes them, open until somebody acknowledges them.

One for each conversation and what it is about; whoever raises it again changes nothing. The first
to acknowledge it is the one who did.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Insert,
    Select,
    Text,
    bindparam,
    case,
    cast,
    exists,
    insert,
    literal_column,
    select,
    update,
)

from duty.alert import BY_URGENCY, TEST, Alert, How, Ladder
from duty.climbing import ladder_due
from store.cards import acknowledged_writes
from store.database import Database
from store.duty_tables import alerts
from store.link import Write
from store.outbox import Outbox
from store.turns import Appended, Companion

OPEN_AT_MOST: Final = 500
"""More open alerts than that are not listed: the most urgent are, and of those the oldest."""

TESTS_AT_MOST: Final = 30


def alert_writes(database: Database) -> Companion:
    """What a turn brings along: its alerts, and their ladders, in its own transaction."""
    add, outbox = database.query(_add()), Outbox(database)

    def writes(appended: Appended) -> Iterable[Write]:
        turn, clinic, conversation = appended.turn, appended.clinic, appended.conversation
        for about in turn.alerts:
            values = _values(clinic, conversation, about, turn.at)
            yield add, {**values, "turn_number": turn.number}
            yield from outbox.writes(
                ladder_due(clinic, conversation, about, turn.at, appended.line)
            )

    return writes


def raise_writes(
    database: Database, clinic: int, conversation: str | None, about: str, at: datetime
) -> tuple[Write, ...]:
    """What raises an alert that no turn does, in the transaction of whoever found it."""
    values = {**_values(clinic, conversation, about, at), "turn_number": None}
    begin = Outbox(database).writes(ladder_due(clinic, conversation, about, at))
    return ((database.query(_add()), values), *begin)


def raise_alert(
    database: Database, clinic: int, conversation: str | None, about: str, at: datetime
) -> None:
    """Raise an alert that no turn does. StoreError: it is not known to be."""
    with database.link() as link:
        link.write(raise_writes(database, clinic, conversation, about, at))


def acknowledge(database: Database, alert: int, by: str, how: How, at: datetime) -> bool:
    """Whether `by`, a name, acknowledged the alert now; False: it was, before, or is not there.

    Said again by the same person at the same moment, it is True again. StoreError: not known.
    """
    said = {"acknowledged_by": by, "acknowledged_how": how.value, "acknowledged_at": at}
    with database.link() as link:
        link.write(
            [
                (database.query(_ACKNOWLEDGE), {"alert": alert, **said}),
                *acknowledged_writes(database, alert),
            ]
        )
        rows = link.read(database.query(_ACKNOWLEDGED), {"alert": alert})
    return rows == [(by, how.value, at)]


def acknowledge_conversation(
    database: Database, conversation: str, by: str, how: How, at: datetime
) -> bool:
    """Whether `by` acknowledged at least one open alert of the conversation now."""
    with database.link() as link:
        rows = link.read(database.query(_OPEN_OF_CONVERSATION), {"conversation": conversation})
    done = [acknowledge(database, alert, by, how, at) for (alert,) in rows]
    return any(done)


def open_alerts(database: Database, clinic: int) -> list[Alert]:
    """What waits to be acknowledged: what ran out first, then by urgency, then the oldest."""
    return _found(database, _OPEN, {"clinic_id": clinic})


def alarms(database: Database, clinic: int) -> list[Alert]:
    """The open alerts of which everybody on call was told, and nobody answered."""
    return [one for one in open_alerts(database, clinic) if one.ladder is Ladder.RAN_OUT]


def alerts_of(database: Database, conversation: str) -> list[Alert]:
    """Every alert of a conversation, oldest first."""
    return _found(database, _OF_CONVERSATION, {"conversation": conversation})


def read_alert(database: Database, alert: int) -> Alert | None:
    """The alert of that id, or None."""
    found = _found(database, _ONE, {"alert": alert})
    return found[0] if found else None


def find_alert(
    database: Database, clinic: int, conversation: str | None, about: str
) -> Alert | None:
    """The alert about that in that conversation, or None."""
    values = {"clinic_id": clinic, "conversation_id": conversation, "about": about}
    found = _found(database, _ABOUT, values)
    return found[0] if found else None


def daily_tests(database: Database, clinic: int) -> list[Alert]:
    """The daily tests of the last weeks, the newest first."""
    return _found(database, _TESTS, {"clinic_id": clinic})


def say_what_came_of(database: Database, alert: int, came_of: str) -> None:
    """Keep what came of an alert: a plain word, never anybody's."""
    with database.link() as link:
        link.write([came_of_write(database, alert, came_of)])


def came_of_write(database: Database, alert: int, came_of: str) -> Write:
    """What keeps what came of an alert: a plain word, never anybody's."""
    return database.query(_CAME_OF), {"alert": alert, "said": came_of}


def forget_write(database: Database, conversation: str) -> Write:
    """What leaves of a conversation's alerts only that there were some, and who answered them."""
    return database.query(_FORGET), {"conversation": conversation}


def _values(clinic: int, conversation: str | None, about: str, at: datetime) -> dict[str, Any]:
    return {
        "clinic_id": clinic,
        "conversation_id": conversation,
        "about": about,
        "raised_at": at,
        "ladder": Ladder.WAITS.value,
    }


def _found(database: Database, statement: Select[Any], values: dict[str, Any]) -> list[Alert]:
    query = database.query(statement)
    with database.link() as link:
        rows = [query.named(row) for row in link.read(query, values)]
    return [_alert(row) for row in rows]


def _alert(row: dict[str, Any]) -> Alert:
    how = row["acknowledged_how"]
    return Alert(
        id=row["id"],
        clinic=row["clinic_id"],
        conversation=row["conversation_id"],
        about=row["about"],
        turn=row["turn_number"],
        raised_at=row["raised_at"],
        ladder=Ladder(row["ladder"]),
        acknowledged_at=row["acknowledged_at"],
        acknowledged_by=row["acknowledged_by"],
        acknowledged_how=How(how) if how else None,
        came_of=row["came_of"],
    )


# --- Statements -----------------------------------------------------------------------------------

_is_open = alerts.c.acknowledged_at.is_(None)
_this = alerts.c.id == bindparam("alert")
_of_conversation = alerts.c.conversation_id == bindparam("conversation")


def _same() -> tuple[ColumnElement[bool], ...]:
    """The alert of that clinic, of that conversation or of none, about that."""
    conversation: ColumnElement[str] = bindparam("conversation_id", type_=Text)
    of_none = alerts.c.conversation_id.is_(None) & conversation.is_(None)
    return (
        alerts.c.about == bindparam("about", type_=Text),
        alerts.c.clinic_id == bindparam("clinic_id"),
        (alerts.c.conversation_id == conversation) | of_none,
    )


def _add() -> Insert:
    """An alert, unless it was raised: a taken key would stop the turn that comes with it."""
    names = ("clinic_id", "conversation_id", "turn_number", "about", "raised_at", "ladder")
    columns = [alerts.c[name] for name in names]
    values = (bindparam(column.key, type_=column.type) for column in columns)
    raised = exists().where(*_same())
    return insert(alerts).from_select(columns, select(*values).where(~raised))


_ACKNOWLEDGE = (
    update(alerts)
    .where(_this, _is_open)
    .values(
        {
            name: bindparam(name)
            for name in ("acknowledged_by", "acknowledged_how", "acknowledged_at")
        }
    )
)
_ACKNOWLEDGED = select(
    alerts.c.acknowledged_by, alerts.c.acknowledged_how, alerts.c.acknowledged_at
).where(_this)
_CAME_OF = update(alerts).where(_this).values(came_of=bindparam("said"))
_FORGET = (
    update(alerts)
    .where(_of_conversation)
    .values(
        about=literal_column("'erased:'").concat(cast(alerts.c.id, Text)),
        ladder=literal_column(f"'{Ladder.RESTS.value}'"),
        came_of=None,
    )
)
_ONE = select(alerts).where(_this)
_OF_CONVERSATION = select(alerts).where(_of_conversation).order_by(alerts.c.raised_at, alerts.c.id)
_OPEN_OF_CONVERSATION = select(alerts.c.id).where(_of_conversation, _is_open)


def _rank() -> ColumnElement[int]:
    """What ran out first; then as urgent as `duty.alert` says."""
    # Plain names, and short ones: none of them begins with another.
    ranks: list[Any] = [
        (alerts.c.about.like(literal_column(f"'{name}%'")), literal_column(str(place)))
        for place, name in enumerate(BY_URGENCY)
    ]
    ran_out = alerts.c.ladder == literal_column(f"'{Ladder.RAN_OUT.value}'")
    return case((ran_out, literal_column("-1")), *ranks, else_=literal_column("0"))


_OPEN = (
    select(alerts)
    .where(
        alerts.c.clinic_id == bindparam("clinic_id"),
        _is_open,
        alerts.c.about.not_like(literal_column("'erased:%'")),
        # Nobody waits for what comes of a test.
        alerts.c.about.not_like(literal_column(f"'{TEST}:%'")),
    )
    .order_by(_rank(), alerts.c.raised_at, alerts.c.id)
    .limit(literal_column(str(OPEN_AT_MOST)))
)
_ABOUT = select(alerts).where(*_same())
_TESTS = (
    select(alerts)
    .where(
        alerts.c.clinic_id == bindparam("clinic_id"),
        alerts.c.conversation_id.is_(None),
        alerts.c.about.like(literal_column(f"'{TEST}:%'")),
    )
    .order_by(alerts.c.raised_at.desc(), alerts.c.id.desc())
    .limit(literal_column(str(TESTS_AT_MOST)))
)
