"""What time alone brings: the nudge, the limit, the question of the next day."""

from datetime import timedelta

import pytest

from flows.clock import due
from flows.utterance import Keyword, Kind
from tests.flows.talk import SAFE, Talk, line

FLOW = line().flow


def next_due(talk: Talk) -> timedelta | None:
    """How long after the newest turn the clock has something to do."""
    at = due(FLOW, talk.state, talk.last.at)
    return None if at is None else at - talk.last.at


def asked(*answers: str) -> Talk:
    talk = Talk()
    talk.begin()
    if answers:
        talk.texts(*answers)
    return talk


def emergency() -> Talk:
    talk = asked("1")
    assert talk.position == "emergency"
    return talk


def same_day() -> Talk:
    talk = asked(*SAFE[:10], "1")
    assert talk.position == "same_day"
    return talk


# --- A question that stays unanswered -------------------------------------------------------------


def test_a_red_flag_is_put_once_more_after_half_an_hour() -> None:
    talk = asked()
    assert next_due(talk) == timedelta(minutes=30)
    assert talk.tick(minutes=30) == ["nudge question.bladder"]
    assert talk.words.startswith("Still there? Please answer this question.")
    assert talk.text("2") == ["question.saddle"]


def test_there_is_one_nudge_for_a_question_and_one_for_the_next() -> None:
    talk = asked()
    talk.tick(minutes=30)
    assert talk.tick(minutes=30) == []
    talk.text("2")
    assert talk.tick(minutes=30) == ["nudge question.saddle"]


def test_a_nudge_is_no_answer_and_no_miss() -> None:
    talk = asked("blah")
    before = talk.state
    talk.tick(minutes=30)
    assert talk.state.given == before.given
    assert talk.state.misses == before.misses == 1
    assert talk.state.since == before.since


def test_what_is_no_red_flag_is_not_put_again_unasked() -> None:
    talk = asked(*SAFE[:13])
    assert talk.position == "adult"
    assert talk.tick(minutes=30) == []
    assert next_due(talk) is not None


def test_the_limit_ends_what_is_open_with_the_safety_net() -> None:
    talk = asked()
    talk.tick(minutes=30)
    assert talk.tick(hours=23, minutes=30) == ["unfinished clinic_number safety_net"]
    assert talk.alerts == []
    assert next_due(talk) is None
    assert talk.tick(hours=25) == []


def test_a_doubt_that_is_left_open_is_raised_to_the_clinic() -> None:
    talk = asked("not sure")
    talk.tick(hours=24)
    assert talk.position == "unfinished"
    assert talk.alerts == ["T0"]


def test_a_late_yes_still_counts_after_the_end() -> None:
    talk = asked()
    talk.tick(hours=24)
    assert talk.text("i can't pee at all") == ["emergency", "emergency_more"]


def test_after_today_s_help_was_advised_the_limit_says_it_again() -> None:
    talk = same_day()
    talk.text("maybe some numbness down there")
    assert talk.state.pending
    assert talk.tick(hours=24) == ["same_day", "safety_net"]


# --- Who is not written to ------------------------------------------------------------------------


def test_before_consent_nothing_is_due() -> None:
    talk = Talk()
    talk.text("hello")
    assert next_due(talk) is None
    assert talk.tick(hours=25) == []
    assert talk.position == "consent"


def test_a_caller_is_not_written_to_and_the_clinic_is_told() -> None:
    talk = Talk()
    talk.call()
    talk.press("1")
    talk.press("3")
    talk.event(Kind.HANG_UP)
    assert next_due(talk) is not None
    assert talk.tick(minutes=30) == []
    assert talk.tick(hours=24) == []
    assert (talk.position, talk.alerts) == ("unfinished", ["T0"])


def test_danger_before_consent_is_told_to_the_clinic_at_the_limit() -> None:
    talk = Talk()
    talk.text("hello, maybe some numbness down there")
    assert talk.state.pending
    assert talk.tick(minutes=30) == []
    assert talk.tick(hours=24) == []
    assert talk.position == "unfinished"


@pytest.mark.parametrize("make", [asked, emergency, same_day])
def test_after_stop_nothing_is_sent(make: object) -> None:
    assert callable(make)
    talk: Talk = make()
    talk.text("STOP", keyword=Keyword.STOP)
    assert talk.tick(minutes=30) == []
    assert talk.tick(hours=25) == []


# --- The day after --------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [emergency, same_day])
def test_the_day_after_they_are_asked_whether_they_were_seen(make: object) -> None:
    assert callable(make)
    talk: Talk = make()
    assert next_due(talk) == timedelta(hours=24)
    assert talk.tick(hours=23) == []
    assert talk.tick(hours=1) == ["follow_up"]
    assert next_due(talk) is None
    place = talk.position
    assert talk.text("yes") == ["follow_up_seen safety_net"]
    assert (talk.position, talk.alerts) == (place, talk.alerts[:1])
    assert talk.tick(hours=25) == []


@pytest.mark.parametrize("words", ["2", "3", "no", "need help", "yes but its worse", "hm", "👍?"])
@pytest.mark.parametrize("make", [emergency, same_day])
def test_anything_but_a_plain_yes_is_told_to_the_clinic(make: object, words: str) -> None:
    assert callable(make)
    talk: Talk = make()
    advice = [" ".join(p.key for p in message) for message in talk.last.said]
    talk.tick(hours=24)
    assert talk.text(words) == advice
    assert talk.alerts[1:] == ["not_seen"]


def test_words_of_danger_in_the_answer_are_danger() -> None:
    talk = same_day()
    talk.tick(hours=24)
    assert talk.text("no and now i cant pee") == ["emergency", "emergency_more"]
    assert "T1" in talk.alerts


def test_a_request_is_answered_and_the_question_stays() -> None:
    talk = same_day()
    talk.tick(hours=24)
    assert talk.text("HELP") == ["help follow_up"]
    assert talk.text("1") == ["follow_up_seen safety_net"]


def test_the_answer_may_come_a_day_late() -> None:
    talk = same_day()
    talk.tick(hours=24)
    assert talk.wait(hours=20).text("2") == ["same_day", "safety_net"]


def test_a_t1_stays_a_t1_after_they_were_seen() -> None:
    talk = emergency()
    talk.tick(hours=24)
    talk.text("1")
    assert talk.text("hello again") == ["emergency", "emergency_more"]
    assert talk.text("CHECKED") == ["checked safety_net"]


def test_massage_advice_is_followed_up_by_nobody() -> None:
    talk = asked(*SAFE)
    assert talk.position == "guidance"
    assert next_due(talk) is None
    assert talk.tick(hours=25) == []
