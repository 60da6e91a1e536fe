"""The golden conversations: each on both channels, stored and read back between every two steps."""

from functools import lru_cache
from pathlib import Path

import pytest

from app.player import InMemory, Player, difference, played
from exports.transcript import read_transcript
from flows.line import Line, build_line
from flows.wording import Clinic

FOLDER = Path(__file__).parent / "transcripts"
TRANSCRIPTS = {path.stem: read_transcript(path.read_text()) for path in FOLDER.glob("*.txt")}
PLAYS = [
    (name, channel)
    for name, transcript in sorted(TRANSCRIPTS.items())
    for channel in transcript.channels
]


@lru_cache
def a_line(locale: str) -> Line:
    clinic = Clinic("Demo Clinic", "+12025550143", "(202) 555-0143")
    return build_line(locale, clinic, reading_seconds=1.5)


@pytest.mark.parametrize(("name", "channel"), PLAYS)
def test_it_goes_as_it_is_written(name: str, channel: str) -> None:
    transcript = TRANSCRIPTS[name]
    line = a_line(transcript.locale)
    player = Player(line, channel, InMemory(line))
    for step, turn in played(transcript, player):
        different = difference(step, turn, line, player.channel)
        assert not different, f"{name}.txt, {different}"
