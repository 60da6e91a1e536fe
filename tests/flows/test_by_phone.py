"""What is different when the same flow is spoken."""

import pytest

from flows.utterance import Kind, Utterance
from flows.wording import one_by_one
from tests.flows.talk import CALL, SAFE, SMS, Talk, line
from tests.flows.test_rules import ORDER, TIER, before


def called(question: str = "bladder") -> Talk:
    """A caller who has answered well until `question`, which has just been put."""
    talk = Talk()
    talk.call()
    talk.press("1")
    for answer in SAFE[: ORDER.index(question)]:
        talk.press(answer)
    assert talk.position == question
    return talk


def test_the_same_answers_lead_through_the_same_questions() -> None:
    talk = Talk()
    assert talk.call() == ["language_choice intro_1 intro_2 intro_3"]
    assert talk.press("1") == ["question.bladder"]
    for following, answer in zip(ORDER[1:], SAFE, strict=False):
        assert talk.press(answer) == [f"question.{following}"]
    assert talk.press("1") == ["guidance_1 guidance_2 guidance_3 safety_net after_advice"]


def test_emergency_advice_is_said_twice_with_its_digits_one_by_one() -> None:
    talk = called()
    assert talk.press("1") == ["emergency say_again emergency", "emergency_more after_advice"]
    assert talk.words.count("hang up and call 9 1 1") == 2


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("ring (202) 555-0143.", "ring 2 0 2, 5 5 5, 0 1 4 3."),
        ("020 7946 0001", "0 2 0, 7 9 4 6, 0 0 0 1"),
        ("+1 202-555-0143", "1, 2 0 2, 5 5 5, 0 1 4 3"),
        ("(2 of 3)", "(2 of 3)"),
        ("(2) 3", "2, 3"),
    ],
)
def test_a_number_is_spoken_without_its_brackets(written: str, spoken: str) -> None:
    assert one_by_one(written) == spoken


def test_the_keys_are_named_in_full_for_three_questions() -> None:
    talk = called("saddle")
    assert "4 to hear what this means" in talk.words
    talk.press("2")
    assert "4 to hear what this means" in talk.words
    talk.press("2")
    assert "4 to hear what this means" not in talk.words
    assert "1 yes, 2 no, 3 not sure" in talk.words


def test_the_keys_beside_the_answers() -> None:
    talk = called("saddle")
    assert talk.press("4") == ["more.saddle question.saddle"]
    assert talk.press("9") == ["question.saddle"]
    assert talk.press("7") == ["question.bladder"]
    assert talk.press("8") == ["insist question.bladder"]
    assert talk.press("6") == ["question.bladder"]


@pytest.mark.parametrize(
    ("words", "heard"), [("no", "no"), ("yes", "yes"), ("not sure", "not sure")]
)
def test_an_answer_heard_with_little_confidence_is_read_back(words: str, heard: str) -> None:
    talk = called()
    assert talk.speak(words, 0.3) == ["read_back"]
    assert f"I heard {heard}." in talk.words
    assert talk.position == "bladder"


def test_a_read_back_that_is_confirmed_is_the_answer() -> None:
    talk = called()
    talk.speak("no", 0.3)
    assert talk.press("1") == ["question.saddle"]
    talk.speak("yes", 0.3)
    talk.press("1")
    assert TIER[talk.position] == "T1"


def test_a_read_back_that_is_not_confirmed_asks_the_question_again() -> None:
    talk = called()
    talk.speak("no", 0.3)
    assert talk.press("2") == ["question.bladder"]
    talk.speak("yes", 0.3)
    assert talk.speak("yes", 0.3) == ["read_back_again"]
    assert talk.speak("banana") == ["read_back_again"]
    talk.silence()
    assert talk.position == "unfinished"
    assert talk.alerts == ["T0"]


def test_an_age_told_at_a_read_back_is_no_confirmation() -> None:
    talk = called()
    while talk.position != "adult":
        talk.press("2")
    assert talk.speak("no", 0.3) == ["read_back"]
    assert talk.speak("no im 16") == ["question.adult"]


def test_little_confidence_never_agrees_starts_over_or_checks() -> None:
    talk = Talk()
    talk.call()
    assert talk.speak("yes", 0.3) == ["consent_again"]
    talk = called("saddle")
    assert talk.speak("start over", 0.3) == ["not_understood_1 question.saddle"]
    talk.press("1")
    talk.speak("checked", 0.3)
    assert TIER[talk.position] == "T1"


def test_danger_heard_with_little_confidence_is_asked_about() -> None:
    talk = called("recent")
    assert talk.speak("i wet myself twice today", 0.3) == ["flag_first question.bladder"]
    assert talk.press("2") == ["question.recent"]


def test_silence_is_put_differently_each_time_and_is_never_a_no() -> None:
    talk = called()
    assert talk.silence() == ["no_input_1 question.bladder"]
    assert talk.silence() == ["no_input_2 question.bladder"]
    talk.silence()
    assert talk.position == "unfinished"
    assert talk.state.given == {}


def test_after_the_advice_silence_ends_the_call_and_nine_repeats_it() -> None:
    talk = called()
    advice = talk.press("1")
    assert talk.press("9") == advice
    assert talk.silence() == ["goodbye"]
    assert talk.last.hang_up


@pytest.mark.parametrize("act", ["9", "4", "7", "banana"])
def test_no_caller_can_loop_for_ever(act: str) -> None:
    for start in (Talk(), called(), called("adult")):
        if not start.turns:
            start.call()
        for _ in range(start.line.flow.settings.turns_at_most + 5):
            start.press(act) if act.isdigit() else start.speak(act)
            if start.last.hang_up:
                break
        assert start.last.hang_up


