"""What staff did about a conversation: notes, who looks after it, what came of a call, a release.

Kept for good, in the order in which it happened; what they wrote is sealed, and goes with an
erasure. That they acknowledged an alert is on the alert itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import bindparam, insert, literal_column, null, select, update

from store.card_tables import actions, cards
from store.cards import IN_HAND, Place, marks_follow
from store.database import Database
from store.link import Write
from store.sealing import Sealer


class Did(StrEnum):
    """What a staff member did."""

    NOTE = "note"
    ASSIGNED = "assigned"
    """`detail`: the name of who looks after it from then on; "" for nobody in particular."""
    OUTCOME = "outcome"
    """`detail`: an `Outcome`."""
    RELEASED = "released"
    """The hold after a T1 was lifted."""


class Outcome(StrEnum):
    """What came of calling back."""

    REACHED_GOING = "reached_going"
    """Reached, and on the way to care."""
    REACHED_SEEN = "reached_seen"
    """Reached, and seen by a doctor already."""
    REACHED_DECLINED = "reached_declined"
    """Reached, and does not want to go."""
    REACHED_WELL = "reached_well"
    """Reached, and it was a mistake."""
    NOT_REACHED = "not_reached"
    EMERGENCY_CALLED = "emergency_called"
    """The emergency services were called by the clinic."""
    OTHER = "other"


SETTLES: Final = frozenset(Outcome) - {Outcome.NOT_REACHED}
"""After these nobody needs to call again."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing done.

    `staff`, `name`: who did it, by id and by the name that they had.  `at`: UTC.
    `words`: what they wrote, or "".
    """

    id: int
    conversation: str
    at: datetime
    staff: int
    name: str
    did: Did
    detail: str
    words: str


@dataclass(frozen=True, slots=True)
class By:
    """Who does something, and when (UTC)."""

    staff: int
    name: str
    at: datetime


class Actions:
    """What the staff of one clinic do. What they do is a list of writes, to be recorded with it."""

    def __init__(self, database: Database, sealer: Sealer, clinic: int) -> None:
        self._database = database
        self._sealer = sealer
        self._clinic = clinic

    def note(self, conversation: str, by: By, words: str) -> list[Write]:
        return [self._add(conversation, by, Did.NOTE, words=words)]

    def assign(self, conversation: str, by: By, staff: int | None, name: str) -> list[Write]:
        """Let `staff` look after it, by that name; None for nobody in particular."""
        change: Write = (self._database.query(_ASSIGN), {"of": conversation, "assignee": staff})
        return [self._add(conversation, by, Did.ASSIGNED, detail=name, assignee=staff), change]

    def outcome(self, conversation: str, by: By, outcome: Outcome, words: str = "") -> list[Write]:
        """What came of calling back; what is settled leaves the head of the list."""
        writes = [self._add(conversation, by, Did.OUTCOME, detail=outcome.value, words=words)]
        if outcome in SETTLES:
            values = {"of": conversation, "at": by.at}
            writes.append((self._database.query(_SETTLE), values))
            writes.append((self._database.query(_FOLLOW), {"of": conversation}))
        return writes

    def released(self, conversation: str, by: By, words: str) -> list[Write]:
        """Keep that the hold was lifted, and why."""
        return [self._add(conversation, by, Did.RELEASED, words=words)]

    def keep(self, writes: Sequence[Write]) -> None:
        """Do `writes`. StoreError: they are not known to be kept."""
        with self._database.link() as link:
            link.write(writes)

    def of(self, conversation: str) -> list[Action]:
        """All that was done about it, oldest first."""
        find = self._database.query(_OF)
        place = {"of": conversation, "clinic_id": self._clinic}
        with self._database.link() as link:
            rows = [find.named(row) for row in link.read(find, place)]
        return [self._action(row) for row in rows]

    def _add(
        self,
        conversation: str,
        by: By,
        did: Did,
        *,
        detail: str = "",
        words: str = "",
        assignee: int | None = None,
    ) -> Write:
        values = {
            "clinic_id": self._clinic,
            "conversation_id": conversation,
            "at": by.at,
            "staff_id": by.staff,
            "name": by.name,
            "kind": did.value,
            "detail": detail or None,
            "assignee": assignee,
            "words": self._sealer.seal(words, f"{conversation}/action") if words else None,
        }
        return self._database.query(_ADD), values

    def _action(self, row: dict[str, Any]) -> Action:
        sealed, conversation = row["words"], row["conversation_id"]
        return Action(
            id=row["id"],
            conversation=conversation,
            at=row["at"],
            staff=row["staff_id"],
            name=row["name"],
            did=Did(row["kind"]),
            detail=row["detail"] or "",
            words=self._sealer.open(sealed, f"{conversation}/action") if sealed else "",
        )


def forget_actions_write(database: Database, conversation: str) -> Write:
    """What takes out of a conversation's actions what was written."""
    return database.query(_FORGET), {"of": conversation}


# --- Statements -----------------------------------------------------------------------------------

_COLUMNS = [column.key for column in actions.c if column.key != "id"]
_ADD = insert(actions).values({name: bindparam(name) for name in _COLUMNS})
_OF = (
    select(actions)
    .where(
        actions.c.conversation_id == bindparam("of"),
        actions.c.clinic_id == bindparam("clinic_id"),
    )
    .order_by(actions.c.at, actions.c.id)
)
_FORGET = update(actions).where(actions.c.conversation_id == bindparam("of")).values(words=null())
_this = cards.c.conversation_id == bindparam("of")
_ASSIGN = update(cards).where(_this).values(assignee=bindparam("assignee"))
_handled = cards.c.place.in_([literal_column(str(place)) for place in IN_HAND])
_SETTLE = (
    update(cards)
    .where(_this, _handled)
    .values(settled_at=bindparam("at"), place=literal_column(str(Place.REST.value)))
)
_FOLLOW = marks_follow(bindparam("of"))
