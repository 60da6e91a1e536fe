"""What the clinic must be told, and how far the telling has come.

An alert is about one thing in one conversation: a tier ("T1", "T2", "T0"), "crisis", "not_seen",
or "undelivered:T1" for advice that did not reach the person. It is open until somebody
acknowledges it, whatever its ladder does.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

UNDELIVERED: Final = "undelivered"
"""The kind of an alert for advice that did not arrive; what follows the colon is its tier."""

TEST: Final = "test"
"""The kind of the alert that is sent each day to see that it arrives; its day follows the colon."""

_REFERENCES_BEGIN: Final = 1000
"""References have four digits and more, so that nobody's answer to a question is one."""

BY_URGENCY: Final = ("T1", "crisis", "undelivered", "T2", "not_seen", "T0", "test")


class Ladder(StrEnum):
    """How far the telling has come; that somebody acknowledged it, the alert says itself."""

    WAITS = "waits"
    """Nobody has been told yet."""
    CLIMBS = "climbs"
    """Somebody has been told."""
    RAN_OUT = "ran_out"
    """Everybody has been told, and nobody answered: an alarm."""
    RESTS = "rests"
    """Nobody is rung for it; it is on the page."""


class How(StrEnum):
    """How somebody acknowledged an alert."""

    KEY = "key"
    REPLY = "reply"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert.

    `conversation`, `turn`: its id, and the number of the turn that raised it; None for none.
    `acknowledged_by`: a name.  `came_of`: what came of it, a plain word, or None.
    """

    id: int
    clinic: int
    conversation: str | None
    about: str
    turn: int | None
    raised_at: datetime
    ladder: Ladder = Ladder.WAITS
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    acknowledged_how: How | None = None
    came_of: str | None = None

    @property
    def kind(self) -> str:
        return kind(self.about)

    @property
    def reference(self) -> str:
        return str(_REFERENCES_BEGIN + self.id)

    @property
    def urgency(self) -> int:
        """0 for the most urgent."""
        return urgency(self.about)


def kind(about: str) -> str:
    """What an alert is about, without its particulars: "undelivered" of "undelivered:T1"."""
    return about.partition(":")[0]


def urgency(about: str) -> int:
    """0 for the most urgent; what is not known comes before what can wait."""
    found = kind(about)
    return BY_URGENCY.index(found if found in BY_URGENCY else UNDELIVERED)


def alert_id(reference: str) -> int | None:
    """The id of the alert of that reference; None for what is none."""
    if not (reference.isascii() and reference.isdigit() and len(reference) <= len(str(2**31))):
        return None
    found = int(reference) - _REFERENCES_BEGIN
    return found if found > 0 else None
