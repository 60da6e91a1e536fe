"""Each rule of the clinical content, R1 to R12, as a person meets it."""

import pytest

from flows.clock import due
from flows.danger import danger
from flows.definition import read_flow
from flows.machine import FlowMachine, IllegalMove
from flows.reading import Answer, Expecting, Flag, Miss, Reading
from flows.rules import NotCleared, settle
from flows.step import Step
from flows.utterance import Keyword, Kind, Utterance
from tests.flows.talk import CALL, NOON, SAFE, SMS, Talk, line

FLOW = read_flow()
ORDER = [question.id for question in FLOW.questions]
DANGER = {q.id: "2" if q.turned_round else "1" for q in FLOW.questions}
TIER = {end.id: end.tier.value for end in FLOW.dispositions}
INTRO = "intro_1 intro_2 intro_3"


def before(question: str) -> Talk:
    """A person who has answered well until `question`, which has just been put."""
    talk = Talk()
    talk.begin()
    for answer in SAFE[: ORDER.index(question)]:
        talk.text(answer)
    assert talk.position == question
    return talk


def tier(talk: Talk) -> str:
    return TIER[talk.position]


def test_a_first_text_is_met_with_the_introduction_whatever_it_says() -> None:
    for words in ("hello", "1", "yes", "no", "can massage help my herniated disc?", "agree"):
        assert Talk().text(words) == [INTRO]


def test_every_question_is_asked_in_the_published_order_and_the_end_is_guidance() -> None:
    talk = Talk()
    said = [talk.begin()] + [talk.text(answer) for answer in SAFE]
    assert said[:-1] == [[f"question.{name}"] for name in ORDER]
    assert said[-1] == ["guidance_1 guidance_2 guidance_3 safety_net"]
    assert talk.alerts == []


@pytest.mark.parametrize("question", [q.id for q in FLOW.questions if q.tier == "T1"])
def test_r1_yes_to_an_emergency_question_is_an_emergency_in_that_reply(question: str) -> None:
    talk = before(question)
    first = "emergency_call" if question in ("life_threat", "accident") else "emergency"
    assert talk.text(DANGER[question]) == [first, "emergency_more"]
    assert talk.alerts == ["T1"]


@pytest.mark.parametrize("question", ORDER[:9])
def test_r1_not_sure_is_explained_once_and_is_then_an_emergency(question: str) -> None:
    talk = before(question)
    assert talk.text("3") == [f"more.{question} question.{question}"]
    talk.text("3")
    assert tier(talk) == "T1"


def test_r1_a_no_after_the_explanation_goes_on() -> None:
    assert before("bladder").texts("3", "2") == ["question.saddle"]


@pytest.mark.parametrize("question", ORDER[:9])
def test_r2_a_skipped_emergency_question_is_insisted_on_and_is_then_t2(question: str) -> None:
    talk = before(question)
    assert talk.text("skip") == [f"insist question.{question}"]
    assert talk.text("skip") == ["same_day", "safety_net"]
    assert talk.alerts == ["T2"]


@pytest.mark.parametrize("answer", ["3", "skip"])
def test_r2_the_private_question_may_be_skipped_and_is_then_t2_at_once(answer: str) -> None:
    talk = before("sexual")
    talk.text(answer)
    assert tier(talk) == "T2"


@pytest.mark.parametrize("question", ["unwell", "unrelenting_pain", "circulation"])
@pytest.mark.parametrize("answers", [["1"], ["3", "3"], ["skip", "skip"], ["skip", "3"]])
def test_r3_the_urgent_questions(question: str, answers: list[str]) -> None:
    talk = before(question)
    assert talk.texts(*answers) == ["same_day", "safety_net"]
    assert talk.alerts == ["T2"]


@pytest.mark.parametrize("question", ["adult", "clearance"])
@pytest.mark.parametrize("answer", ["2", "3", "skip"])
def test_r4_anything_but_yes_is_t3_where_yes_is_the_safe_answer(question: str, answer: str) -> None:
    talk = before(question)
    assert talk.text(answer) == ["see_doctor safety_net"]


@pytest.mark.parametrize(
    ("question", "end"),
    [("history", "T3"), ("fragile", "T3"), ("recent", "T4"), ("inflamed", "T4")],
)
@pytest.mark.parametrize("answers", [["1"], ["3", "3"], ["3", "skip"]])
def test_r4_r5_yes_or_not_sure_twice(question: str, end: str, answers: list[str]) -> None:
    talk = before(question)
    talk.texts(*answers)
    assert tier(talk) == end


