"""The golden conversations once more, this time as the carrier sees them.

Each act is a signed request, each turn is on the disk before it is answered, and what the TwiML
says must be what the turn said: word for word, in its order.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

import pytest

from app.player import JUNK, PAUSE, START, difference
from exports.transcript import CALL, LONGEST_CALL, SURE, TEXT, Act
from flows.conversation import Turn
from flows.line import Line
from flows.utterance import Kind
from store.turns import TurnLog
from telephony.door import Door, Site
from telephony.signature import Verifier
from tests.doors import (
    CLINIC,
    PUBLIC_URL,
    TOKEN,
    OneSite,
    Pigeonhole,
    Watched,
    make_app,
    stored,
)
from tests.test_transcripts import PLAYS, TRANSCRIPTS, a_line
from tests.twiml_player import Call, Carrier, Texter

# To the carrier one <Gather> is one request, so nobody can answer the question before over the wire
# but by answering it in a text meanwhile: test_calls.py does.
WITHOUT_LATE = [
    (name, channel)
    for name, channel in PLAYS
    if all(step.act.name != "late" for step in TRANSCRIPTS[name].steps)
]

_numbers = (f"+1202555{number:04}" for number in count(1000))
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> TurnLog:
    return stored(tmp_path_factory.mktemp("store"), a_line("en-US"))


@dataclass
class Person:
    """Does the acts of a transcript over the wire. `shown`: what came back for the last one."""

    carrier: Carrier
    channel: str
    number: str = field(default_factory=lambda: next(_numbers))
    at: datetime = START
    pause: timedelta = PAUSE
    call: Call | None = None
    shown: list[str] = field(default_factory=list)

    def do(self, act: Act) -> None:
        self.shown = []
        if act.name == "wait":
            self.pause = timedelta(**{_UNITS[act.detail[-1]]: float(act.detail[:-1])})
            if self.pause > LONGEST_CALL and self.call:
                self.call = None
            return
        self.at, self.pause = self.at + self.pause, PAUSE
        if act.name == "call":
            self.channel, self.call = CALL, None
        elif act.name in ("text", "picture", "carrier"):
            self.channel = TEXT
        if self.channel == TEXT:
            self.text(act)
        elif self.call is None:
            self.call = Call(self.carrier, self.number).ring()
            self.shown = self.call.heard
        else:
            said = len(self.call.everything)
            self.speak(self.call, act)
            self.shown = self.call.everything[said:]
            if self.call.ended:
                self.call = None

    def text(self, act: Act) -> None:
        if act.name == "hang up":
            return
        fields = {}
        if act.name == "picture":
            fields = {"NumMedia": "1", "MediaUrl0": "https://api.twilio.com/1"}
        elif act.name == "carrier":
            fields = {"OptOutType": act.detail}
        body = JUNK if act.name == "junk" else act.words
        self.shown = Texter(self.carrier, self.number).text(body, **fields)

    def speak(self, call: Call, act: Act) -> None:
        match act.name:
            case "hang up":
                call.hang_up()
            case "clinic answers" | "clinic missed":
                call.clinic(answers=act.name == "clinic answers")
            case "junk":
                call.say(JUNK, SURE)
            case "press":
                call.press(act.detail)
            case "say":
                call.say(act.words, act.detail)
            case "" if len(act.words) == 1 and act.words in "0123456789*#":
                call.press(act.words)
            case "" if act.words:
                call.say(act.words, SURE)
            case _:
                call.silence()


def words_of(turn: Turn, channel: str) -> Iterator[str]:
    between = "\n\n" if channel == TEXT else " "
    for message in turn.said:
        yield between.join(part.words for part in message)


def open_to(line: Line, log: Watched, channel: str) -> Person:
    site = Site(1, line, log, CLINIC)
    door = Door(OneSite(site), Verifier([TOKEN], PUBLIC_URL), Pigeonhole(), now=lambda: person.at)
    person = Person(Carrier(make_app(door).test_client(), TOKEN, PUBLIC_URL), channel)
    return person


@pytest.mark.parametrize(("name", "channel"), WITHOUT_LATE)
def test_it_goes_as_it_is_written(name: str, channel: str, log: TurnLog) -> None:
    transcript = TRANSCRIPTS[name]
    line = a_line(transcript.locale)
    watched = Watched(log)
    person = open_to(line, watched, channel)
    for step in transcript.steps:
        before = len(watched.turns.get(person.number, ()))
        person.do(step.act)
        new = watched.turns.get(person.number, [])[before:]
        # When the line hangs up, the carrier reports the end of the call: a turn of its own.
        if len(new) > 1:
            assert new.pop().utterance.kind is Kind.HANG_UP
        turn = new[0] if new else None
        different = difference(step, turn, line, person.channel)
        assert not different, f"{name}.txt, {different}"
        said = list(words_of(turn, person.channel)) if turn else []
        if person.channel == CALL:
            # A voice speaks one language: a message in two of them is heard in two pieces.
            assert " ".join(person.shown) == " ".join(" ".join(words.split()) for words in said)
        else:
            assert person.shown == said
