"""One turn in this process: understood, decided, worded, rendered. No server, no database."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Final

from app.settings import Settings
from flows.conversation import Conversation, Turn, take_turn
from flows.line import Line, build_line
from flows.utterance import Kind, Utterance
from sms.hear import SMS
from sms.render import render as render_text
from voice.hear import VOICE
from voice.render import render as render_call

SENTENCES: Final = (
    "No, nothing like that at all",
    "no I haven't noticed any change there",
    "Not that I know of, everything works as it did before",
    "no, it's just a dull ache in my lower back since Monday",
    "nope, all good there thank you",
    "I don't think so",
    "no not really, only stiff in the morning when I get up",
)

_QUESTIONS: Final = 13
"""The first questions, which are answered by NO."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Microseconds of one turn, the median of many; `render` is the part after the decision."""

    name: str
    turn: float
    low: float
    high: float
    render: float


def costs(settings: Settings, times: int) -> list[Cost]:
    """What one turn costs for each thing that can be heard."""
    line = build_line(settings.locale, settings.clinic, reading_seconds=0)
    base, clinic = settings.public_url or "", settings.clinic.phone

    def call(turn: Turn) -> str:
        return render_call(turn, line, base, clinic)

    no = [Utterance(SMS, Kind.TEXT, "no")]
    sentence = [Utterance(SMS, Kind.TEXT, words) for words in SENTENCES]
    key = [Utterance(VOICE, Kind.DIGITS, "2")]
    speech = [Utterance(VOICE, Kind.SPEECH, "No.", 0.93)]
    return [
        _cost("a text: no", line, no, render_text, times),
        _cost("a text: a sentence", line, sentence, render_text, times),
        _cost("a call: key 2", line, key, call, times),
        _cost("a call: says no", line, speech, call, times),
    ]


def _cost(
    name: str, line: Line, heard: list[Utterance], render: Callable[[Turn], str], times: int
) -> Cost:
    at = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    asked = cycle(_asked(line, heard[0], at))
    said = cycle(heard)
    at += timedelta(hours=1)
    clock = time.perf_counter_ns
    turns, renders = [], []
    for _ in range(times):
        conversation, utterance = next(asked), next(said)
        began = clock()
        turn = take_turn(line, conversation, utterance, at)
        decided = clock()
        render(turn)
        ended = clock()
        turns.append((ended - began) / 1000)
        renders.append((ended - decided) / 1000)
    # The spread of the medians of ten parts of the run: single turns also show every interrupt.
    size = max(1, times // 10)
    medians = [statistics.median(turns[i : i + size]) for i in range(0, times, size)]
    return Cost(
        name, statistics.median(turns), min(medians), max(medians), statistics.median(renders)
    )


def _asked(line: Line, heard: Utterance, at: datetime) -> list[Conversation]:
    """A conversation at each of the first questions, as somebody gets there on this channel."""
    spoken = heard.kind is not Kind.TEXT
    kind = Kind.DIGITS if spoken else Kind.TEXT
    arrival = Utterance(VOICE, Kind.ARRIVAL) if spoken else Utterance(SMS, Kind.TEXT, "hello")
    conversation: Conversation | None = None
    found = []
    answer = Utterance(heard.channel, kind, "2")
    for utterance in [arrival, Utterance(heard.channel, kind, "1"), *[answer] * _QUESTIONS]:
        turn = take_turn(line, conversation, utterance, at)
        conversation = Conversation(line.flow.version, turn.number, turn.state)
        found.append(conversation)
        at += timedelta(seconds=20)
    return found[1:-1]
