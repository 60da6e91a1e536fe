"""Nothing is played to a visitor that Twilio would not play to a caller."""

import pytest
from werkzeug.wrappers import Response

from handset.call import Call, NotNow
from handset.carrier import Carrier
from handset.twiml import BadTwiml, read_twiml
from tests.doors import carrier


def answer(document: str, status: int = 200, kind: str = "text/xml") -> Response:
    return Response(document.encode(), status, content_type=kind)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (answer("<Response/>", 500), "status 500"),
        (answer("<Response/>", kind="text/html"), "not text/xml"),
        (answer("<Response>"), "not XML"),
        (answer("<Reply/>"), "root <Reply>"),
        (answer("<Response><Play>a.mp3</Play></Response>"), "<Play> in <Response>"),
        (answer('<Response><Say loud="1">a</Say></Response>'), "<Say> has no"),
        (answer("<Response><Say><Hangup/></Say></Response>"), "<Hangup> in <Say>"),
        (answer(f"<Response><Say>{'a' * 4000}</Say></Response>"), "<Say> is empty or too long"),
        (answer("<Response><Message/></Response>"), "<Message> is empty or too long"),
    ],
)
def test_what_twilio_would_not_take(given: Response, why: str) -> None:
    with pytest.raises(BadTwiml, match=why):
        read_twiml(given)


@pytest.fixture
def call() -> Call:
    return Call(carrier(), "+12025550199", "+12025550100").ring()


def test_a_call_goes_on_where_it_stood(call: Call) -> None:
    """What is kept between two acts holds no word of anybody's."""
    kept = call.press("1").kept()
    later = Call(call.carrier, call.number, call.to, call.sid).resume(kept)
    assert later.kept() == kept
    assert "peeing" not in kept
    assert "numbness or tingling" in later.press("2").said[-1].words
    ringing = later.press("0").kept()
    assert "+12025550143" in ringing
    again = Call(call.carrier, call.number, call.to, call.sid).resume(ringing)
    assert again.dialled == "+12025550143"
    assert "did not answer" in again.clinic(answers=False).said[0].words


def test_what_cannot_be_done_now(call: Call) -> None:
    with pytest.raises(NotNow):
        call.clinic(answers=True)
    call.hang_up()
    assert call.kept() == ""
    for act in (call.silence, lambda: call.press("1"), lambda: call.say("no")):
        with pytest.raises(NotNow):
            act()


def test_another_service_is_not_called() -> None:
    with pytest.raises(BadTwiml, match="not an absolute URL of this service"):
        Carrier(carrier().client, "token").post("https://elsewhere.example/sms", {})
