"""Calls from outside: signed as Twilio signs them, carried out as Twilio carries out TwiML."""

import logging
from collections.abc import Callable
from dataclasses import replace
from operator import methodcaller
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace as change

from flows.definition import Tier
from flows.utterance import Kind
from tests.doors import (
    PUBLIC_URL,
    BrokenLog,
    MemoryLog,
    Watched,
    a_line,
    carrier,
    open_door,
    stored,
)
from tests.twiml_player import Call, Carrier, Texter, read_twiml
from tests.voice.test_render import CLINIC

SAFE = "2" * 13 + "11" + "2" * 5 + "1"
"""The 21 keys that lead to massage guidance."""


@pytest.fixture(params=["memory", "sqlite"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Watched:
    in_memory = request.param == "memory"
    return Watched(MemoryLog(a_line()) if in_memory else stored(tmp_path, a_line()))


@pytest.fixture
def a_carrier(log: Watched) -> Carrier:
    return carrier(open_door(log))


@pytest.fixture
def call(a_carrier: Carrier) -> Call:
    return Call(a_carrier).ring()


def asked(call: Call) -> str:
    return call.heard[-1]


def kinds(log: Watched, call: Call) -> list[Kind]:
    return [turn.utterance.kind for turn in log.turns[call.number]]


@pytest.mark.parametrize("locale", ["en-US", "en-GB", "en-IE", "en-CA", "en-AU", "en-NZ"])
@pytest.mark.parametrize("honours_empty", [True, False])
def test_a_whole_call(locale: str, honours_empty: bool) -> None:
    call = Call(carrier(open_door(line=a_line(locale))), honours_empty=honours_empty).ring()
    assert asked(call).startswith("Welcome to the back and neck massage check for Test Clinic.")
    call.press("1")
    for key in SAFE:
        assert "?" in asked(call)
        call.press(key)
    assert asked(call).startswith("You can try gentle massage.")
    assert "press 9" in asked(call)
    call.press("9")
    assert asked(call).startswith("You can try gentle massage.")
    call.silence()
    assert call.heard == ["Goodbye."]
    assert call.ended


def test_speech(call: Call, log: Watched) -> None:
    call.say("yes").say("no")
    assert "numbness or tingling" in asked(call)
    call.say("no", 0.3)
    assert asked(call).startswith("I heard no. Press 1 if that is right")
    call.press("1")
    assert "loss of control" in asked(call)
    call.say("no", None)
    assert asked(call).startswith("I heard no.")
    call.press("2")
    assert "loss of control" in asked(call)
    assert "bowel" not in log.state(call.number).given


def test_danger_is_heard_to_its_end(call: Call) -> None:
    call.press("1").press("1")
    advice, more = call.heard
    assert advice.count("hang up and call 9 1 1") == 2
    assert call.uninterruptible == [advice]
    assert "press 5" in more
    call.press("9")
    assert call.heard == [advice, more]
    call.silence()
    assert call.ended


@pytest.mark.parametrize("keys", ["#", "*", "5", "11", "##"])
def test_keys_that_mean_nothing_are_no_answer(call: Call, log: Watched, keys: str) -> None:
    call.press("1")
    call.press(keys)
    given = log.state(call.number).given
    assert not call.ended
    assert given == {} or keys == "11"


def test_the_clinic_does_not_answer(call: Call, log: Watched) -> None:
    call.press("1").press("2").press("0")
    assert call.dialled == CLINIC
    assert "hang up and call 9 1 1" in call.heard[-1]
    call.clinic(answers=False, status="busy")
    assert call.heard[0].startswith("The clinic did not answer.")
    assert "numbness or tingling" in asked(call)
    assert kinds(log, call)[-1] is Kind.CLINIC_MISSED


def test_the_clinic_answers(call: Call, log: Watched) -> None:
    call.press("1").press("0").clinic(answers=True)
    assert call.heard == ["Goodbye."]
    assert call.ended
    assert kinds(log, call)[-2:] == [Kind.CLINIC_REACHED, Kind.HANG_UP]


def test_the_clinic_in_danger(call: Call) -> None:
    """Who presses 0 after a danger sign hears the advice before, and again if nobody answers."""
    call.press("1").press("1").press("0")
    assert call.dialled == CLINIC
    assert call.heard[0].startswith("Stop. This is a danger sign.")
    call.clinic(answers=False)
    assert any(words.startswith("Stop. This is a danger sign.") for words in call.heard)
    assert not call.ended


@pytest.mark.parametrize("number", ["anonymous", "+266696687", "client:alice"])
def test_the_clinic_is_shown_a_number_that_it_can_take(a_carrier: Carrier, number: str) -> None:
    call = Call(a_carrier, number).ring().press("0")
    assert call.dial is not None
    assert call.dial.get("callerId") == call.to


def test_hidden_callers_do_not_go_on_with_each_other(a_carrier: Carrier) -> None:
    first = Call(a_carrier, "anonymous").ring().press("1").press("2")
    second = Call(a_carrier, "anonymous").ring()
    assert asked(second).startswith("Welcome to the back")
    first.press("2")
    assert "loss of control" in asked(first)


def test_hanging_up_and_calling_again(call: Call, log: Watched) -> None:
    call.press("1").press("2").hang_up()
    assert kinds(log, call)[-1] is Kind.HANG_UP
    again = Call(call.carrier).ring()
    assert "You had begun by phone. Press 1 to go on, 2 to start again." in asked(again)
    again.press("1")
    assert "numbness or tingling" in asked(again)


def test_hanging_up_before_anything_leaves_nothing(a_carrier: Carrier, log: Watched) -> None:
    call = Call(a_carrier)
    call.hang_up()
    assert log.turns == {}


def test_other_news_of_a_call_leaves_nothing(call: Call, log: Watched) -> None:
    answer = call.carrier.post(f"{PUBLIC_URL}/voice/status", call.fields(CallStatus="ringing"))
    assert (answer.status_code, answer.data) == (204, b"")
    assert kinds(log, call) == [Kind.ARRIVAL]


def test_begun_by_text_and_finished_by_phone(a_carrier: Carrier, log: Watched) -> None:
    texter = Texter(a_carrier)
    for words in ["hello", "agree", "2", "2"]:
        texter.text(words)
    call = Call(a_carrier).ring()
    assert "You had begun by text." in asked(call)
    call.press("1")
    for key in SAFE[2:12]:
        call.press(key)
    call.hang_up()
    for key in SAFE[12:]:
        (message,) = texter.text(key)
    assert message.startswith("You can try GENTLE massage.")
    line = a_line()
    reached = log.state(call.number).reached
    assert reached is not None
    assert line.flow.disposition[reached.disposition].tier is Tier.T5


def test_the_same_request_five_times(call: Call, log: Watched) -> None:
    call.press("1")
    turns = len(log.turns[call.number])
    assert call.gather is not None
    url, form = call.gather.attrib["action"], call.fields(Digits="2")
    answers = {call.carrier.post(url, form).data for _ in range(5)}
    assert len(answers) == 1
    assert b"numbness or tingling" in answers.pop()
    assert len(log.turns[call.number]) == turns + 1


def test_a_key_pressed_for_a_question_that_was_answered_by_text(call: Call) -> None:
    call.press("1")
    Texter(call.carrier).text("2")
    call.press("2")
    assert asked(call).startswith("Your answer came before this question.")
    assert "numbness or tingling" in asked(call)


def test_a_late_yes_to_a_danger_sign_counts(call: Call) -> None:
    call.press("1")
    Texter(call.carrier).text("2")
    call.press("1")
    assert call.heard[0].startswith("Stop. This is a danger sign.")


def test_a_new_flow_in_the_middle_of_a_call() -> None:
    """Its conversation counts from 1 again; the keys of this call's requests must not repeat."""
    log = MemoryLog(a_line())
    call = Call(carrier(open_door(log))).ring().press("1").press("2").press("2")
    log.newest[call.number] = msgspec.structs.replace(log.newest[call.number], version="0.9.0")
    call.press("2")
    assert "To agree and start, press 1." in asked(call)
    call.press("1")
    assert "trouble peeing" in asked(call)
    call.press("2").press("2")
    assert "loss of control" in asked(call)


# --- The end is always reached -----------------------------------------------------------------


def ring_the_clinic(call: Call) -> Call:
    call.press("0")
    return call.clinic(answers=False) if call.dialled else call


ETERNALLY: dict[str, Callable[[Call], Call]] = {
    "silence": Call.silence,
    "junk": lambda call: call.say("the weather is nice today"),
    "mumbling": lambda call: call.say("no", 0.1),
    "0": ring_the_clinic,
    **{key: methodcaller("press", key) for key in "123456789*#"},
}
BEFORE = {
    "at once": "",
    "at a question": "1",
    "after danger": "11",
    "after guidance": "1" + SAFE,
    "after more": "14",
    "at a second doubt": "13",
}


def goes_on(call: Call, before: str, act: Callable[[Call], Call]) -> int:
    """How many acts it takes until the call has ended."""
    for key in before:
        call.press(key)
    for acts in range(1000):
        if call.ended:
            return acts
        said = len(call.everything)
        act(call)
        assert len(call.everything) > said
    raise AssertionError("an endless call")


@pytest.mark.parametrize("act", ETERNALLY.values(), ids=ETERNALLY)
@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
@pytest.mark.parametrize("honours_empty", [True, False])
def test_every_call_ends(act: Callable[[Call], Call], before: str, honours_empty: bool) -> None:
    line = a_line()
    settings = change(line.flow.settings, turns_at_most=30)
    short = replace(line, flow=change(line.flow, settings=settings))
    call = Call(carrier(open_door(line=short)), honours_empty=honours_empty).ring()
    assert goes_on(call, before, act) <= 31


@pytest.mark.parametrize("key", ["4", "6", "9"])
def test_and_with_the_flows_own_settings(key: str) -> None:
    assert goes_on(Call(carrier()).ring(), "1", ETERNALLY[key]) <= 201


# --- When something is wrong -------------------------------------------------------------------

SAFETY_NET = "Call 9 1 1 or go to the ER at once if any of these start."


def is_safety_net(heard: list[str]) -> bool:
    return len(heard) == 2 and all(SAFETY_NET in words for words in heard)


@pytest.mark.parametrize("path", ["/voice", "/voice/turn", "/voice/clinic", "/voice/fallback"])
@pytest.mark.parametrize("query", ["", "?n=1&q=bladder&t=1", "?n=x&t=1", "?n=1"])
def test_a_store_that_is_gone(path: str, query: str, caplog: pytest.LogCaptureFixture) -> None:
    call = Call(carrier(open_door(BrokenLog())))
    with caplog.at_level(logging.DEBUG):
        call.ring(path + query)
    assert is_safety_net(call.heard)
    assert call.ended
    for secret in ("2025550199", "5550199", "CA0"):
        assert secret not in caplog.text
    assert ("failed: " in caplog.text) is True


def test_the_words_of_a_caller_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    carried = carrier(open_door(BrokenLog()))
    form = Call(carried).fields(SpeechResult="my leg is numb", Confidence="0.9")
    with caplog.at_level(logging.DEBUG):
        carried.post(f"{PUBLIC_URL}/voice/turn?n=3&q=saddle&t=5", form)
    assert "voice.turn failed: builtins.ConnectionError at " in caplog.text
    for secret in ("numb", "5550199", "CA0"):
        assert secret not in caplog.text


def test_a_call_without_a_sid(a_carrier: Carrier) -> None:
    call = Call(a_carrier, sid="").ring()
    assert is_safety_net(call.heard)


def test_a_turn_that_says_nothing() -> None:
    log = MemoryLog(a_line())
    call = Call(carrier(open_door(log))).ring()
    key = f"{call.sid}:0"
    log.kept[key] = msgspec.structs.replace(log.kept[key], said=())
    again = Call(call.carrier, sid=call.sid).ring()
    assert is_safety_net(again.heard)


def test_a_log_that_keeps_nothing() -> None:
    class Forgetful:
        def take(self, *_: object) -> None:
            return None

    assert is_safety_net(Call(carrier(open_door(Forgetful()))).ring().heard)


PATHS = ["/voice", "/voice/turn?n=1&q=&t=1", "/voice/clinic?n=1&q=&t=1", "/voice/status",
         "/voice/fallback"]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_strangers(path: str) -> None:
    log = BrokenLog()
    stranger = carrier(open_door(log))
    stranger.token = "another"
    answer = stranger.post(PUBLIC_URL + path, Call(stranger).fields(CallStatus="completed"))
    assert (answer.status_code, answer.data) == (403, b"")
    assert not log.was_asked


@pytest.mark.parametrize("path", PATHS)
def test_nobodys_words_or_number_are_in_a_url(call: Call, path: str) -> None:
    call.press("1").say("my leg is numb").say("no", 0.2)
    for url, _ in call.carrier.sent:
        assert "numb" not in url
        assert "555" not in url
        assert call.sid not in url


def test_urls_are_built_on_the_request_where_there_is_no_public_url() -> None:
    door = open_door(public_url=None)
    there = carrier(door)
    there.public_url = "http://localhost"
    call = Call(there).ring().press("1").press("2")
    assert "numbness or tingling" in asked(call)


def test_a_path_in_front() -> None:
    door = open_door(public_url="https://clinic.example/line/")
    there = carrier(door)
    there.public_url = "https://clinic.example/line"
    call = Call(there).ring().press("1").press("2")
    assert call.gather is not None
    assert call.gather.attrib["action"].startswith("https://clinic.example/line/voice/turn?n=3&")


def test_fallback_asks_nothing_of_the_store(a_carrier: Carrier, log: Watched) -> None:
    call = Call(a_carrier)
    answer = a_carrier.post(f"{PUBLIC_URL}/voice/fallback", call.fields(ErrorCode="11200"))
    assert [verb.tag for verb in read_twiml(answer)] == ["Say", "Say", "Hangup"]
    assert log.turns == {}
