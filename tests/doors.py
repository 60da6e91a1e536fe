"""A line with its doors open, in a test: the webhooks of both channels over a log in memory."""

import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from types import ModuleType
from typing import Any, NamedTuple

import msgspec
from flask import Flask

from flows.conversation import Conversation, Turn
from flows.line import Line, build_line
from flows.state import State
from flows.wording import Clinic
from telephony.door import Decide, Door
from telephony.signature import Verifier
from tests.twiml_player import Carrier

try:
    import store.turns
except ModuleNotFoundError:  # until the store is there

    class CarrierKey(NamedTuple):
        sid: str
        token: str | None = None

    sys.modules["store"] = ModuleType("store")
    sys.modules["store.turns"] = ModuleType("store.turns")
    sys.modules["store.turns"].CarrierKey = CarrierKey  # type: ignore[attr-defined]

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
    turns: dict[str, list[Turn]] = field(default_factory=dict)
    kept: dict[str, Turn] = field(default_factory=dict)
    newest: dict[str, Conversation] = field(default_factory=dict)

    def take(self, contact: str, key: Any, decide: Decide) -> Turn | None:
        for known in (key.sid, key.token):
            if known in self.kept:
                return self.kept[known]
        turn = decide(self.newest.get(contact))
        if turn is None:
            return None
        before = self.newest.get(contact)
        version = self.line.flow.version if turn.opens or before is None else before.version
        state = msgspec.json.decode(msgspec.json.encode(turn.state), type=State)
        self.newest[contact] = Conversation(version, turn.number, state)
        self.turns.setdefault(contact, []).append(turn)
        self.kept[key.sid] = turn
        if key.token:
            self.kept[key.token] = turn
        return turn


@dataclass
class BrokenLog:
    """A store that is gone; its complaint holds what it was given, as a database's does."""

    secret: str = "my leg is numb"

    def take(self, contact: str, key: Any, decide: Decide) -> Turn | None:
        raise ConnectionError(f"INSERT ... {contact} {key} {self.secret}")


@dataclass
class Clock:
    """Time that passes by 20 seconds at each look."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=20)
        return self.at


def open_door(
    log: Any = None, *, line: Line | None = None, public_url: str | None = PUBLIC_URL
) -> Door:
    line = line or a_line()
    return Door(
        line=line,
        log=MemoryLog(line) if log is None else log,
        verifier=Verifier([TOKEN], public_url),
        clinic=CLINIC,
        now=Clock(),
    )


def make_app(door: Door) -> Flask:
    from sms.webhook import make_blueprint as sms
    from voice.webhook import make_blueprint as voice

    app = Flask("line")
    app.register_blueprint(sms(door))
    app.register_blueprint(voice(door))
    return app


def carrier(door: Door | None = None) -> Carrier:
    return Carrier(make_app(door or open_door()).test_client(), TOKEN, PUBLIC_URL)
