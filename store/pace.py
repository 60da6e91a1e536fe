"""How fast a number comes, and how many new people: what the caps (`duty.caps`) are asked with.

The turns themselves are counted, so every process sees the same. But a turn that nobody need worry
about must not wait for it: each process remembers roughly whom it has heard, and looks only when
that makes it worth a look. Then it is one read by an index; for somebody new from another country,
which is rare, one more and a row that says so.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Final

import msgspec
from sqlalchemy import bindparam, func, insert, literal_column, select

from duty.caps import CAPS, RULE, SPELL, Caps, Pace
from flows.reading import Answer
from store.database import Database
from store.ids import lowest_id
from store.running_tables import arrivals
from store.sealing import Sealer
from store.tables import contacts, conversations, turns

_LOOK_FROM: Final = 30
"""Turns of a number in a day, in this process, before the log is asked."""
_SHARES: Final = 8
"""A process looks when an eighth of a clinic's new people have come to it alone."""
_REMEMBERED: Final = 10_000
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


@dataclass(slots=True)
class _Memory:
    """What a process remembers of a number for a day. `held`: its last reply was withheld."""

    since: datetime
    turns: int = 0
    words: str = ""
    alike: int = 0
    held: bool = False


class Watch:
    """Watches the numbers of one clinic; safe for threads.

    `country`: the clinic's, such as "US".
    """

    def __init__(
        self, database: Database, sealer: Sealer, clinic: int, country: str, caps: Caps = CAPS
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._clinic = clinic
        self._country = country
        self.caps = caps
        self._lock = Lock()
        self._memory: OrderedDict[str, _Memory] = OrderedDict()
        # When somebody new was heard, as many as make a look at the log worth while.
        self._new: deque[datetime] = deque(maxlen=max(caps.openings // _SHARES, 1))
        self._recent = database.query(_recent(caps.day))
        self._openings = database.query(_openings(caps.openings))

    def pace(self, address: str, country: str | None, at: datetime) -> Pace:
        """What there is to know of a number that is heard `at` (UTC). StoreError: no answer.

        `country`: the number's; None where it has none.
        """
        memory = self._remembered(address, at)
        new = memory is None or memory.held
        foreign = new and country not in (None, self._country)
        crowd = new and self._is_crowd(at)
        many = memory is not None and (memory.turns >= _LOOK_FROM or memory.held)
        alike = memory is not None and memory.alike >= self.caps.alike // 2
        if not (foreign or crowd or many or alike):
            return Pace()
        place = {
            "clinic_id": self._clinic,
            "fingerprint": self._sealer.fingerprint(self._clinic, address),
        }
        with self._database.link() as link:
            rows = [self._recent.named(row) for row in link.read(self._recent, place)]
        pace = self._of(rows, at)
        if not all((row["rule"] or "").startswith(RULE) for row in rows):
            return pace
        arrived = not rows
        return msgspec.structs.replace(
            pace,
            openings=self._count_openings(at) if crowd else 0,
            foreign=self._count_foreign(country, at, arrived=arrived) if foreign and country else 0,
        )

    def heard(self, address: str, words: str, at: datetime, *, new: bool, held: bool) -> None:
        """Remember what was heard of a number, and whether its reply was withheld.

        `new`: nobody had heard of it before.
        """
        with self._lock:
            memory = self._remembered(address, at)
            if memory is None:
                memory = self._memory[address] = _Memory(at)
                self._memory.move_to_end(address)
                if len(self._memory) > _REMEMBERED:
                    self._memory.popitem(last=False)
            memory.turns += 1
            long = len(words.strip()) >= self.caps.alike_from
            memory.alike = memory.alike + 1 if long and words == memory.words else int(long)
            memory.words, memory.held = words, held
            if new:
                self._new.append(at)

    def _is_crowd(self, at: datetime) -> bool:
        """Whether so many new people came to this process that all together may be too many."""
        full = len(self._new) == self._new.maxlen
        return self.caps.openings > 0 and full and at - self._new[0] < _HOUR

    def _remembered(self, address: str, at: datetime) -> _Memory | None:
        memory = self._memory.get(address)
        return memory if memory is not None and at - memory.since < _DAY else None

    def _of(self, rows: list[dict[str, Any]], at: datetime) -> Pace:
        """The pace by the newest turns, the newest first."""
        held = [row["at"] for row in rows if (row["rule"] or "").startswith(RULE)]
        newest, alike = self._open(rows[0]) if rows else "", 0
        for row in rows[: self.caps.alike + 1]:
            late = at - row["at"] > self.caps.alike_within
            if late or _answered(row) or self._open(row) != newest:
                break
            alike += 1
        return Pace(
            hour=sum(at - row["at"] < _HOUR for row in rows),
            day=sum(at - row["at"] < _DAY for row in rows),
            words=newest,
            alike=alike,
            withheld_at=next((one for one in held if at - one < SPELL), None),
        )

    def _open(self, row: dict[str, Any]) -> str:
        if row["heard"] is None:
            return ""
        place = f"{row['conversation_id']}/{row['number']}"
        return self._sealer.open(row["heard"], f"{place}/heard")

    def _count_openings(self, at: datetime) -> int:
        place = {"clinic_id": self._clinic, "since": lowest_id(at - _HOUR)}
        with self._database.link() as link:
            ((found,),) = link.read(self._openings, place)
        return int(found)

    def _count_foreign(self, country: str, at: datetime, *, arrived: bool) -> int:
        place = {"clinic_id": self._clinic, "country": country, "at": at, "since": at - _HOUR}
        with self._database.link() as link:
            ((found,),) = link.read(self._database.query(_ARRIVED), place)
            if arrived:
                link.write([(self._database.query(_ARRIVES), place)])
        return int(found)


def _answered(row: dict[str, Any]) -> bool:
    """Whether the turn answered a question, which brought the next one."""
    return row["asked"] is not None and row["meaning"] in tuple(Answer)


def _recent(at_most: int) -> Any:
    known = select(contacts.c.id).where(
        contacts.c.fingerprint == bindparam("fingerprint"),
        contacts.c.clinic_id == bindparam("clinic_id"),
    )
    names = ("at", "asked", "meaning", "rule", "heard", "conversation_id", "number")
    return (
        select(*(turns.c[name] for name in names))
        .where(turns.c.contact_id == known.scalar_subquery())
        .order_by(turns.c.ordinal.desc())
        .limit(literal_column(str(at_most)))
    )


def _openings(at_most: int) -> Any:
    """Conversations begun since an id, counted no further than matters: an id tells the time."""
    begun = (
        select(conversations.c.id)
        .join_from(conversations, contacts)
        .where(
            conversations.c.id >= bindparam("since"),
            contacts.c.clinic_id == bindparam("clinic_id"),
        )
        .limit(literal_column(str(at_most)))
        .subquery()
    )
    return select(func.count().label("count")).select_from(begun)


_ARRIVED = select(func.count().label("count")).where(
    arrivals.c.clinic_id == bindparam("clinic_id"),
    arrivals.c.country == bindparam("country"),
    arrivals.c.at >= bindparam("since"),
)
_ARRIVES = insert(arrivals).values(
    {name: bindparam(name) for name in ("clinic_id", "country", "at")}
)
