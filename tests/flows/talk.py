"""A person talking to the line, in a test: what they say goes in, the keys of what was said out.

Between every two turns the state is encoded and decoded, as the store does.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import msgspec

from flows.conversation import Conversation, Turn, take_turn
from flows.line import Line, build_line
from flows.state import State
from flows.utterance import Channel, Keyword, Kind, Medium, Utterance
from flows.wording import Clinic

SMS = Channel("sms", Medium.TEXT)
CALL = Channel("voice", Medium.VOICE)
CLOCK = Channel("clock", Medium.TEXT)
CLINIC = Clinic("Test Clinic", "+12025550143", "+1 202-555-0143")
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SAFE = ["2"] * 13 + ["1", "1"] + ["2"] * 5 + ["1"]
"""The 21 answers that lead to massage guidance."""


@lru_cache
def line(locale: str = "en-US", reading_seconds: float = 0) -> Line:
    return build_line(locale, CLINIC, reading_seconds)


@dataclass
class Talk:
    """One contact; `turns` holds what happened, newest last."""

    line: Line = field(default_factory=line)
    at: datetime = NOON
    turns: list[Turn] = field(default_factory=list)
    conversation: Conversation | None = None
    version: str = ""

    def hear(self, utterance: Utterance) -> list[str]:
        """Take a turn; the keys that it says, one string per message."""
        self.at += timedelta(seconds=20)
        turn = take_turn(self.line, self.conversation, utterance, self.at)
        if turn.opens:
            self.version = self.line.flow.version
        state = msgspec.json.decode(msgspec.json.encode(turn.state), type=State)
        assert state == turn.state
        self.conversation = Conversation(self.version, turn.number, state)
        self.turns.append(turn)
        return [" ".join(part.key for part in message) for message in turn.said]

    def text(self, words: str, keyword: Keyword | None = None, attachments: int = 0) -> list[str]:
        return self.hear(Utterance(SMS, Kind.TEXT, words, keyword=keyword, attachments=attachments))

    def texts(self, *words: str) -> list[str]:
        for one in words[:-1]:
            self.text(one)
        return self.text(words[-1])

    def begin(self) -> list[str]:
        return self.texts("hello", "agree")

    def call(self) -> list[str]:
        return self.hear(Utterance(CALL, Kind.ARRIVAL))

    def press(self, keys: str) -> list[str]:
        return self.hear(self._called(Kind.DIGITS, keys))

    def speak(self, words: str, confidence: float = 0.9) -> list[str]:
        return self.hear(self._called(Kind.SPEECH, words, confidence))

    def silence(self) -> list[str]:
        return self.hear(self._called(Kind.SILENCE))

    def event(self, kind: Kind) -> list[str]:
        return self.hear(self._called(kind))

    def tick(self, **time: float) -> list[str]:
        """Time passes, and the clock takes its turn."""
        return self.wait(**time).hear(Utterance(CLOCK, Kind.CLOCK))

    def release(self) -> list[str]:
        """The clinic's staff lift what a T1 holds back."""
        return self.hear(Utterance(CLOCK, Kind.RELEASE))

    def stale(self, keys: str, turn: int, question: str) -> list[str]:
        return self.hear(Utterance(CALL, Kind.DIGITS, keys, in_reply_to=turn, question=question))

    def wait(self, **time: float) -> "Talk":
        self.at += timedelta(**time)
        return self

    def _called(self, kind: Kind, words: str = "", confidence: float = 1.0) -> Utterance:
        """By phone the channel knows which question was answered."""
        state = self.conversation.state if self.conversation else None
        put = state.put if state else None
        return Utterance(CALL, kind, words, confidence, in_reply_to=put)

    @property
    def last(self) -> Turn:
        return self.turns[-1]

    @property
    def state(self) -> State:
        return self.last.state

    @property
    def position(self) -> str:
        return self.state.position

    @property
    def words(self) -> str:
        """All words of the last reply."""
        return "\n".join(part.words for message in self.last.said for part in message)

    @property
    def alerts(self) -> list[str]:
        return [alert for turn in self.turns for alert in turn.alerts]
