"""What is withheld, and what never is: with the real flow, and without a store."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from app.paced import safety_net
from duty.caps import CAPS, Caps, Pace, Why, reason_of, why, withheld
from flows.conversation import Conversation, Turn, take_turn
from flows.utterance import Channel, Kind, Medium, Utterance
from tests.doors import a_line

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LINE = a_line()
SMS, CALL = Channel("sms", Medium.TEXT), Channel("voice", Medium.VOICE)
OVER = Pace(hour=CAPS.hour)


def heard(words: str, before: Conversation | None, channel: Channel = SMS) -> Turn:
    kind = Kind.TEXT if channel is SMS else Kind.DIGITS
    at = NOON + timedelta(minutes=before.number if before else 0)
    return take_turn(LINE, before, Utterance(channel, kind, words), at)


def after(*said: str, channel: Channel = SMS) -> Conversation:
    conversation: Conversation | None = None
    for words in said:
        turn = heard(words, conversation, channel)
        conversation = Conversation(LINE.flow.version, turn.number, turn.state)
    assert conversation is not None
    return conversation


def paced(turn: Turn, before: Conversation | None, pace: Pace, caps: Caps = CAPS) -> Turn:
    reason = why(caps, pace, before, turn)
    if reason is None:
        return turn
    return withheld(LINE.flow, turn, before, reason, pace, safety_net(LINE, turn))


def keys(turn: Turn) -> list[str]:
    return [part.key for message in turn.said for part in message]


def test_an_ordinary_turn_is_as_it_was() -> None:
    before = after("hello", "agree")
    turn = heard("no", before)
    assert paced(turn, before, Pace(hour=CAPS.hour - 1, day=CAPS.day - 1)) is turn


@pytest.mark.parametrize(
    ("pace", "reason"),
    [
        (Pace(hour=CAPS.hour), "hour"),
        (Pace(day=CAPS.day), "day"),
        (Pace(blocked_at=NOON), "blocked"),
        (Pace(words="I am driving right now", alike=CAPS.alike), "loop"),
    ],
)
def test_a_withheld_answer_does_not_count_as_heard(pace: Pace, reason: str) -> None:
    """The next question was not put, so whoever says it again later answers the same one."""
    before = after("hello", "agree")
    words = pace.words or "no"
    turn = paced(heard(words, before), before, pace)
    assert reason_of(turn) == reason
    assert turn.state == before.state
    assert (turn.number, turn.opens) == (before.number + 1, False)
    assert heard("no", before).asked == turn.asked
    again = heard("no", Conversation(before.version, turn.number, turn.state))
    assert keys(again) == keys(heard("no", before))


def test_the_safety_net_is_given_once_and_then_nothing() -> None:
    before = after("hello", "agree")
    turn = heard("no", before)
    assert keys(paced(turn, before, OVER)) == ["safety_net"]
    assert keys(paced(turn, before, replace(OVER, withheld_at=NOON))) == []


def test_whoever_is_blocked_gets_nothing() -> None:
    before = after("hello", "agree")
    assert keys(paced(heard("no", before), before, Pace(blocked_at=NOON))) == []


def test_a_call_is_never_met_with_silence() -> None:
    before = after("1", "1", channel=CALL)
    for pace in (OVER, replace(OVER, withheld_at=NOON), Pace(blocked_at=NOON)):
        turn = paced(heard("2", before, CALL), before, pace)
        assert keys(turn) == ["safety_net"]
        assert turn.hang_up
        assert not turn.connect


@pytest.mark.parametrize("words", ["i cant feel my bum", "i want to kill myself"])
@pytest.mark.parametrize("begun", [(), ("hello", "agree")])
@pytest.mark.parametrize(
    "pace",
    [
        replace(OVER, withheld_at=NOON),
        Pace(day=CAPS.day),
        Pace(foreign=CAPS.foreign),
        Pace(openings=CAPS.openings),
        Pace(blocked_at=NOON),
    ],
)
def test_red_flag_advice_is_never_capped(words: str, begun: tuple[str, ...], pace: Pace) -> None:
    """Whatever stands against the number, the advice is given and the clinic is told."""
    before = after(*begun) if begun else None
    turn = heard(words, before)
    assert turn.alerts
    assert paced(turn, before, pace) is turn


def test_a_danger_sign_answered_over_the_cap_is_heard() -> None:
    before = after("hello", "agree")
    turn = heard("yes", before)
    assert "T1" in turn.alerts
    assert paced(turn, before, replace(OVER, withheld_at=NOON)) is turn


def test_t1_again_is_the_safety_net_of_whoever_was_told_t1() -> None:
    """A machine whose automatic reply names a danger sign would else be answered for ever."""
    before = after("hello", "agree", "yes")
    turn = heard("ok", before)
    first = paced(turn, before, OVER)
    assert keys(first) == keys(turn)
    assert reason_of(first) == "hour"
    assert keys(paced(turn, before, replace(OVER, withheld_at=NOON))) == []


def test_a_blocked_number_is_told_of_a_danger_sign_once() -> None:
    blocked = Pace(blocked_at=NOON - timedelta(hours=1))
    before = after("hello", "i cant feel my bum")
    turn = heard("i cant feel my bum", before)
    assert keys(paced(turn, before, blocked)) == []
    earlier = Pace(blocked_at=NOON + timedelta(hours=1))
    new = heard("i cant feel my bum", None)
    assert paced(new, None, earlier) is new


@pytest.mark.parametrize("pace", [OVER, Pace(blocked_at=NOON)])
def test_stop_always_counts(pace: Pace) -> None:
    before = after("hello", "agree")
    turn = paced(heard("STOP", before), before, pace)
    assert turn.state.opted_out
    assert turn.said == ()


def test_start_counts_though_its_reply_is_withheld() -> None:
    before = after("hello", "agree", "STOP")
    turn = paced(heard("START", before), before, OVER)
    assert not turn.state.opted_out
    assert turn.state.position == before.state.position


@pytest.mark.parametrize("pace", [Pace(foreign=CAPS.foreign), Pace(openings=CAPS.openings)])
def test_a_crowd_stops_nobody_who_has_begun(pace: Pace) -> None:
    before = after("hello", "agree")
    turn = heard("no", before)
    assert paced(turn, before, pace) is turn


@pytest.mark.parametrize(
    ("pace", "reason"),
    [(Pace(foreign=CAPS.foreign), "country"), (Pace(openings=CAPS.openings), "clinic")],
)
def test_of_a_crowd_each_new_one_gets_the_safety_net(pace: Pace, reason: str) -> None:
    """And is met with the introduction when it is over."""
    turn = paced(heard("hello", None), None, pace)
    assert (keys(turn), reason_of(turn)) == (["safety_net"], reason)
    assert (turn.number, turn.opens) == (1, True)
    so_far = Conversation(LINE.flow.version, 1, turn.state)
    second = paced(heard("hello", so_far), so_far, replace(pace, withheld_at=NOON))
    assert keys(second) == []
    assert keys(heard("hello", so_far))[:1] == ["intro_1"]


@pytest.mark.parametrize("pace", [Pace(foreign=CAPS.foreign), Pace(openings=CAPS.openings)])
def test_of_a_crowd_nobody_who_may_have_a_red_flag_is_met_with_silence(pace: Pace) -> None:
    """Words that would only be asked about get the safety net each time, and not once an hour."""
    turn = heard("my foot feels a bit weird when i walk", None)
    assert turn.reading
    assert turn.reading.flags
    assert turn.alerts == ()
    assert keys(paced(turn, None, replace(pace, withheld_at=NOON))) == ["safety_net"]


def test_no_cap_on_new_people_is_none() -> None:
    turn = heard("hello", None)
    assert paced(turn, None, Pace(openings=10**6), Caps(openings=0)) is turn


@pytest.mark.parametrize("words", ["2", "no", "yes", "not sure"])
def test_the_same_short_answer_is_no_loop(words: str) -> None:
    before = after("hello", "agree")
    pace = Pace(words=words, alike=50)
    assert why(CAPS, pace, before, heard(words, before)) is None


def test_other_words_are_no_loop() -> None:
    before = after("hello", "agree")
    pace = Pace(words="I am driving right now", alike=50)
    assert why(CAPS, pace, before, heard("I have stopped the car now", before)) is None


def test_every_reason_is_read_back() -> None:
    before = after("hello", "agree")
    turn = heard("no", before)
    net = safety_net(LINE, turn)
    for reason in Why:
        assert reason_of(withheld(LINE.flow, turn, before, reason, Pace(), net)) == reason
    assert reason_of(turn) is None