def test_r5_not_sure_whether_it_spreads_goes_on_and_yes_is_t4() -> None:
    assert before("spreads").text("3") == ["question.final_check"]
    assert before("spreads").text("skip") == ["question.final_check"]
    talk = before("spreads")
    talk.text("1")
    assert tier(talk) == "T4"


@pytest.mark.parametrize("answer", ["2", "3", "skip"])
def test_r6_anything_but_yes_at_the_last_check_is_an_emergency(answer: str) -> None:
    talk = before("final_check")
    talk.text(answer)
    assert tier(talk) == "T1"


def test_r7_after_an_emergency_every_later_word_gets_it_again() -> None:
    talk = before("bladder")
    first = talk.text("1")
    for words in ("no", "it was a mistake", "START OVER", "2", "back", "more", ""):
        assert talk.text(words) == first
    assert talk.wait(days=13).text("hello") == first
    assert talk.alerts == ["T1"]


def test_r7_checked_leads_to_a_doctor_and_to_nothing_less() -> None:
    talk = before("bladder")
    talk.text("1")
    assert talk.text("CHECKED") == ["checked safety_net"]
    assert tier(talk) == "T3"
    talk.text("start over")
    for answer in SAFE:
        talk.text(answer)
    assert talk.position == "held"


def test_r11_after_t0_nothing_is_said_to_hold() -> None:
    talk = Talk()
    talk.texts("hello", "banana", "banana", "banana")
    assert tier(talk) == "T0"
    assert talk.text("agree") == ["unfinished clinic_number safety_net"]
    assert talk.text("start over") == [INTRO]


def test_r8_who_was_sent_to_hospital_and_tells_of_their_chest_is_told_to_call() -> None:
    """Of two ends of one tier the ambulance is the more urgent, and stays so (R9)."""
    talk = Talk()
    talk.begin()
    assert talk.text("1") == ["emergency", "emergency_more"]
    assert talk.text("my chest hurts and i cant breathe") == ["emergency_call", "emergency_more"]
    for words in ("thanks", "i am numb between my legs", "START OVER", "MORE"):
        assert talk.text(words) == ["emergency_call", "emergency_more"]
    assert talk.text("CHECKED") == ["checked safety_net"]


def test_r8_of_two_red_flags_in_one_text_the_ambulance_comes_first() -> None:
    talk = Talk()
    talk.begin()
    said = talk.text("i am numb between my legs and i have crushing chest pain")
    assert said == ["emergency_call", "emergency_more"]


def test_r8_what_is_worse_at_the_follow_up_is_told_to_the_clinic_as_well() -> None:
    talk = Talk()
    talk.begin()
    talk.text("1")
    talk.tick(hours=24)
    assert talk.text("no, and now i have chest pain") == ["emergency_call", "emergency_more"]
    assert talk.last.alerts == ("not_seen",)


def test_r7_no_guidance_for_fourteen_days_and_then_again() -> None:
    talk = before("bladder")
    talk.texts("1", "CHECKED")
    for days, end in ((7, "held"), (8, "guidance")):
        talk.wait(days=days).begin()
        talk.texts(*SAFE)
        assert talk.position == end


def test_r7_a_release_by_the_staff_lets_the_next_conversation_come_to_guidance() -> None:
    talk = before("bladder")
    talk.text("1")
    assert talk.text("hello") == ["emergency", "emergency_more"]
    assert talk.release() == []
    assert (tier(talk), talk.alerts) == ("T1", ["T1"])
    assert talk.begin() == ["question.bladder"]
    talk.texts(*SAFE)
    assert talk.position == "guidance"


def test_r7_a_release_after_checked_lifts_the_hold() -> None:
    talk = before("bladder")
    talk.texts("1", "CHECKED")
    assert talk.wait(days=2).release() == []
    talk.begin()
    talk.texts(*SAFE)
    assert talk.position == "guidance"


def test_r7_a_release_takes_back_nothing_but_the_t1() -> None:
    """Help today stays what was reached, and what is being answered stays answered."""
    talk = before("unwell")
    talk.text("1")
    state = talk.state
    talk.release()
    assert talk.state == state
    talk = before("bladder")
    talk.texts("1", "CHECKED")
    talk.wait(days=2).begin()
    talk.texts(*SAFE[:5])
    talk.release()
    talk.texts(*SAFE[5:])
    assert talk.position == "guidance"


