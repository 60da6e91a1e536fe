"""Whole conversations at a speaker, over signed requests."""

import json
import logging
from datetime import timedelta

import pytest
from ask_sdk_core.serialize import DefaultSerializer
from ask_sdk_model.request_envelope import RequestEnvelope
from ask_sdk_model.response_envelope import ResponseEnvelope

from flows.utterance import Kind
from tests.alexa.amazon import Speaker
from tests.alexa.doors import House, a_house
from tests.doors import BrokenLog

NO_QUESTION_IS_LONGER = 25


def agreed(house: House, locale: str = "en-US") -> Speaker:
    return house.speaker(locale).launch().intent("AgreeIntent")


def emergency(house: House) -> Speaker:
    return agreed(house).intent("AMAZON.YesIntent")


def to_the_end(house: House) -> Speaker:
    """Everything safe, up to the guidance."""
    speaker = agreed(house)
    for _ in range(NO_QUESTION_IS_LONGER):
        question = house.log.turns[speaker.contact][-1].state.position
        safe = "Yes" if question in ("adult", "clearance", "final_check") else "No"
        if question == "guidance":
            return speaker
        speaker.intent(f"AMAZON.{safe}Intent")
    raise AssertionError("no end")


# --- The answers and the requests ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("intent", "meaning"),
    [
        ("AMAZON.YesIntent", "yes"),
        ("AMAZON.NoIntent", "no"),
        ("NotSureIntent", "unsure"),
        ("SkipIntent", "skipped"),
        ("MoreIntent", "more"),
        ("AMAZON.RepeatIntent", "again"),
        ("AMAZON.PreviousIntent", "back"),
        ("AMAZON.StartOverIntent", "start_over"),
        ("ClinicIntent", "clinic"),
        ("CheckedIntent", "checked"),
        ("AMAZON.StopIntent", "stop"),
        ("AMAZON.CancelIntent", "stop"),
        ("AMAZON.NavigateHomeIntent", "stop"),
        ("AMAZON.HelpIntent", "help"),
        ("AMAZON.FallbackIntent", "no_match"),
        ("SomebodyElsesIntent", "no_match"),
    ],
)
@pytest.mark.parametrize("locale", ["en-US", "es-US"])
def test_an_intent_is_understood_as_what_it_stands_for(
    intent: str, meaning: str, locale: str
) -> None:
    house = a_house()
    speaker = agreed(house, locale).intent(intent)
    turns = [turn for turn in house.log.turns[speaker.contact] if turn.reading]
    assert [turn.reading.meaning.value for turn in turns if turn.reading][-1] == meaning
    assert speaker.words


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        ("yes i do", "yes"),
        ("no", "no"),
        ("i am not sure", "unsure"),
        ("two", "no"),
        ("stop", "stop"),
    ],
)
def test_free_words_are_read_as_a_callers_are(words: str, meaning: str) -> None:
    house = a_house()
    speaker = agreed(house).say(words)
    reading = house.log.turns[speaker.contact][-1].reading
    assert reading is not None
    assert reading.meaning.value == meaning


def test_what_was_said_before_free_words_is_put_back() -> None:
    """It must not get lost that they can't: "feel between my legs" alone is no red flag."""
    house = a_house()
    speaker = agreed(house).intent("WordsICantIntent", words="feel between my legs")
    turn = house.log.turns[speaker.contact][-1]
    assert turn.utterance.words == "i can't feel between my legs"
    assert turn.state.position == "emergency"


def test_words_of_danger_count_before_anything_else() -> None:
    house = a_house()
    speaker = house.speaker().launch().say("my legs are numb and I can't pee")
    assert speaker.words.startswith("Stop. This is a danger sign.")


def test_the_question_of_two_turns_ago_is_not_answered_by_a_late_word() -> None:
    """Two speakers in one household: each answers what it was asked itself."""
    house = a_house()
    kitchen = agreed(house)
    before = kitchen.kept
    bedroom = Speaker(house.amazon, account=kitchen.account)
    kitchen.intent("AMAZON.NoIntent")
    bedroom.intent("AMAZON.NoIntent", kept=before)
    turn = house.log.turns[kitchen.contact][-1]
    assert turn.said[0][0].key == "too_early"
    assert "saddle" not in turn.state.given


