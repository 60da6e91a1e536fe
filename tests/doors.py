"""A line with its doors open, in a test: the webhooks of both channels over a log of turns."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

import msgspec
from flask import Flask

from duty.delivery import Receipt
from flows.conversation import Conversation, Turn
from flows.line import Line, build_line
from flows.state import State
from flows.wording import Clinic
from sms import webhook as sms
from sms.acknowledge import answering
from store.acknowledging import Acknowledging
from store.clinics import ensure_clinic
from store.database import Database
from store.migrate import upgrade
from store.sealing import Sealer
from store.turns import CarrierKey, TurnLog
from telephony.door import Decide, Door, Log, Site
from telephony.signature import Verifier
from tests.twiml_player import Carrier
from voice import alert
from voice import webhook as voice

TOKEN = "12345"
PUBLIC_URL = "https://line.example"
CLINIC = Clinic("Test Clinic", "+12025550143", "+1 202-555-0143")
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@lru_cache
def a_line(locale: str = "en-US", reading_seconds: float = 0) -> Line:
    return build_line(locale, CLINIC, reading_seconds)


@dataclass
class MemoryLog:
    """What the store's log promises, without a store; the state is encoded and decoded."""

    line: Line
    kept: dict[str, Turn] = field(default_factory=dict)
    newest: dict[str, Conversation] = field(default_factory=dict)

    def take(
        self, contact: str, key: CarrierKey, decide: Decide, line: str | None = None
    ) -> Turn | None:
        for known in (key.sid, key.token):
            if known in self.kept:
                return self.kept[known]
        before = self.newest.get(contact)
        turn = decide(before)
        if turn is None:
            return None
        version = self.line.flow.version if turn.opens or before is None else before.version
        state = msgspec.json.decode(msgspec.json.encode(turn.state), type=State)
        self.newest[contact] = Conversation(version, turn.number, state)
        self.kept[key.sid] = turn
        if key.token:
            self.kept[key.token] = turn
        return turn


@dataclass
class BrokenLog:
    """A store that is gone; its complaint holds what it was given, as a database's does."""

    was_asked: bool = False

    def take(
        self, contact: str, key: CarrierKey, decide: Decide, line: str | None = None
    ) -> Turn | None:
        self.was_asked = True
        raise ConnectionError(f"INSERT ... {contact} {key} {decide(None)}")


@dataclass
class Watched:
    """A log, and what it kept of each contact, in order."""

    log: Log
    turns: dict[str, list[Turn]] = field(default_factory=dict)

    def take(
        self, contact: str, key: CarrierKey, decide: Decide, line: str | None = None
    ) -> Turn | None:
        turn = self.log.take(contact, key, decide, line)
        if turn is not None and turn not in self.turns.get(contact, ()):
            self.turns.setdefault(contact, []).append(turn)
        return turn

    def state(self, contact: str) -> State:
        return self.turns[contact][-1].state


def stored(folder: Path, line: Line) -> TurnLog:
    """A log in a new SQLite file in `folder`."""
    url = f"sqlite:///{folder}/line.db"
    upgrade(url)
    database = Database(url)
    clinic = ensure_clinic(database, CLINIC.name, line.locale)
    return TurnLog(database, Sealer("s" * 32), line.flow.id, line.flow.version, clinic)


@dataclass
class Clock:
    """Time that passes by 20 seconds at each look."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=20)
        return self.at


@dataclass(frozen=True)
class OneSite:
    """The same site at every number."""

    site: Site

    def at(self, number: str) -> Site:
        return self.site

    def known(self, number: str) -> Site:
        return self.site


@dataclass
class Pigeonhole:
    """Keeps the carrier's news of what was sent, as it comes."""

    received: list[tuple[int | str, Receipt]] = field(default_factory=list)

    def receive(self, about: int | str, receipt: Receipt, at: datetime) -> None:
        self.received.append((about, receipt))


def open_door(
    log: Log | None = None, *, line: Line | None = None, public_url: str | None = PUBLIC_URL
) -> Door:
    line = line or a_line()
    site = Site(1, line, log or MemoryLog(line), CLINIC)
    return Door(OneSite(site), Verifier([TOKEN], public_url), Pigeonhole(), now=Clock())


def make_app(door: Door, staff: Acknowledging | None = None) -> Flask:
    """The line; with `staff`, who can acknowledge alerts there."""
    app = Flask("line")
    app.register_blueprint(sms.make_blueprint(door, answering(staff) if staff else None))
    app.register_blueprint(voice.make_blueprint(door))
    if staff:
        app.register_blueprint(alert.make_blueprint(door, staff))
    return app


def carrier(door: Door | None = None) -> Carrier:
    return Carrier(make_app(door or open_door()).test_client(), TOKEN, PUBLIC_URL)