def test_r7_a_second_t1_after_a_release_is_a_t1_again() -> None:
    talk = before("bladder")
    talk.text("1")
    talk.release()
    talk.begin()
    assert talk.text("1") == ["emergency", "emergency_more"]
    assert talk.text("hello") == ["emergency", "emergency_more"]


def test_r13_nobody_who_was_released_is_asked_whether_they_were_seen() -> None:
    talk = before("bladder")
    talk.text("1")
    talk.release()
    assert due(talk.line.flow, talk.state, talk.at) is None
    assert talk.tick(hours=25) == []


def test_checked_means_nothing_elsewhere() -> None:
    talk = before("saddle")
    assert talk.text("CHECKED") == ["question.saddle"]


def test_r9_a_later_yes_counts_and_a_later_no_does_not_take_it_back() -> None:
    talk = before("circulation")
    assert talk.texts("back", "back") == ["question.unwell"]
    talk.text("1")
    assert tier(talk) == "T2"
    assert talk.text("start over") == ["question.bladder"]
    talk.texts(*["2"] * 13)
    assert tier(talk) == "T2"
    assert talk.state.given["unwell"].answer is Answer.YES
    assert talk.alerts == ["T2"]


def test_r10_start_over_keeps_a_doubt_as_the_first_of_two() -> None:
    talk = before("saddle")
    talk.texts("3", "start over", "2", "3")
    assert tier(talk) == "T1"


def test_r10_a_tier_once_reached_holds_for_a_day() -> None:
    talk = before("history")
    talk.texts("1", "start over", *SAFE)
    assert tier(talk) == "T3"
    assert "you have had cancer" in talk.words
    talk.wait(hours=25).begin()
    talk.texts(*SAFE)
    assert tier(talk) == "T5"


def test_r11_three_misses_end_unfinished_and_are_never_a_no() -> None:
    talk = before("bowel")
    assert talk.text("banana") == ["not_understood_1 question.bowel"]
    assert talk.text("banana") == ["not_understood_2 question.bowel question.bowel"]
    assert talk.text("banana") == ["unfinished_misses unfinished clinic_number safety_net"]
    assert tier(talk) == "T0"
    assert "bowel" not in talk.state.given
    assert talk.alerts == ["T0"]


def test_r11_silence_alone_is_not_raised_to_the_clinic() -> None:
    talk = Talk()
    talk.call()
    talk.press("1")
    for _ in range(2):
        talk.silence()
    assert talk.silence() == ["unfinished_misses unfinished clinic_number safety_net after_advice"]
    assert talk.alerts == []


def test_r11_an_unfinished_conversation_with_a_doubt_is_raised() -> None:
    talk = before("bowel")
    talk.texts("3", "", "", "")
    assert talk.alerts == ["T0"]


def test_r11_misses_are_counted_for_each_question() -> None:
    talk = before("bowel")
    talk.texts("banana", "banana", "2", "banana")
    assert talk.position == "both_legs"


@pytest.mark.parametrize("answer", ["2", "3", "hello"])
def test_r12_an_old_question_is_not_resumed(answer: str) -> None:
    talk = before("both_legs")
    assert talk.wait(hours=25).text(answer) == [INTRO]
    assert talk.text("agree") == ["question.bladder"]
    assert talk.state.given == {}


def test_r12_a_late_yes_to_a_red_flag_still_counts() -> None:
    talk = before("both_legs")
    talk.wait(hours=25).text("yes")
    assert tier(talk) == "T1"


def test_a_conversation_under_another_major_version_gives_way() -> None:
    talk = before("both_legs")
    assert talk.conversation is not None
    talk.conversation = type(talk.conversation)("0.9.0", 5, talk.state)
    assert talk.text("2") == [INTRO]


def test_back_asks_the_one_before_and_takes_its_answer_anew() -> None:
    talk = before("bowel")
    assert talk.text("back") == ["question.saddle"]
    assert "saddle" not in talk.state.given
    assert talk.text("2") == ["question.bowel"]
    assert before("bladder").text("back") == ["question.bladder"]


def test_more_explains_as_often_as_one_likes_but_not_for_ever() -> None:
    talk = before("bladder")
    for _ in range(FLOW.settings.turns_at_most):
        if talk.position != "bladder":
            break
        talk.text("more")
    assert tier(talk) == "T0"
    assert talk.last.number <= FLOW.settings.turns_at_most + 1


