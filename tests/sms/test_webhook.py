"""Texts from outside: signed as Twilio signs them, answered with TwiML."""

import logging
from base64 import b64encode
from dataclasses import replace
from pathlib import Path

import pytest

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
from tests.twiml_player import Carrier, Texter, read_twiml

URL = f"{PUBLIC_URL}/sms"
SAFE = ["2"] * 13 + ["1", "1"] + ["2"] * 5 + ["1"]
"""The 21 answers that lead to massage guidance."""


@pytest.fixture(params=["memory", "sqlite"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Watched:
    in_memory = request.param == "memory"
    return Watched(MemoryLog(a_line()) if in_memory else stored(tmp_path, a_line()))


@pytest.fixture
def texter(log: Watched) -> Texter:
    return Texter(carrier(open_door(log)))


def begun(texter: Texter) -> Texter:
    texter.text("hello")
    texter.text("agree")
    return texter


@pytest.mark.parametrize("locale", ["en-US", "en-GB", "en-IE", "en-CA", "en-AU", "en-NZ"])
def test_a_whole_conversation(locale: str) -> None:
    texter = begun(Texter(carrier(open_door(line=a_line(locale)))))
    for answer in SAFE:
        messages = texter.text(answer)
    assert len(messages) == 1
    assert messages[0].startswith("You can try GENTLE massage.")


def test_danger_comes_first_and_alone(texter: Texter) -> None:
    first, second = begun(texter).text("yes")
    assert first.startswith("DANGER SIGN. Go to the ER now or call 911.")
    assert len(first) <= 160
    assert second.endswith("reply CHECKED.")


def test_every_reply_is_twiml(texter: Texter) -> None:
    for body in ["", "\0", "?", "a" * 1600, "\N{PILE OF POO}" * 400, "STOP", "stop", "hello"]:
        texter.text(body)


def test_a_text_sent_five_times_is_one_turn(log: Watched, texter: Texter) -> None:
    begun(texter)
    form = texter.fields("2")
    answers = {texter.carrier.post(URL, form).data for _ in range(5)}
    assert len(answers) == 1
    assert b"numbness or tingling" in answers.pop()
    assert len(log.turns[texter.number]) == 3


def test_the_same_event_under_another_sid(texter: Texter) -> None:
    begun(texter)
    token = {"I-Twilio-Idempotency-Token": "e-1"}
    first = texter.carrier.post(URL, texter.fields("2"), **token)
    again = texter.carrier.post(URL, texter.fields("2"), **token)
    assert first.data == again.data


def test_whatsapp_goes_on_with_what_a_text_began(texter: Texter) -> None:
    begun(texter)
    (message,) = replace(texter, number=f"whatsapp:{texter.number}").text("2")
    assert "numbness or tingling" in message


def test_nothing_is_sent_after_stop(texter: Texter) -> None:
    begun(texter)
    assert texter.text("STOP", OptOutType="STOP") == []
    assert texter.text("2") == []
    assert texter.text("START", OptOutType="START") == []


def test_danger_in_base64_counts_and_an_answer_does_not(texter: Texter) -> None:
    begun(texter)
    (message,) = texter.text(b64encode(b"my saddle area is numb").decode())
    assert "numbness or tingling between your legs" in message
    (message,) = texter.text(b64encode(b"No I do not have it").decode())
    assert "numbness or tingling between your legs" in message or "I understood" in message


# --- When something is wrong -------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["From", "MessageSid"])
def test_what_cannot_be_placed_gets_the_safety_net(texter: Texter, missing: str) -> None:
    form = texter.fields("my leg is numb")
    for field in {missing, "SmsSid", "SmsMessageSid"} if missing == "MessageSid" else {missing}:
        del form[field]
    (message,) = read_twiml(texter.carrier.post(URL, form))
    assert message.text is not None
    assert "Please call the clinic: +1 202-555-0143." in message.text


def test_a_store_that_is_gone(caplog: pytest.LogCaptureFixture) -> None:
    log = BrokenLog()
    texter = Texter(carrier(open_door(log)))
    with caplog.at_level(logging.DEBUG):
        (message,) = texter.text("my leg is numb")
    assert message.startswith("Call 911 or go to the ER at once")
    assert message.endswith("Please call the clinic: +1 202-555-0143.")
    assert log.was_asked
    assert "sms.text failed: builtins.ConnectionError" in caplog.text
    for secret in ("numb", "2025550199", "SM0"):
        assert secret not in caplog.text


def test_twilios_fallback(texter: Texter) -> None:
    form = texter.fields("no", ErrorCode="11200", ErrorUrl=URL)
    (message,) = read_twiml(texter.carrier.post(f"{URL}/fallback", form))
    assert message.text is not None
    assert message.text.startswith("Call 911 or go to the ER at once")


@pytest.mark.parametrize("path", ["/sms", "/sms/fallback"])
def test_strangers(path: str) -> None:
    log = BrokenLog()
    stranger: Carrier = carrier(open_door(log))
    stranger.token = "another"
    answer = stranger.post(PUBLIC_URL + path, Texter(stranger).fields("hello"))
    assert (answer.status_code, answer.data) == (403, b"")
    assert stranger.client.post(path, data={"From": "+12025550199"}).status_code == 403
    assert not log.was_asked


def test_there_is_no_get() -> None:
    assert carrier().client.get("/sms").status_code == 405
