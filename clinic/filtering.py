"""The filters of a list, from the address of its page and back.

An address holds names of tiers, channels, languages, states and questions, days, and the ids of
conversations: never a word that somebody said, and never a number.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from duty.hours import midnight
from flows.definition import Flow, Tier
from store.cards import OPEN
from store.inbox import After, Filter, Where

CHANNELS: Final = ("sms", "voice", "whatsapp", "alexa")
STANDINGS: Final = (*(tier.value for tier in Tier if tier is not Tier.T0), Tier.T0.value)

_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen in the form of filters; "" and None for what was left open.

    `first`, `last`: days of the clinic, both included.
    """

    tier: str = ""
    channel: str = ""
    language: str = ""
    state: str = ""
    question: str = ""
    mine: bool = False
    first: date | None = None
    last: date | None = None

    @property
    def any(self) -> bool:
        return self != Chosen()

    def address(self) -> dict[str, str]:
        """The same, for an address."""
        given: dict[str, object] = {
            "tier": self.tier,
            "channel": self.channel,
            "language": self.language,
            "state": self.state,
            "question": self.question,
            "mine": "1" if self.mine else "",
            "from": self.first.isoformat() if self.first else "",
            "to": self.last.isoformat() if self.last else "",
        }
        return {name: str(value) for name, value in given.items() if value}

    def filter(self, zone: ZoneInfo, staff: int) -> Filter:
        """The filter of the store; `staff`: whose page it is."""
        standing = self.tier or (OPEN if self.state == Where.OPEN else "")
        return Filter(
            standing=standing or None,
            channel=self.channel or None,
            language=self.language or None,
            where=Where(self.state) if self.state else None,
            question=self.question or None,
            assignee=staff if self.mine else None,
            begun_from=midnight(self.first, zone) if self.first else None,
            begun_before=midnight(self.last, zone, plus=1) if self.last else None,
        )


def chosen(values: Mapping[str, Any], flow: Flow, languages: Mapping[str, object]) -> Chosen:
    """What `values` choose; what is not known is as if it had not been chosen."""
    return Chosen(
        tier=_one_of(values.get("tier"), STANDINGS),
        channel=_one_of(values.get("channel"), CHANNELS),
        language=_one_of(values.get("language"), languages),
        state=_one_of(values.get("state"), [where.value for where in Where]),
        question=_one_of(values.get("question"), flow.question),
        mine=values.get("mine") == "1",
        first=day(values.get("from")),
        last=day(values.get("to")),
    )


def after(value: str | None) -> After | None:
    """Where a page begins, as `place.conversation`."""
    place, _, conversation = (value or "").partition(".")
    if not (place.isdecimal() and len(place) == 1 and is_id(conversation)):
        return None
    return After(int(place), conversation)


def is_id(text: str) -> bool:
    """Whether `text` has the form of a conversation's id."""
    return _ID.fullmatch(text) is not None


def day(text: str | None) -> date | None:
    """A day as ISO 8601 writes it, within what a clinic can have; None for anything else."""
    try:
        found = date.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return found if _FIRST_DAY <= found <= _LAST_DAY else None


_FIRST_DAY: Final = date(2000, 1, 1)
_LAST_DAY: Final = date(2200, 1, 1)


def _one_of(value: Any, known: Any) -> str:
    return value if isinstance(value, str) and value in known else ""