def test_no_to_the_introduction_ends_unfinished() -> None:
    talk = Talk()
    assert talk.texts("hello", "no") == ["unfinished clinic_number safety_net"]
    assert talk.text("start over") == [INTRO]


def test_after_the_end_the_line_still_answers() -> None:
    talk = Talk()
    talk.begin()
    talk.texts(*SAFE)
    assert talk.text("thanks") == ["ended safety_net"]
    assert talk.text("more") == ["guidance_more guidance_why safety_net"]
    assert talk.wait(hours=25).text("hello") == [INTRO]


# --- STOP, START, HELP ------------------------------------------------------------------------


def test_stop_sends_nothing_until_start() -> None:
    talk = before("saddle")
    assert talk.text("STOP") == []
    assert talk.text("hello") == []
    assert talk.text("2") == []
    assert talk.position == "saddle"
    assert talk.text("START") == ["question.saddle"]


@pytest.mark.parametrize("keyword", list(Keyword))
def test_a_keyword_that_the_carrier_answers_gets_no_second_reply(keyword: Keyword) -> None:
    assert before("saddle").text(keyword.value, keyword=keyword) == []


def test_a_yes_that_the_carrier_took_for_start_is_still_the_answer() -> None:
    talk = before("saddle")
    assert talk.text("YES", keyword=Keyword.START) == ["emergency", "emergency_more"]


def test_danger_reaches_even_who_has_opted_out_once() -> None:
    talk = before("saddle")
    talk.text("stop")
    assert talk.text("i can't feel when i pee") == ["emergency", "emergency_more"]
    assert talk.text("hello") == []
    assert talk.alerts == ["T1"]


def test_who_has_opted_out_is_not_asked_about_what_words_may_mean() -> None:
    talk = before("bladder")
    talk.text("stop")
    assert talk.text("maybe my bum is numb") == []
    assert talk.last.reading is not None
    assert talk.last.reading.flags


def test_opting_out_lasts_longer_than_a_conversation() -> None:
    talk = before("saddle")
    talk.text("stop")
    assert talk.wait(days=3).text("hello") == []


def test_stop_within_a_sentence_is_no_opt_out() -> None:
    talk = before("bladder")
    talk.text("can't stop peeing")
    assert not talk.state.opted_out
    assert tier(talk) == "T1"


def test_help_gives_the_emergency_number_and_the_question_again() -> None:
    talk = before("saddle")
    assert talk.text("HELP") == ["help question.saddle"]
    assert "911" in talk.words


# --- When it came -----------------------------------------------------------------------------


def test_a_text_that_came_before_its_question_could_be_read_is_no_answer() -> None:
    talk = Talk(line=line(reading_seconds=60))
    talk.text("hello")
    assert talk.text("agree") == ["too_early consent_again"]
    assert talk.wait(seconds=60).text("agree") == ["question.bladder"]
    assert talk.text("2") == ["too_early question.bladder"]
    assert talk.text("i wet myself twice today") == ["emergency", "emergency_more"]


def test_the_time_to_read_is_not_begun_again_by_asking_again() -> None:
    talk = Talk(line=line(reading_seconds=50))
    talk.text("hello")
    talk.wait(seconds=60).text("agree")
    talk.text("2")
    talk.wait(seconds=20)
    assert talk.text("2") == ["question.saddle"]


def test_a_state_of_the_line_names_what_it_waits_for() -> None:
    talk = Talk()
    talk.text("hello")
    assert talk.state.expecting is Expecting.CONSENT
    talk.text("agree")
    assert talk.state.expecting is Expecting.ANSWER
    talk.text("1")
    assert talk.state.expecting is Expecting.NOTHING


def test_a_hang_up_changes_nothing_but_the_log() -> None:
    talk = before("saddle")
    state = talk.state
    assert talk.event(Kind.HANG_UP) == []
    assert talk.state == state


# --- Words of danger (R8) ---------------------------------------------------------------------

CLEAR = "i wet myself twice today"
MAYBE = "my foot drags a bit maybe"
CRISIS = "i want to kill myself"


def test_r8_clear_words_are_an_emergency_at_any_time() -> None:
    emergency = ["emergency", "emergency_more"]
    assert Talk().text(CLEAR) == emergency
    assert before("recent").text(CLEAR) == emergency
    talk = before("final_check")
    talk.text("1")
    assert talk.text(CLEAR) == emergency
    assert talk.alerts == ["T1"]


def test_r8_clear_words_of_an_urgent_question_are_t2_at_once() -> None:
    talk = before("saddle")
    assert talk.text("i am shivering with a fever") == ["same_day", "safety_net"]