def test_the_end_of_the_questions_is_guidance() -> None:
    speaker = to_the_end(a_house())
    assert speaker.words.startswith("You can try gentle massage.")
    assert "Call 9 1 1 or go to the ER at once" in speaker.words
    assert speaker.open


def test_who_asks_for_the_clinic_is_told_its_number_and_asked_again() -> None:
    house = a_house()
    speaker = agreed(house).intent("ClinicIntent")
    assert speaker.heard[0] == "I can't put you through from here."
    assert speaker.heard[1].startswith("The clinic's number is")
    assert speaker.heard[2].startswith("Do you have any new trouble peeing?")
    kinds = [turn.utterance.kind for turn in house.log.turns[speaker.contact]]
    assert kinds[-2:] == [Kind.SPEECH, Kind.CLINIC_MISSED]
    speaker.intent("AMAZON.NoIntent")
    assert speaker.heard[0].startswith("Do you have any numbness")


def test_after_a_t1_the_advice_is_given_once_with_the_clinics_number() -> None:
    speaker = emergency(a_house()).intent("ClinicIntent")
    assert sum(words.startswith("Stop. This is a danger sign.") for words in speaker.heard) == 2
    assert "The clinic's number is" in speaker.words


# --- Silence, and the end of a session ----------------------------------------------------------


def test_silence_is_met_with_the_question_once_more() -> None:
    speaker = agreed(a_house())
    question = speaker.heard[-1]
    speaker.silence()
    assert speaker.heard[0].startswith("I did not hear anything.")
    assert speaker.heard[-1] == question
    assert not speaker.open


def test_silence_after_a_t1_is_met_with_its_advice() -> None:
    speaker = emergency(a_house()).silence()
    assert speaker.words.startswith("Stop. This is a danger sign.")


@pytest.mark.parametrize("reason", ["USER_INITIATED", "EXCEEDED_MAX_REPROMPTS", "ERROR"])
def test_who_comes_back_may_go_on_or_start_over(reason: str) -> None:
    house = a_house()
    speaker = agreed(house).intent("AMAZON.NoIntent").end(reason)
    assert house.log.turns[speaker.contact][-1].utterance.kind is Kind.HANG_UP
    speaker.launch()
    assert speaker.words.startswith("Welcome back.")
    assert "You had begun by voice. Say go on, or start over." in speaker.words
    speaker.intent("AMAZON.ResumeIntent")
    assert speaker.heard[0].startswith("Do you have any numbness")


def test_who_comes_back_to_start_over_is_asked_the_first_question() -> None:
    house = a_house()
    speaker = agreed(house).intent("AMAZON.NoIntent").end().launch()
    speaker.intent("AMAZON.NoIntent")
    assert speaker.heard[-1].startswith("Please say go on")
    speaker.intent("AMAZON.StartOverIntent")
    assert speaker.heard[0].startswith("Do you have any new trouble peeing?")


def test_who_comes_back_the_next_day_begins_anew() -> None:
    house = a_house()
    speaker = agreed(house).end()
    house.clock.at += timedelta(days=2)
    speaker.launch()
    assert "Welcome to the back and neck massage check" in speaker.words


def test_an_end_before_anything_was_said_is_no_conversation() -> None:
    house = a_house()
    speaker = house.speaker().end()
    assert house.log.turns.get(speaker.contact) is None


def test_a_fault_that_ended_a_session_is_logged_by_its_name(
    caplog: pytest.LogCaptureFixture,
) -> None:
    house = a_house()
    speaker = agreed(house)
    with caplog.at_level(logging.WARNING):
        speaker.end("ERROR", error={"type": "INVALID_RESPONSE", "message": "my leg is numb"})
        speaker.end("ERROR", error={"type": "my leg is numb", "message": ""})
    assert "INVALID_RESPONSE" in caplog.text
    assert "unnamed" in caplog.text
    assert "numb" not in caplog.text


def test_stop_says_what_to_watch_for_and_ends_the_session() -> None:
    speaker = agreed(a_house()).intent("AMAZON.StopIntent")
    assert speaker.words.startswith("We stop here.")
    assert "Call 9 1 1" in speaker.words
    assert not speaker.open


