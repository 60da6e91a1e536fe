"""How conversations went, without a word of them: what figures are counted from.

Nothing sealed is opened, so it is quick, and nobody's words or number can be in a figure.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, literal_column, select

from flows.state import State
from store.database import Database
from store.records import stored_state
from store.review import Selection, chosen
from store.tables import conversations as begun
from store.tables import turns

_AT_ONCE = 500
"""Conversations that are read together: as many as are in memory at a time."""


class Heard(NamedTuple):
    """One thing heard.

    `asked`: the id of the question that was open, or None.  `meaning`: what was read in it, such
    as "yes" or "no_match", or None where there was nothing to read.
    """

    asked: str | None
    meaning: str | None


@dataclass(frozen=True, slots=True)
class Course:
    """How one conversation went.

    `started_at`: UTC.  `channel`: by which it began.  `state`: as its newest turn left it.
    `alerted_at`: when the clinic had first to be told of it (UTC), or None.
    """

    id: str
    started_at: datetime
    channel: str
    state: State
    alerted_at: datetime | None
    heard: tuple[Heard, ...]


def courses(database: Database, clinic: int, selection: Selection) -> Iterator[Course]:
    """The course of every conversation that is selected, oldest first; not what was erased.

    Read a few at a time, while the line goes on. StoreError from each step: the database fails.
    """
    find, find_turns = database.query(_newest(selection)), database.query(_TURNS)
    find_alerts = database.query(_ALERTED)
    place: dict[str, Any] = {"clinic_id": clinic, "after": ""}
    while True:
        with database.link() as link:
            found = [find.named(row) for row in link.read(find, place)]
            if not found:
                return
            place["last"] = found[-1]["id"]
            rows = link.read(find_turns, place)
            alerted = {id_: at for id_, at in link.read(find_alerts, place)}  # noqa: C416  typed
        of = defaultdict(list)
        for id_, channel, asked, meaning in rows:
            of[id_].append((channel, Heard(asked, meaning)))
        for row in found:
            if row["state"] is not None:
                yield _course(row, of[row["id"]], alerted.get(row["id"]))
        place["after"] = place["last"]


def _course(
    row: dict[str, Any], heard: list[tuple[str, Heard]], alerted_at: datetime | None
) -> Course:
    return Course(
        id=row["id"],
        started_at=row["started_at"],
        channel=heard[0][0],
        state=stored_state(row["state"]),
        alerted_at=alerted_at,
        heard=tuple(one for _, one in heard),
    )


_newer = turns.alias("newer")
_last = (
    select(func.max(_newer.c.number))
    .where(_newer.c.conversation_id == begun.c.id)
    .scalar_subquery()
)


def _newest(selection: Selection) -> Select[Any]:
    """The conversations, each with the state that its newest turn left; NULL: erased."""
    return (
        chosen(select(begun.c.id, begun.c.started_at, turns.c.state), selection)
        .join(turns, (turns.c.conversation_id == begun.c.id) & (turns.c.number == _last))
        .where(begun.c.id > bindparam("after"))
        .order_by(begun.c.id)
        .limit(literal_column(str(_AT_ONCE)))
    )


_read = (
    turns.c.clinic_id == bindparam("clinic_id"),
    turns.c.conversation_id > bindparam("after"),
    turns.c.conversation_id <= bindparam("last"),
)
_TURNS = (
    select(turns.c.conversation_id, turns.c.channel, turns.c.asked, turns.c.meaning)
    .where(*_read)
    .order_by(turns.c.conversation_id, turns.c.number)
)
_ALERTED = (
    select(turns.c.conversation_id, func.min(turns.c.at).label("at"))
    .where(*_read, turns.c.alerts != literal_column("'[]'"))
    .group_by(turns.c.conversation_id)
)