def test_r8_an_answer_more_urgent_than_the_words_comes_first() -> None:
    talk = before("saddle")
    talk.text("yes and i am shivering with a fever")
    assert tier(talk) == "T1"


def test_r8_words_that_may_match_are_asked_about_next_and_not_again_in_their_turn() -> None:
    talk = before("saddle")
    assert talk.text(MAYBE) == ["flag_first question.foot_drop"]
    assert talk.text("more") == ["more.foot_drop question.foot_drop"]
    assert talk.text("back") == ["question.foot_drop"]
    assert talk.text("2") == ["question.saddle"]
    assert talk.texts(*["2"] * 4) == ["question.spinal_cord"]


def test_r8_words_before_consent_are_asked_about_before_it() -> None:
    talk = Talk()
    assert talk.text(MAYBE) == ["flag_first question.foot_drop"]
    assert "call 911" in talk.words
    assert talk.call() == ["flag_first question.foot_drop"]
    assert talk.text("2") == [INTRO]


def test_r8_words_after_the_end_are_asked_about() -> None:
    talk = before("final_check")
    talk.text("1")
    assert talk.text(MAYBE) == ["flag_first question.foot_drop"]
    assert talk.text("2") == ["ended safety_net"]
    talk.text(MAYBE)
    talk.text("1")
    assert tier(talk) == "T1"


def test_r8_after_t2_what_could_still_be_t1_is_asked_in_a_message_of_its_own() -> None:
    talk = before("unwell")
    said = talk.text("yes and " + MAYBE)
    assert said == ["same_day", "safety_net", "flag_first question.foot_drop"]
    assert talk.texts("banana", "banana", "banana") == ["same_day", "safety_net"]


def test_r8_two_things_said_at_once_are_asked_one_after_the_other() -> None:
    both = MAYBE + " and sometimes my hands may be a bit clumsy"
    talk = before("saddle")
    assert talk.text(both) == ["flag_first question.foot_drop"]
    assert set(talk.state.pending) == {"foot_drop", "spinal_cord"}
    talk.text("and " + both)
    assert talk.state.pending == ("foot_drop", "spinal_cord")
    assert talk.text("2") == ["question.spinal_cord"]
    assert talk.text("2") == ["question.saddle"]


def test_r8_words_about_the_question_itself_answer_it() -> None:
    talk = before("fragile")
    talk.text("i take eliquis")
    assert tier(talk) == "T3"
    talk = before("adult")
    talk.text("i am in year 9 at school")
    assert tier(talk) == "T3"


def test_words_of_self_harm_get_the_crisis_text_and_tell_the_clinic() -> None:
    talk = before("saddle")
    assert talk.text(CRISIS) == ["crisis"]
    assert "988" in talk.words
    assert talk.alerts == ["crisis"]
    assert talk.text("2") == ["question.bowel"]


def test_words_of_self_harm_beside_an_emergency_get_both() -> None:
    talk = before("saddle")
    said = talk.text(f"{CRISIS} and {CLEAR}")
    assert said == ["emergency", "emergency_more", "crisis"]
    assert talk.alerts == ["T1", "crisis"]
    assert talk.text(CRISIS) == ["crisis", "emergency", "emergency_more"]


def test_words_of_self_harm_as_the_first_words_do_not_begin_the_questions() -> None:
    talk = Talk()
    assert talk.text(CRISIS) == ["crisis"]
    assert talk.text("hello") == [INTRO]


# --- What else can be asked of the line -------------------------------------------------------


def test_help_as_the_first_word_begins_as_well() -> None:
    assert Talk().text("HELP") == ["help", INTRO]


def test_the_clinic_by_text_is_a_number() -> None:
    talk = before("saddle")
    assert talk.text("clinic") == ["clinic_call question.saddle"]
    assert "+1 202-555-0143" in talk.words


def test_more_after_the_end_gives_the_advice_again() -> None:
    talk = before("recent")
    advice = talk.text("1")
    assert talk.text("more") == advice
    assert talk.text("again") == advice


def test_more_and_again_at_the_introduction() -> None:
    talk = Talk()
    talk.text("hello")
    assert talk.text("more") == ["consent_more"]
    assert talk.text("again") == [INTRO]
    assert talk.text("back") == ["consent_again"]
    assert talk.text("start over") == [INTRO]