def test_zero_puts_the_call_through_and_comes_back_where_nobody_answers() -> None:
    talk = called("saddle")
    assert talk.press("0") == ["clinic_call"]
    assert talk.last.connect
    assert talk.event(Kind.CLINIC_MISSED) == ["clinic_missed question.saddle"]
    talk.press("0")
    assert talk.event(Kind.CLINIC_REACHED) == ["goodbye"]
    assert talk.last.hang_up


def test_zero_after_an_emergency_says_the_emergency_first() -> None:
    talk = called()
    talk.press("1")
    assert talk.press("0")[0] == "emergency say_again emergency"
    assert talk.last.connect
    assert talk.event(Kind.CLINIC_MISSED)[:2] == ["clinic_missed", "emergency say_again emergency"]


def test_zero_before_consent_comes_back_to_consent() -> None:
    talk = Talk()
    talk.call()
    talk.press("0")
    assert talk.event(Kind.CLINIC_MISSED) == ["clinic_missed consent_again"]


def test_stop_ends_the_call_and_leaves_the_conversation_to_be_resumed() -> None:
    talk = called("saddle")
    assert talk.speak("stop") == ["stopped safety_net"]
    assert talk.last.hang_up
    assert talk.call() == ["welcome_back"]
    assert "You had begun by phone." in talk.words


# --- From one channel to the other ------------------------------------------------------------


def test_begun_by_text_gone_on_with_by_phone_and_back_by_text() -> None:
    talk = before("bowel")
    assert talk.call() == ["welcome_back"]
    assert "You had begun by text. Press 1 to go on, 2 to start again." in talk.words
    assert talk.press("1") == ["question.bowel"]
    assert talk.press("2") == ["question.both_legs"]
    talk.event(Kind.HANG_UP)
    assert talk.text("2") == ["question.weakness"]


def test_a_caller_who_had_begun_may_start_again() -> None:
    talk = before("bowel")
    talk.call()
    assert talk.press("2") == ["question.bladder"]


def test_a_caller_who_says_nothing_at_the_choice_is_asked_again() -> None:
    talk = before("bowel")
    talk.call()
    assert talk.silence() == ["no_input_1", "choice_again"]
    assert talk.speak("banana") == ["choice_again"]
    talk.silence()
    assert talk.position == "unfinished"


def test_a_text_in_the_middle_of_a_choice_or_a_read_back_answers_the_question() -> None:
    talk = before("bowel")
    talk.call()
    assert talk.text("2") == ["question.both_legs"]
    talk.call()
    talk.press("1")
    talk.speak("no", 0.2)
    assert talk.text("2") == ["question.both_legs"]
    assert talk.text("2") == ["question.weakness"]


def test_a_key_for_a_question_that_is_no_longer_asked_is_no_answer() -> None:
    talk = called("saddle")
    put = talk.state.put
    talk.text("2")
    assert talk.stale("2", put, "saddle") == ["too_early question.bowel"]
    assert talk.stale("1", put, "saddle")[0].startswith("emergency")


def test_a_caller_after_an_emergency_hears_it_at_once() -> None:
    talk = before("bladder")
    talk.text("1")
    assert talk.call() == ["emergency say_again emergency", "emergency_more after_advice"]
    assert talk.press("5") == ["checked safety_net after_advice"]


def test_a_caller_after_any_other_end_begins_anew() -> None:
    talk = before("adult")
    talk.text("2")
    assert talk.call() == ["language_choice intro_1 intro_2 intro_3"]
    assert talk.last.opens


@pytest.mark.parametrize(
    ("locale", "number"),
    [("en-GB", "9 9 9"), ("en-IE", "1 1 2 or 9 9 9"), ("en-AU", "0 0 0"), ("en-NZ", "1 1 1")],
)
def test_the_numbers_are_those_of_the_locale(locale: str, number: str) -> None:
    talk = Talk(line=line(locale))
    talk.call()
    talk.press("1")
    talk.press("1")
    assert f"call {number}." in talk.words
    assert "9 1 1" not in talk.words


def test_the_line_waits_for_a_question_that_is_no_longer_asked_in_silence_too() -> None:
    talk = called("saddle")
    put = talk.state.put
    talk.text("2")
    utterance = Utterance(CALL, Kind.SILENCE, in_reply_to=put, question="saddle")
    assert talk.hear(utterance) == ["question.bowel"]


def test_other_requests_by_phone() -> None:
    talk = called("saddle")
    assert talk.speak("help") == ["help question.saddle"]
    assert talk.speak("checked") == ["question.saddle"]
    talk.call()
    assert talk.press("9") == ["welcome_back"]
    assert talk.press("7") == ["choice_again"]


def test_back_and_more_at_a_read_back() -> None:
    talk = called("saddle")
    talk.speak("no", 0.2)
    assert talk.press("4") == ["read_back_again"]
    assert talk.press("7") == ["question.bladder"]


def test_words_of_self_harm_by_phone_are_met_and_the_question_waits() -> None:
    talk = called("saddle")
    assert talk.speak("i want to kill myself") == ["crisis", "question.saddle"]


def test_what_a_recogniser_may_hear_is_known_for_each_question() -> None:
    words = line().words["en"]
    assert "tingling" in words.hints("saddle")


def test_a_text_that_could_confirm_or_answer_is_neither() -> None:
    talk = called("saddle")
    talk.speak("no", 0.2)
    assert talk.text("1") == ["question.saddle"]
    assert talk.state.heard is None


def test_a_text_of_doubtful_words_is_asked_again_and_not_read_back() -> None:
    talk = before("saddle")
    doubtful = Utterance(SMS, Kind.TEXT, "no", confidence=0.0)
    assert talk.hear(doubtful) == ["not_understood_1 question.saddle"]
