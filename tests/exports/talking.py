"""Conversations that were really held: a person plays acts, and the real log keeps the turns."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from app.player import Decide, Player
from exports.transcript import read_act
from flows.conversation import Turn
from flows.line import Line, build_line
from flows.wording import Clinic
from store.cards import card_writes
from store.clinics import ensure_clinic
from store.database import Database
from store.review import StoredConversation, conversations
from store.sealing import Sealer
from store.turns import CarrierKey, TurnLog
from tests.app.test_settings import CARRIER

LINE = build_line("en-GB", Clinic("Harbour Clinic", "+442079460018", "020 7946 0018"), 0)
AMERICAN = build_line("en-US", Clinic("Harbour Clinic", "+12025550143", "202-555-0143"), 0)
SEALER = Sealer(CARRIER["BACKLINE_SECRET_KEY"])
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Kept:
    """The real log, for one person."""

    def __init__(self, log: TurnLog, person: str) -> None:
        self.log, self.person, self.taken = log, person, 0

    def take(self, decide: Decide) -> Turn | None:
        self.taken += 1
        key = CarrierKey(f"{self.person}/{self.taken}", None)
        return self.log.take(self.person, key, decide)


@contextmanager
def kept(url: str, clinic: str = "Harbour Clinic") -> Iterator[tuple[Database, TurnLog]]:
    """The log of the clinic in the migrated database at `url`."""
    database = Database(url)
    try:
        clinic_id = ensure_clinic(database, clinic, "en-GB")
        flow, lists = LINE.flow, [card_writes(database, LINE.flow)]
        yield database, TurnLog(database, SEALER, flow.id, flow.version, clinic_id, lists)
    finally:
        database.close()


def talk(log: TurnLog, *acts: str, channel: str = "text", line: Line = LINE, hour: int = 9) -> None:
    """One person's acts, from that hour of a Monday on; each hour is another person."""
    held(log, f"+4477009000{hour:02}", MONDAY.replace(hour=hour), *acts, channel=channel, line=line)


def held(
    log: TurnLog, person: str, at: datetime, *acts: str, channel: str = "text", line: Line = LINE
) -> None:
    """The acts of the person with that number, from that moment on."""
    player = Player(line, channel, Kept(log, person), at)
    for act in acts:
        player.play(read_act(act))


def stored(database: Database, *, numbers: bool = False) -> list[StoredConversation]:
    return list(conversations(database, SEALER, 1, numbers=numbers))