# --- What Amazon sends besides ------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["System.ExceptionEncountered", "CanFulfillIntentRequest"])
def test_what_is_no_part_of_a_conversation_is_answered_with_nothing(kind: str) -> None:
    house = a_house()
    speaker = house.speaker().request({"type": kind})
    assert speaker.answer == {"version": "1.0", "response": {}}
    assert house.log.turns == {}


def test_a_skill_that_is_opened_with_words_begins_like_a_text() -> None:
    house = a_house()
    speaker = house.speaker().intent("WordsIHaveIntent", words="a herniated disc")
    assert "Welcome to the back and neck massage check" in speaker.words
    assert speaker.open


def test_the_same_request_twice_is_one_turn_and_one_answer() -> None:
    house = a_house()
    speaker = agreed(house)
    for act in ("AMAZON.NoIntent", "ClinicIntent", "NotSureIntent", "AMAZON.YesIntent"):
        speaker.intent(act)
        turns, answer = len(house.log.turns[speaker.contact]), speaker.answer
        assert speaker.repeat().answer == answer
        assert len(house.log.turns[speaker.contact]) == turns


def test_whatever_fails_is_answered_with_the_safety_net(caplog: pytest.LogCaptureFixture) -> None:
    house = a_house(BrokenLog())
    speaker = house.speaker().launch()
    assert [words.startswith("Call 9 1 1") for words in speaker.heard].count(True) == 2
    assert "The clinic's" not in speaker.heard[0]
    assert "Their number is" in speaker.words
    assert not speaker.open
    assert speaker.account not in caplog.text


def test_two_accounts_are_two_people() -> None:
    house = a_house()
    emergency(house)
    assert "Welcome to" in house.speaker().launch().words


# --- Languages ----------------------------------------------------------------------------------


def test_a_device_in_spanish_is_answered_in_spanish_by_its_own_voice() -> None:
    house = a_house()
    speaker = house.speaker("es-US").launch()
    assert "Le damos la bienvenida" in speaker.words
    ssml = speaker.answer["response"]["outputSpeech"]["ssml"]
    assert '<voice name="Joanna"><lang xml:lang="en-US"><p>For English' in ssml
    speaker.intent("AgreeIntent")
    assert speaker.heard[0].startswith("¿Tiene problemas nuevos para orinar?")
    assert "<voice" not in speaker.answer["response"]["outputSpeech"]["ssml"]
    speaker.intent("AMAZON.YesIntent")
    assert speaker.words.startswith("Alto. Esta es una señal de peligro.")


def test_the_language_may_be_chosen_by_its_name() -> None:
    speaker = a_house().speaker().launch().say("español")
    assert "Le damos la bienvenida" in speaker.words
    assert '<voice name="Lupe"' in speaker.answer["response"]["outputSpeech"]["ssml"]
    # The device still hears English, and an intent is no word: it is understood all the same.
    speaker.intent("AgreeIntent").intent("AMAZON.YesIntent")
    assert speaker.words.startswith("Alto.")


def test_a_device_in_a_language_that_the_line_lacks_is_answered_in_the_lines_own() -> None:
    speaker = a_house().speaker("de-DE").launch()
    assert "Welcome to" in speaker.words
    assert '<voice name="Joanna">' in speaker.answer["response"]["outputSpeech"]["ssml"]
    assert speaker.intent("WordsIchHabeIntent", words="kein gefühl").words


# --- The number to call back --------------------------------------------------------------------


def test_a_number_is_asked_for_after_the_advice_and_kept_apart_from_the_turns() -> None:
    house = a_house()
    speaker = emergency(house)
    assert speaker.heard[-1].startswith("The clinic can't see your phone number.")
    speaker.intent("CallbackNumberIntent", number="2025550143")
    assert speaker.heard[0].startswith(
        "Thank you. The clinic can call you on 2 0 2, 5 5 5, 0 1 4 3."
    )
    assert speaker.heard[1].startswith("Stop. This is a danger sign.")
    assert house.callbacks.numbers == {speaker.contact: "+12025550143"}
    assert "5550143" not in repr(house.log.turns[speaker.contact][-1].utterance)


