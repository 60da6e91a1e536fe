"""Advice counts as heard where the log shows that it was, and nowhere else."""

from datetime import timedelta

import pytest

from duty.patient import urgent_tier
from duty.spoken import UNDER_WAY, advice_was_heard, time_to_say
from flows.conversation import Turn
from flows.definition import RED_FLAG_TIERS
from flows.utterance import Channel, Kind, Medium, Utterance
from tests.flows.talk import Talk, line

VOICE = Channel("voice", Medium.VOICE)
SECOND = timedelta(seconds=1)


def called(*then: tuple[Kind, float]) -> tuple[list[Turn], int]:
    """A call that reaches T1, and what was heard so many seconds after the advice began."""
    talk = Talk()
    talk.call()
    talk.press("1")
    talk.press("1")
    assert urgent_tier(line().flow, talk.position) is not None
    number, begun = talk.last.number, talk.last.at
    for kind, seconds in then:
        talk.at = begun + (seconds - 20) * SECOND  # a talk's turns are 20 seconds apart
        talk.hear(Utterance(VOICE, kind, "9" if kind is Kind.DIGITS else ""))
    return talk.turns, number


def test_the_first_message_is_what_counts_said_once() -> None:
    turns, _ = called()
    words = turns[-1].said[0][0].words.split()
    assert time_to_say(turns[-1]) == timedelta(seconds=len(words) / 2.2)
    assert time_to_say(turns[-1]) > 5 * SECOND


@pytest.mark.parametrize("kind", [Kind.DIGITS, Kind.SILENCE, Kind.CLINIC_MISSED])
def test_who_answers_has_heard_it(kind: Kind) -> None:
    turns, number = called((kind, 2), (Kind.HANG_UP, 3))
    assert advice_was_heard(turns, number)


def test_a_call_must_last_as_long_as_it_takes_to_say_it() -> None:
    needed = (time_to_say(called()[0][-1]) + UNDER_WAY) / SECOND
    assert not advice_was_heard(*called((Kind.HANG_UP, needed - 1)))
    assert advice_was_heard(*called((Kind.HANG_UP, needed + 1)))


def test_what_is_not_known_was_not_heard() -> None:
    assert not advice_was_heard(*called())
    assert not advice_was_heard(*called((Kind.ARRIVAL, 600), (Kind.DIGITS, 630)))


def test_a_text_says_nothing_about_the_call() -> None:
    turns, number = called()
    talk = Talk()
    talk.begin()
    assert not advice_was_heard([*turns, *(t for t in talk.turns if t.number > number)], number)


def test_no_advice_is_a_last_message_which_a_key_cuts_short() -> None:
    """The advice is heard to its end before a key counts: so says `advice_was_heard`."""
    urgent = [one for one in line().flow.disposition.values() if one.tier in RED_FLAG_TIERS]
    assert urgent
    assert all(len(one.messages) > 1 for one in urgent)
