"""What stands between the webhooks and a clinic's log: caps, the loop stop, and the block list.

The decision is `duty.caps`; here it is given what it needs. Where the database does not tell,
nothing is withheld: a reply too many is better than one too few.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from app.sites import Around
from duty.caps import CAPS, Pace, reason_of, why, withheld
from flows import prompts
from flows.conversation import Conversation, Turn
from flows.line import Line
from flows.prompts import Message
from store.blocking import BlockList
from store.database import Database
from store.errors import StoreError
from store.pace import Watch
from store.sealing import Sealer
from telephony.contact import country_of
from telephony.door import Decide, Log
from telephony.failure import describe

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PacedLog:
    """A log in which replies are withheld where they must be.

    `withheld`: is told the reason of each.  `now`: the clock (UTC).
    """

    log: Log
    clinic: int
    line: Line
    watch: Watch
    blocks: BlockList
    told: Callable[[str], None]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def take(self, contact: str, key: Any, decide: Decide, line: str | None = None) -> Turn | None:
        at = self.now()
        pace, new = self._pace(contact, at), False

        def paced(before: Conversation | None) -> Turn | None:
            nonlocal new
            turn = decide(before)
            if turn is None:
                return None
            new = before is None
            reason = why(self.watch.caps, pace, before, turn)
            if reason is None:
                return turn
            net = safety_net(self.line, turn)
            return withheld(self.line.flow, turn, before, reason, pace, net)

        turn = self.log.take(contact, key, paced, line)
        if turn is not None:
            reason = reason_of(turn)
            self.watch.heard(contact, turn.utterance.words, at, new=new, held=reason is not None)
            if reason is not None:
                _log.warning("a reply was withheld: %s", reason)
                self.told(reason)
        return turn

    def _pace(self, contact: str, at: datetime) -> Pace:
        blocked_at = self.blocks.since(self.clinic, contact)
        if blocked_at is not None:
            return Pace(blocked_at=blocked_at)
        try:
            return self.watch.pace(contact, country_of(contact), at)
        except StoreError as error:
            _log.warning("the pace could not be read: %s", describe(error))
            return Pace()


def safety_net(line: Line, turn: Turn) -> Message:
    """What is said in the place of a reply that is withheld."""
    words = line.words[turn.state.language]
    return (prompts.text(words, turn.utterance.channel.medium, "safety_net"),)


def paced_by(
    database: Database,
    sealer: Sealer,
    openings: int = CAPS.openings,
    told: Callable[[str], None] = lambda _reason: None,
) -> Around:
    """What keeps the pace of each clinic's log. `openings`: its cap of new people in an hour."""
    caps = replace(CAPS, openings=openings)
    blocks = BlockList(database, sealer)

    def around(clinic: int, line: Line, log: Log) -> Log:
        watch = Watch(database, sealer, clinic, line.locale.partition("-")[2], caps)
        return PacedLog(log, clinic, line, watch, blocks, told)

    return around
