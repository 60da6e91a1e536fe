"""Erasing by rule, at night, a few conversations at a time.

What is erased and what stays is as with any erasure (`store.erasure`): tombstones keep the chain
whole. Between batches other writers have their turn, so nobody who texts at night waits for it.
A contact of whom nothing is left is forgotten with the number.

A run is a row of `retention_runs` that grows with each batch, so one that was cut off shows how far
it came. What it had left is found again in the next night.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    bindparam,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from duty.clinic import ClinicSettings
from duty.retention import Because, Course, because, night_of, shortest
from flows.definition import Flow
from store.clinics import StoredClinic
from store.database import Database
from store.erasure import Erasure
from store.errors import Conflict
from store.ids import lowest_id
from store.running_tables import retention_runs
from store.sealing import Sealer
from store.tables import contacts, conversations, turns

BATCH: Final = 20
"""Conversations that are erased in one transaction: some milliseconds of the writers' time."""

_LOOKED_AT: Final = 500


@dataclass(frozen=True, slots=True)
class Report:
    """How much was erased: conversations by each rule, turns, and contacts' numbers."""

    unfinished: int = 0
    expired: int = 0
    turns: int = 0
    contacts: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it is stored. `night`: None where it was begun by hand.

    `ended_at`: None: it goes on, or was cut off.
    """

    night: str | None
    began_at: datetime
    ended_at: datetime | None
    report: Report


@dataclass(frozen=True, slots=True)
class Due:
    """A conversation that is to be erased."""

    id: str
    contact: int
    because: Because


class Retention:
    """Erases for one clinic by its rule. Every step may raise StoreError, and can be done again."""

    def __init__(
        self, database: Database, sealer: Sealer, flow: Flow, clinic: int, rule: ClinicSettings
    ) -> None:
        self._database = database
        self._flow = flow
        self._clinic = clinic
        self._rule = rule
        reasons = {
            Because.UNFINISHED: f"retention: unfinished, {rule.unfinished_days} days",
            Because.EXPIRED: f"retention: {rule.kept_years} years",
        }
        self._erasures = {
            why: Erasure(database, sealer, clinic, reason) for why, reason in reasons.items()
        }

    def due(self, at: datetime) -> Iterator[Due]:
        """What is to be erased `at` that moment, the oldest first; read a few at a time."""
        find = self._database.query(_OLD)
        before = lowest_id(at - shortest(self._rule))
        place = {"clinic_id": self._clinic, "before": before, "after": ""}
        while True:
            with self._database.link() as link:
                rows = link.read(find, place)
            for id_, contact, last_at, position, flagged in rows:
                course = Course(last_at, position, bool(flagged))
                why = because(self._flow, self._rule, course, at)
                if why is not None:
                    yield Due(id_, contact, why)
            if not rows:
                return
            place["after"] = rows[-1][0]

    def run(self, at: datetime, night: str | None = None) -> Iterator[Report]:
        """Erase what is due `at` that moment; what was done so far, after each batch.

        `night`: that in which it is done; Conflict where somebody did or does the same already.
        """
        began = {"clinic_id": self._clinic, "began_at": at}
        self._write(_BEGIN, {**began, "night": night, **_counts(Report())})
        report = Report()
        batch: list[Due] = []
        for one in self.due(at):
            batch.append(one)
            if len(batch) == BATCH:
                report = self._erase(batch, at, report)
                self._write(_GROW, {**_of(began), **_counts(report)})
                yield report
                batch = []
        if batch:
            report = self._erase(batch, at, report)
        self._write(_END, {**_of(began), **_counts(report), "ended": at})
        yield report

    def _erase(self, batch: Sequence[Due], at: datetime, so_far: Report) -> Report:
        turns_gone = 0
        for why, erasure in self._erasures.items():
            ids = [one.id for one in batch if one.because is why]
            if ids:
                turns_gone += erasure.conversations(ids, at).turns
        whys = [one.because for one in batch]
        return Report(
            unfinished=so_far.unfinished + whys.count(Because.UNFINISHED),
            expired=so_far.expired + whys.count(Because.EXPIRED),
            turns=so_far.turns + turns_gone,
            contacts=so_far.contacts + self._forget({one.contact for one in batch}),
        )

    def _forget(self, ids: set[int]) -> int:
        """Forget the numbers of those of whom nothing is left; how many they were."""
        left, forget = self._database.query(_LEFT), self._database.query(_FORGET)
        with self._database.link() as link:
            gone = [id_ for id_ in sorted(ids) if not link.read(left, {"contact": id_})]
            if gone:
                link.write([(forget, {"contact": id_}) for id_ in gone])
        return len(gone)

    def _write(self, statement: Any, values: dict[str, Any]) -> None:
        with self._database.link() as link:
            link.write([(self._database.query(statement), values)])


def nightly(
    database: Database, sealer: Sealer, flow: Flow, clinic: StoredClinic, at: datetime
) -> Iterator[Report]:
    """Do the work of the clinic's night, if it is night there and nobody has begun it.

    To be asked every few minutes by whoever minds the clock, on as many machines as there are: one
    of them does it. Gives what was done so far after each batch, and nothing where nothing is due,
    so that whoever asks can do other things in between.
    """
    night = night_of(at, clinic.time_zone)
    if night is None or _begun(database, clinic.id, night):
        return
    with suppress(Conflict):
        yield from Retention(database, sealer, flow, clinic.id, clinic.settings).run(at, night)


def runs(database: Database, clinic: int, at_most: int = 30) -> tuple[Run, ...]:
    """The newest runs, the last one first. StoreError: no answer."""
    find = database.query(_RUNS)
    with database.link() as link:
        rows = link.read(find, {"clinic_id": clinic, "at_most": at_most})
    return tuple(
        Run(night, began_at, ended_at, Report(*counts))
        for night, began_at, ended_at, *counts in rows
    )


def _begun(database: Database, clinic: int, night: str) -> bool:
    with database.link() as link:
        return bool(link.read(database.query(_BEGUN), {"clinic_id": clinic, "night": night}))


def _counts(report: Report) -> dict[str, int]:
    return {name: getattr(report, name) for name in Report.__slots__}


def _of(began: dict[str, Any]) -> dict[str, Any]:
    return {f"of_{name}": value for name, value in began.items()}


# --- Statements -----------------------------------------------------------------------------------

_newer = turns.alias("newer")
_last = (
    select(func.max(_newer.c.number))
    .where(_newer.c.conversation_id == conversations.c.id)
    .scalar_subquery()
)
_any = turns.alias("any_turn")
_none: ColumnElement[str] = literal_column("'[]'")
_flagged = exists().where(
    _any.c.conversation_id == conversations.c.id,
    or_(_any.c.alerts != _none, _any.c.flags != _none),
)
_OLD = (
    select(
        conversations.c.id,
        conversations.c.contact_id,
        turns.c.at,
        turns.c.position,
        _flagged.label("flagged"),
    )
    .join_from(conversations, contacts)
    .join(turns, (turns.c.conversation_id == conversations.c.id) & (turns.c.number == _last))
    .where(
        contacts.c.clinic_id == bindparam("clinic_id"),
        conversations.c.id > bindparam("after"),
        conversations.c.id < bindparam("before"),
        turns.c.state.is_not(None),  # else it is erased already
    )
    .order_by(conversations.c.id)
    .limit(literal_column(str(_LOOKED_AT)))
)

_remains = exists().where(turns.c.contact_id == bindparam("contact"), turns.c.erased_at.is_(None))
_LEFT = select(contacts.c.id).where(
    contacts.c.id == bindparam("contact"),
    or_(_remains, contacts.c.fingerprint.is_(None)),
)
_FORGET = (
    update(contacts)
    .where(contacts.c.id == bindparam("contact"), ~_remains)
    .values(fingerprint=None, address=None)
)

_counted: dict[str, Any] = {name: bindparam(name) for name in Report.__slots__}
_BEGIN = insert(retention_runs).values(
    {name: bindparam(name) for name in ("clinic_id", "began_at", "night")} | _counted
)
_this = (
    retention_runs.c.clinic_id == bindparam("of_clinic_id"),
    retention_runs.c.began_at == bindparam("of_began_at"),
)
_GROW = update(retention_runs).where(*_this).values(_counted)
_END = update(retention_runs).where(*_this).values({**_counted, "ended_at": bindparam("ended")})
_BEGUN = select(retention_runs.c.id).where(
    retention_runs.c.clinic_id == bindparam("clinic_id"),
    retention_runs.c.night == bindparam("night"),
)
_RUNS = (
    select(
        *(retention_runs.c[name] for name in ("night", "began_at", "ended_at", *Report.__slots__))
    )
    .where(retention_runs.c.clinic_id == bindparam("clinic_id"))
    .order_by(retention_runs.c.id.desc())
    .limit(bindparam("at_most"))
)
