"""A desk in a test: a log whose turns bring along alerts, cards and words, over the real line."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from flows.conversation import Conversation, Turn, take_turn
from flows.line import Line, build_line
from flows.utterance import Channel, Kind, Medium, Utterance
from flows.wording import Clinic
from store.alerts import alert_writes
from store.card_tables import card_marks, cards, words
from store.cards import card_writes
from store.word_index import word_writes
from tests.store.shelf import ANN, NOON, Shelf, key

SMS = Channel("sms", Medium.TEXT)
WHATSAPP = Channel("whatsapp", Medium.TEXT)
VOICE = Channel("voice", Medium.VOICE)
ASKED = 21


@lru_cache
def the_line() -> Line:
    return build_line("en-US", Clinic("Test Clinic", "+12025550143", "202-555-0143"), 0)


@dataclass
class Desk:
    """A shelf whose log is that of the desk; every turn is a minute after the one before."""

    shelf: Shelf
    at: datetime = NOON
    taken: int = 0

    def __post_init__(self) -> None:
        self.log = self.shelf.new_log(
            alert_writes(self.shelf.database),
            card_writes(self.shelf.database, the_line().flow),
            word_writes(self.shelf.database, self.shelf.sealer, the_line().vocabularies),
        )

    def hears(self, heard: Utterance, contact: str = ANN, wait: float = 1) -> Turn:
        """`wait`: minutes."""
        self.taken += 1
        self.at += timedelta(minutes=wait)

        def decide(so_far: Conversation | None) -> Turn:
            return take_turn(the_line(), so_far, heard, self.at)

        turn = self.log.take(contact, key(f"SM{self.taken}"), decide)
        assert turn is not None
        return turn

    def texts(self, *said: str, contact: str = ANN, channel: Channel = SMS) -> str:
        """Texts one after the other; gives the id of the conversation that they are in."""
        for one in said:
            self.hears(Utterance(channel, Kind.TEXT, one), contact)
        return self.newest()

    def newest(self) -> str:
        rows = self.shelf.rows("SELECT id FROM conversations ORDER BY id DESC LIMIT 1")
        id_: str = rows[0][0]
        return id_

    def kept(self) -> dict[str, list[tuple[object, ...]]]:
        """Every derived row."""
        return {
            table.name: sorted(
                (tuple(row) for row in self.shelf.rows(f"SELECT * FROM {table.name}")),  # noqa: S608  our own names
                key=repr,
            )
            for table in (cards, card_marks, words)
        }


def anything(chance: random.Random) -> Utterance:
    """Something that somebody may say, safe answers most often, so that ends are reached."""
    words = (
        "no",
        "no",
        "no",
        "no",
        "2",
        "yes",
        "not sure",
        "agree",
        "agree",
        "skip",
    )
    more = (
        "I can't feel my legs since Tuesday",
        "my back hurts when I lift the washing machine",
        "tengo dolor en la espalda",
        "español",
        "english",
        "purple elephants",
        "START OVER",
        "checked",
        "I want to die",
    )
    pick = chance.random()
    if pick < 0.1:
        return Utterance(VOICE, Kind.ARRIVAL)
    if pick < 0.2:
        return Utterance(VOICE, Kind.DIGITS, chance.choice("123"))
    if pick < 0.25:
        return Utterance(SMS, chance.choice((Kind.CLOCK, Kind.RELEASE)))
    channel = WHATSAPP if pick > 0.95 else SMS
    return Utterance(channel, Kind.TEXT, chance.choice(words if pick < 0.8 else more))
