"""The carrier's news of what was sent reach the outbox, and nobody else's do."""

from typing import cast

import pytest

from duty.delivery import Receipt, Stage
from tests.doors import TOKEN, MemoryLog, Pigeonhole, a_line, make_app, open_door
from tests.twiml_player import Carrier, Texter, read_twiml

TEXT = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": "+12025550199"}
CALL = {"CallSid": "CA1", "CallStatus": "no-answer", "Direction": "outbound-api"}
CALL |= {"From": "+12025550100", "To": "+12025550199"}


def post(path: str, form: dict[str, str], token: str = TOKEN) -> tuple[int, Pigeonhole, MemoryLog]:
    log = MemoryLog(a_line())
    door = open_door(log)
    answer = Carrier(make_app(door).test_client(), token).post(f"https://line.example{path}", form)
    return answer.status_code, cast("Pigeonhole", door.news), log


@pytest.mark.parametrize(
    ("path", "form", "received"),
    [
        ("/sms/status?job=7", TEXT, (7, Receipt("SM1", "delivered", 9, Stage.DELIVERED))),
        (
            "/sms/status?reply=SM2",
            TEXT | {"MessageStatus": "failed", "ErrorCode": "30036"},
            ("reply:SM2", Receipt("SM1", "failed", 9, Stage.FAILED, 30036)),
        ),
        ("/voice/status?job=8", CALL, (8, Receipt("CA1", "no-answer", 9, Stage.FAILED))),
    ],
)
def test_news_is_kept_under_what_it_is_about(
    path: str, form: dict[str, str], received: tuple[int | str, Receipt]
) -> None:
    status, news, log = post(path, form)
    assert (status, news.received) == (204, [received])
    assert log.kept == {}


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/sms/status", TEXT),
        ("/sms/status?job=x", TEXT),
        ("/sms/status?job=7", TEXT | {"MessageStatus": "no such state"}),
        ("/sms/status?job=7", {}),
        ("/voice/status?job=7", CALL | {"CallStatus": "no such state"}),
    ],
)
def test_news_that_says_nothing_is_answered_all_the_same(path: str, form: dict[str, str]) -> None:
    status, news, _ = post(path, form)
    assert (status, news.received) == (204, [])


@pytest.mark.parametrize("path", ["/sms/status?job=7", "/voice/status?job=7"])
def test_news_from_strangers_is_none(path: str) -> None:
    status, news, _ = post(path, TEXT | CALL, token="another")
    assert (status, news.received) == (403, [])


def test_urgent_advice_asks_for_news_of_its_first_message_and_nothing_else_does() -> None:
    """The same request gets the same answer, byte for byte, with the same address in it."""
    carrier = Carrier(make_app(open_door()).test_client(), TOKEN)
    texter = Texter(carrier)
    for body, wanted in (("hello", False), ("agree", False), ("1", True), ("1", True)):
        form = texter.fields(body)
        first, again = (carrier.post(f"{carrier.public_url}/sms", form) for _ in range(2))
        assert first.data == again.data
        asks = [message.get("statusCallback") for message in read_twiml(first)]
        about = f"https://line.example/sms/status?reply={form['MessageSid']}"
        assert asks == ([about] if wanted else [None]) + [None] * (len(asks) - 1)