def test_starting_over_beyond_the_bound_begins_a_new_conversation() -> None:
    talk = before("bladder")
    while talk.position == "bladder":
        talk.text("more")
    assert talk.text("start over") == [INTRO]
    assert talk.last.opens


def test_guidance_is_never_given_without_its_answers() -> None:
    with pytest.raises(NotCleared, match="bladder"):
        settle(FLOW, "guidance", {}, None, None, NOON)


def test_a_move_that_the_table_does_not_hold_is_refused() -> None:
    machine = FlowMachine(FLOW)
    for place, trigger in (("bladder", "guidance"), ("nowhere", "go_on"), ("bladder", "fly")):
        with pytest.raises(IllegalMove, match=f"{trigger} from {place}"):
            machine.move(place, trigger)


def test_a_yes_that_grows_old_while_the_person_answers_still_counts() -> None:
    talk = before("saddle")
    talk.texts("i am shivering with a fever", "start over")
    for answer in SAFE:
        if talk.position in TIER:
            break
        talk.wait(hours=13).text(answer)
    assert tier(talk) == "T2"


def test_an_old_t2_does_not_become_unfinished() -> None:
    talk = before("saddle")
    talk.text("i am shivering with a fever")
    assert talk.wait(hours=13).text(MAYBE) == ["flag_first question.foot_drop"]
    talk.wait(hours=13)
    assert talk.texts("banana", "banana", "banana") == ["same_day", "safety_net"]


@pytest.mark.parametrize("words", ["2", "no", ""])
def test_a_picture_is_never_a_no_whatever_its_caption(words: str) -> None:
    talk = before("saddle")
    assert talk.text(words, attachments=1) == ["not_understood_1 question.saddle"]
    talk.text("1", attachments=1)
    assert tier(talk) == "T1"


def test_a_picture_is_never_the_safe_yes() -> None:
    assert before("adult").text("1", attachments=1) == ["not_understood_1 question.adult"]


def test_help_and_start_after_an_emergency_get_it_again() -> None:
    talk = before("bladder")
    advice = talk.text("1")
    assert talk.text("HELP") == ["help", *advice]
    assert talk.text("START") == advice


# --- Found by walking every state: silence and lost answers ------------------------------------

HANDS = "maybe my hands are clumsy"


def test_words_about_another_flag_while_one_is_asked_about_are_never_met_with_silence() -> None:
    talk = before("saddle")
    talk.text(MAYBE)
    assert talk.text(HANDS) == ["question.foot_drop"]
    assert talk.text("2") == ["question.spinal_cord"]


def test_words_about_a_flag_that_was_advised_on_already_are_never_met_with_silence() -> None:
    talk = before("unwell")
    talk.text("1")
    assert talk.text("i might have a fever") == ["ended safety_net"]


def test_a_yes_beyond_the_bound_is_an_emergency_all_the_same() -> None:
    talk = before("bladder")
    while talk.last.number < FLOW.settings.turns_at_most:
        talk.text("more")
    talk.text("1")
    assert tier(talk) == "T1"
    assert talk.alerts == ["T1"]


@pytest.mark.parametrize("keyword", [None, Keyword.START])
def test_a_yes_by_text_after_a_call_was_greeted_is_the_answer(keyword: Keyword | None) -> None:
    talk = before("saddle")
    talk.call()
    talk.event(Kind.HANG_UP)
    talk.text("YES", keyword=keyword)
    assert tier(talk) == "T1"


def test_a_yes_with_a_possible_flag_after_a_call_was_greeted_is_the_answer() -> None:
    talk = before("saddle")
    talk.call()
    talk.text("yes and " + MAYBE)
    assert tier(talk) == "T1"


def test_a_yes_that_the_carrier_took_for_start_agrees_too() -> None:
    talk = Talk()
    talk.text("hello")
    assert talk.text("YES", keyword=Keyword.START) == ["question.bladder"]


def test_starting_over_forgets_what_was_not_understood() -> None:
    talk = Talk()
    talk.text("i am shivering with a fever")
    talk.hear(Utterance(CALL, Kind.SPEECH, "banana"))
    talk.hear(Utterance(CALL, Kind.SPEECH, "banana"))
    talk.text("start over")
    assert talk.text("banana") == ["consent_again"]


def test_certain_words_about_the_last_check_never_lead_to_guidance() -> None:
    step = Step(line(), SMS, 2, NOON, before("saddle").state)
    assert not danger(step, Reading(Miss.NO_MATCH, "x", (Flag("final_check", True, "x"),)))
    assert step.messages == []
