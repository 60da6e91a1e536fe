"""What was had can be played again: any conversation, saved as a transcript, goes the same way."""

from datetime import timedelta

import pytest

from app.player import InMemory, Player, difference, played
from exports.acts import transcript_of
from exports.transcript import CALL, TEXT, Act, read_transcript
from flows.conversation import Turn
from tests.test_transcripts import PLAYS, TRANSCRIPTS, a_line

# What is left out: nobody but a test answers a question that is no longer asked.
WITHOUT_LATE = [
    (name, channel)
    for name, channel in PLAYS
    if all(step.act.name != "late" for step in TRANSCRIPTS[name].steps)
]


def again(turns: list[Turn], locale: str) -> list[Turn]:
    """The turns, saved and played; every reply must be the one that was saved."""
    line = a_line(locale)
    transcript = read_transcript(transcript_of(turns, line))
    player = Player(line, transcript.channels[0], InMemory(line))
    gone = []
    for step, turn in played(transcript, player):
        assert not difference(step, turn, line, player.channel)
        if turn is not None:
            gone.append(turn)
    return gone


@pytest.mark.parametrize(("name", "channel"), WITHOUT_LATE)
def test_every_golden_conversation_can_be_saved_and_played(name: str, channel: str) -> None:
    transcript = TRANSCRIPTS[name]
    line = a_line(transcript.locale)
    player = Player(line, channel, InMemory(line))
    turns = [turn for _, turn in played(transcript, player) if turn is not None]
    gone = again(turns, transcript.locale)
    assert [turn.said for turn in gone] == [turn.said for turn in turns]
    assert [turn.reading for turn in gone] == [turn.reading for turn in turns]


def had(*acts: Act | timedelta) -> list[Turn]:
    """The turns of these acts, with pauses between them."""
    line = a_line("en-US")
    player = Player(line, TEXT, InMemory(line))
    turns = []
    for act in acts:
        if isinstance(act, timedelta):
            player.play(Act("wait", detail=f"{act.total_seconds()}s"))
        else:
            turn = player.play(act)
            assert turn is not None
            turns.append(turn)
    return turns


def test_texts_during_a_call_and_silence_after_them() -> None:
    turns = had(Act("call"), Act("press", detail="1"), Act("text", "2"), Act("quiet"), Act("", "1"))
    saved = transcript_of(turns, a_line("en-US"))
    assert saved.startswith(f"channels: {CALL}\nlocale: en-US\n\n> [call]\n")
    assert "> [text] 2\n" in saved
    assert "> [quiet]\n" in saved
    assert [turn.said for turn in again(turns, "en-US")] == [turn.said for turn in turns]


@pytest.mark.parametrize(
    "words",
    ["[press 1]", "[nonsense", "two\nlines", "", "  ", "# no", "= T1", "1 2", "\n1", "é\u2028…"],
)
def test_any_words_can_be_saved(words: str) -> None:
    turns = had(Act("", "hello"), Act("", "agree"), Act("text", words))
    assert [turn.reading for turn in again(turns, "en-US")] == [turn.reading for turn in turns]
    spoken = had(Act("call"), Act("press", detail="1"), Act("say", words or "5", "0.95"))
    assert [turn.reading for turn in again(spoken, "en-US")] == [turn.reading for turn in spoken]


def test_time_counts_where_something_hangs_on_it() -> None:
    """An answer that came before it could be read, and one that came after a day."""
    soon = had(Act("", "hello"), Act("", "agree"), timedelta(seconds=0.4), Act("", "2"))
    late = had(Act("", "hello"), Act("", "agree"), timedelta(hours=25), Act("", "2"))
    assert "> [wait 0.400s]\n" in transcript_of(soon, a_line("en-US"))
    assert "> [wait 90000s]\n" in transcript_of(late, a_line("en-US"))
    for turns in (soon, late):
        assert [turn.said for turn in again(turns, "en-US")] == [turn.said for turn in turns]


def test_nothing_heard_is_no_transcript() -> None:
    with pytest.raises(ValueError, match="nothing was heard"):
        transcript_of([], a_line("en-US"))
