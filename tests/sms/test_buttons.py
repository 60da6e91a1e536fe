"""Buttons where a channel has them, digits everywhere, and no tap that answers another question.

Each text is a signed webhook; what goes out is asked of a server that stands in for Twilio's API.
"""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from flows.utterance import Medium
from sms import webhook
from sms.buttons import BODY_AT_MOST, Buttons
from telephony.client import Carrier as Api
from tests.doors import PUBLIC_URL, TOKEN, MemoryLog, Watched, a_line, open_door
from tests.twilio_api import Refuse, Sent, TwilioApi
from tests.twiml_player import Carrier, Texter

TEMPLATE = "HX" + "0123456789abcdef" * 2
ANN = "+12025550199"


@pytest.fixture
def twilio() -> Iterator[TwilioApi]:
    with TwilioApi() as api:
        yield api
        assert api.violations == []


@pytest.fixture
def log() -> Watched:
    return Watched(MemoryLog(a_line()))


@pytest.fixture
def texter(twilio: TwilioApi, log: Watched) -> Texter:
    """Somebody on WhatsApp."""
    buttons = Buttons(TEMPLATE, Api(twilio.account, twilio.token, twilio.url).send)
    app = Flask("line")
    app.register_blueprint(webhook.make_blueprint(open_door(log), buttons=buttons))
    carrier = Carrier(app.test_client(), TOKEN, PUBLIC_URL)
    return Texter(carrier, f"whatsapp:{ANN}")


def shown(one: Sent) -> dict[str, str]:
    found: dict[str, str] = json.loads(one.form["ContentVariables"])
    return found


def tap(texter: Texter, one: Sent, digit: str) -> list[str]:
    """A tap on a button, as the template makes it: its id is `a=1&{{2}}`."""
    title = shown(one)[str(2 + int(digit))]
    return texter.text(title, ButtonText=title, ButtonPayload=f"a={digit}&{shown(one)['2']}")


@pytest.mark.parametrize("scheme", ["whatsapp", "rcs"])
def test_a_question_goes_out_with_buttons_and_digits(
    texter: Texter, twilio: TwilioApi, scheme: str
) -> None:
    texter = replace(texter, number=f"{scheme}:{ANN}")
    (intro,) = texter.text("hello")
    assert intro.endswith("MORE for help.")
    assert texter.text("agree") == []
    (one,) = twilio.texts
    assert (one.to, one.form["ContentSid"]) == (f"{scheme}:{ANN}", TEMPLATE)
    body, asking, *names = shown(one).values()
    assert body.startswith("Any new trouble peeing?")
    assert body.endswith("1=Yes 2=No 3=Not sure")
    assert names == ["Yes", "No", "Not sure"]
    assert "q=bladder" in asking
    assert ANN not in asking


def test_a_tap_answers_the_question_above_it(texter: Texter, twilio: TwilioApi) -> None:
    texter.text("hello")
    texter.text("agree")
    assert tap(texter, twilio.texts[0], "2") == []
    assert shown(twilio.texts[1])["1"].startswith("Any numbness or tingling")
    first, _ = tap(texter, twilio.texts[1], "1")
    assert first.startswith("DANGER SIGN.")


def test_digits_and_words_do_as_ever(texter: Texter, twilio: TwilioApi) -> None:
    texter.text("hello")
    texter.text("agree")
    texter.text("2")
    texter.text("no")
    assert shown(twilio.texts[2])["1"].startswith("Any new loss of control")


def test_a_late_tap_is_no_answer_to_another_question(
    texter: Texter, twilio: TwilioApi, log: Watched
) -> None:
    """The old button is on the screen still: its NO is not a NO to what is asked now."""
    texter.text("hello")
    texter.text("agree")
    old = twilio.texts[0]
    tap(texter, old, "2")
    tap(texter, old, "2")
    state = log.state(ANN)
    assert (state.position, set(state.given)) == ("saddle", {"bladder"})


def test_a_late_yes_to_a_red_flag_counts_all_the_same(texter: Texter, twilio: TwilioApi) -> None:
    texter.text("hello")
    texter.text("agree")
    old = twilio.texts[0]
    tap(texter, old, "2")
    assert tap(texter, old, "1")[0].startswith("DANGER SIGN.")


@pytest.mark.parametrize("fault", [Refuse(400, 63016), Refuse(429, 20429), Refuse(500)])
def test_where_buttons_fail_the_question_goes_out_as_a_text(
    texter: Texter, twilio: TwilioApi, fault: Refuse
) -> None:
    texter.text("hello")
    twilio.faults.append(fault)
    (question,) = texter.text("agree")
    assert question.endswith("1=Yes 2=No 3=Not sure")


def test_an_sms_has_no_buttons(texter: Texter, twilio: TwilioApi) -> None:
    texter = replace(texter, number=ANN)
    texter.text("hello")
    assert len(texter.text("agree")) == 1
    assert twilio.texts == []


def test_one_conversation_on_every_channel(texter: Texter, twilio: TwilioApi, log: Watched) -> None:
    replace(texter, number=ANN).text("hello")
    texter.text("agree")
    replace(texter, number=f"rcs:{ANN}").text("2")
    channels = [turn.utterance.channel.name for turn in log.turns[ANN]]
    assert channels == ["sms", "whatsapp", "rcs"]


@pytest.mark.parametrize("locale", ["en-US", "en-GB", "es-ES"])
def test_every_question_fits_above_buttons(locale: str) -> None:
    line = a_line(locale)
    for words in line.words.values():
        longest = max(
            len(words.of(f"more.{name}", Medium.TEXT) + words.of(f"question.{name}", Medium.TEXT))
            for name in line.flow.question
        )
        assert longest + len("\n1=Yes 2=No 3=Not sure") + 200 < BODY_AT_MOST
