"""Plays a person: acts go in, turns come out. The tests and the simulator both play so.

It rests on no network and no database: where the turns are kept is handed in, and `InMemory` keeps
them as the store does, encoded after each turn and decoded before the next.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

import msgspec

from exports.transcript import (
    CALL,
    LONGEST_CALL,
    SURE,
    TEXT,
    Act,
    Step,
    Transcript,
    TranscriptError,
    reply_of,
)
from flows.conversation import Conversation, Turn, take_turn
from flows.line import Line
from flows.state import State
from flows.utterance import Keyword, Kind, Utterance
from sms.hear import SMS
from telephony.asking import Asking
from voice.hear import VOICE

Decide = Callable[[Conversation | None], Turn | None]

START: Final = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PAUSE: Final = timedelta(seconds=20)
"""Between two things heard, unless a transcript waits: longer than any reading time."""

JUNK: Final = "blorp fnarg"

_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_BY_PHONE: Final = ("say", "press", "late", "quiet", "hang up", "clinic answers", "clinic missed")


class Log(Protocol):
    """Where a contact's turns are kept."""

    def take(self, decide: Decide) -> Turn | None:
        """Decide and keep the next turn."""


class InMemory:
    """The turns of one contact, as bytes."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._newest: tuple[str, int, bytes] | None = None

    def take(self, decide: Decide) -> Turn | None:
        before = None
        if self._newest is not None:
            version, number, state = self._newest
            before = Conversation(version, number, msgspec.json.decode(state, type=State))
        turn = decide(before)
        if turn is not None:
            version = self._line.flow.version if turn.opens or before is None else before.version
            self._newest = (version, turn.number, msgspec.json.encode(turn.state))
        return turn


class Player:
    """One person with a phone, who texts or calls.

    `channel`: what the person is using now.  `at`: when the last thing was heard (UTC).
    """

    def __init__(self, line: Line, channel: str, log: Log, at: datetime = START) -> None:
        self.line = line
        self.channel = channel
        self.at = at
        self._log = log
        self._pause = PAUSE
        self._on_the_line = False
        self._begun = False
        self._asking: Asking | None = None
        self._before: Asking | None = None

    def play(self, act: Act) -> Turn | None:
        """Do `act`: the turn that comes of it, or None where nothing was heard.

        TranscriptError is raised for an act that cannot be done here.
        """
        if act.name == "wait":
            self._wait(act.detail)
            return None
        utterance = self._hear(act)
        if utterance is None:
            return None
        self.at += self._pause
        self._pause = PAUSE
        at = self.at

        def decide(conversation: Conversation | None) -> Turn | None:
            if conversation is None and utterance.kind is Kind.HANG_UP:
                return None
            return take_turn(self.line, conversation, utterance, at)

        turn = self._log.take(decide)
        if turn is not None and utterance.channel is VOICE:
            self._before, self._asking = self._asking, Asking.of(self.line, turn)
            if turn.hang_up or utterance.kind is Kind.HANG_UP:
                self._on_the_line = False
        self._begun = True
        return turn

    def _wait(self, detail: str) -> None:
        try:
            self._pause = timedelta(**{_UNITS[detail[-1]]: float(detail[:-1])})
        except (KeyError, ValueError):
            raise TranscriptError(f"[wait {detail}] is no time: 90s, 5m, 25h, 3d") from None
        if self._pause > LONGEST_CALL:
            self._on_the_line = False
            self._begun = False

    def _hear(self, act: Act) -> Utterance | None:
        if act.name == "call":
            self.channel = CALL
            self._on_the_line = True
            return Utterance(VOICE, Kind.ARRIVAL)
        if act.name in ("text", "picture", "carrier"):
            self.channel = TEXT
        elif act.name in _BY_PHONE and self._on_the_line:
            self.channel = CALL  # who texts during a call has not hung up
        if self.channel == TEXT:
            return self._hear_text(act)
        return self._hear_call(act)

    def _hear_text(self, act: Act) -> Utterance | None:
        if act.name in _BY_PHONE:
            if act.name == "hang up":
                return None  # who writes has nothing to hang up
            raise TranscriptError(f"[{act.name}] can be done by phone alone")
        keyword = None
        if act.name == "carrier":
            try:
                keyword = Keyword(act.detail)
            except ValueError:
                raise TranscriptError(f"[carrier {act.detail}] is no keyword") from None
        return Utterance(
            SMS,
            Kind.TEXT,
            JUNK if act.name == "junk" else act.words,
            attachments=1 if act.name == "picture" else 0,
            keyword=keyword,
        )

    def _hear_call(self, act: Act) -> Utterance | None:
        if not self._on_the_line:
            if self._begun or act.name:
                raise TranscriptError(f"nobody is on the line for {str(act)!r}: begin with [call]")
            self._on_the_line = True
            return Utterance(VOICE, Kind.ARRIVAL)
        match act.name:
            case "hang up":
                return self._called(Kind.HANG_UP)
            case "clinic answers":
                return self._called(Kind.CLINIC_REACHED)
            case "clinic missed":
                return self._called(Kind.CLINIC_MISSED)
            case "silence" | "quiet":
                return self._called(Kind.SILENCE)
            case "junk":
                return self._called(Kind.SPEECH, JUNK, SURE)
            case "press":
                return self._called(Kind.DIGITS, act.detail)
            case "late":
                return self._called(Kind.DIGITS, act.detail, asking=self._before)
            case "say":
                return self._called(Kind.SPEECH, act.words, _confidence(act.detail))
            case _ if len(act.words) == 1 and act.words in "0123456789*#":
                return self._called(Kind.DIGITS, act.words)
            case _ if not act.words:
                return self._called(Kind.SILENCE)
            case _:
                return self._called(Kind.SPEECH, act.words, SURE)

    def _called(
        self, kind: Kind, words: str = "", confidence: float = 1.0, asking: Asking | None = None
    ) -> Utterance:
        """By phone the request tells which turn it answers, as the URL in the TwiML did."""
        asking = asking or self._asking
        if kind is Kind.HANG_UP or asking is None:
            return Utterance(VOICE, kind)
        answers = kind in (Kind.DIGITS, Kind.SPEECH, Kind.SILENCE)
        return Utterance(
            VOICE,
            kind,
            words,
            confidence,
            in_reply_to=asking.number,
            question=asking.question if answers else None,
        )


def _confidence(detail: str) -> float:
    try:
        return float(detail)
    except ValueError:
        raise TranscriptError(f"[say {detail}] is no confidence: 0 to 1") from None


def played(transcript: Transcript, player: Player) -> Iterator[tuple[Step, Turn | None]]:
    """Play every step; TranscriptError names the line of one that cannot be played."""
    for step in transcript.steps:
        try:
            turn = player.play(step.act)
        except TranscriptError as error:
            raise TranscriptError(f"line {step.line}: {error}") from None
        yield step, turn


def difference(step: Step, turn: Turn | None, line: Line, channel: str) -> str:
    """How a turn differs from what the transcript says, for people to read; "" where it does not.

    Only a call can be put through or hung up by the line, so `*` is not looked at by text.
    """
    wanted, got = step.reply, reply_of(turn, line)
    by_phone = channel == CALL
    want = [one for one in wanted.lines() if by_phone or not one.startswith("*")]
    have = [one for one in got.lines() if by_phone or not one.startswith("*")]
    if want == have:
        return ""
    shown = [f"line {step.line}, by {'phone' if by_phone else 'text'}: > {step.act}"]
    shown += [f"  - {one}" for one in want if one not in have]
    shown += [f"  + {one}" for one in have if one not in want]
    if len(shown) == 1:
        shown += [f"  - {one}" for one in want] + [f"  + {one}" for one in have]
    return "\n".join(shown)