def test_a_number_may_be_given_at_any_question() -> None:
    house = a_house()
    speaker = agreed(house).intent("CallbackNumberIntent", number="202 555 0143")
    assert speaker.heard[0].startswith("Thank you.")
    assert speaker.heard[1].startswith("Do you have any new trouble peeing?")
    speaker.intent("AMAZON.YesIntent")
    assert "phone number" not in speaker.words


def test_a_number_may_be_the_first_thing_that_is_said() -> None:
    house = a_house()
    speaker = house.speaker().intent("CallbackNumberIntent", number="2025550143")
    assert speaker.heard[0].startswith("Thank you.")
    assert "Welcome to" in speaker.words
    assert house.callbacks.known(speaker.contact)


@pytest.mark.parametrize("number", ["5550143", "911", "two oh two", "", "?"])
def test_a_number_that_is_not_whole_is_asked_for_again(number: str) -> None:
    house = a_house()
    speaker = to_the_end(house).intent("CallbackNumberIntent", number=number)
    assert speaker.heard[0].startswith("I did not get a whole phone number.")
    assert not speaker.elicits
    speaker.intent("CallbackNumberIntent", number="2025550143")
    assert house.callbacks.numbers[speaker.contact] == "+12025550143"
    assert speaker.open


@pytest.mark.parametrize("intent", ["NoNumberIntent", "AMAZON.NoIntent", "SkipIntent"])
def test_no_number_is_an_answer(intent: str) -> None:
    house = a_house()
    speaker = to_the_end(house)
    turns = len(house.log.turns[speaker.contact])
    speaker.intent(intent)
    assert speaker.heard == ["All right, no number.", "Goodbye."]
    assert not speaker.open
    assert house.callbacks.numbers == {}
    assert len(house.log.turns[speaker.contact]) == turns


def test_after_a_t1_no_number_is_met_with_its_advice_again() -> None:
    speaker = emergency(a_house()).intent("NoNumberIntent")
    assert speaker.words.startswith("Stop. This is a danger sign.")
    assert speaker.open


def test_who_did_not_agree_is_asked_for_nothing() -> None:
    speaker = a_house().speaker().launch().intent("AMAZON.NoIntent")
    assert "We did not finish" in speaker.words
    assert "phone number" not in speaker.words


def test_it_is_asked_once_in_a_session() -> None:
    speaker = emergency(a_house())
    speaker.intent("AMAZON.RepeatIntent")
    assert "see your phone number" not in speaker.words


def test_no_to_a_question_is_no_refusal_of_a_number() -> None:
    house = a_house()
    speaker = agreed(house).intent("NoNumberIntent")
    turn = house.log.turns[speaker.contact][-1]
    assert turn.asked == "bladder"
    assert turn.reading is not None
    assert turn.reading.meaning.value != "no"


# --- Amazon's own shapes ------------------------------------------------------------------------


def test_answers_are_of_the_shape_that_amazon_publishes() -> None:
    """Read by the classes of Amazon's own library, and written again: nothing is lost."""
    serializer = DefaultSerializer()
    speaker = house_speaker = a_house().speaker().launch()
    for intent in ("AgreeIntent", "MoreIntent", "AMAZON.YesIntent", "AMAZON.StopIntent"):
        document = json.dumps(speaker.answer)
        read = serializer.deserialize(document, ResponseEnvelope)
        assert serializer.serialize(read) == speaker.answer
        house_speaker.intent(intent)


def test_what_this_test_sends_is_of_the_shape_that_amazon_publishes() -> None:
    speaker = agreed(a_house()).say("my leg is numb")
    read = DefaultSerializer().deserialize(speaker.sent.decode(), RequestEnvelope)
    assert read.request.intent.slots["words"].value == "my leg is numb"


def test_no_to_a_later_question_is_no_refusal_of_a_number() -> None:
    """Asked once, and then on with the questions: a NO is an answer again."""
    house = a_house()
    speaker = emergency(house).intent("CheckedIntent").intent("AMAZON.StartOverIntent")
    speaker.intent("AMAZON.NoIntent")
    assert speaker.heard[0].startswith("Do you have any numbness")
