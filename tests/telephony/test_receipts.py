"""The carrier's news of what it took: each state has its place, and unknown ones none."""

import pytest

from duty.delivery import Receipt, Stage
from telephony.outgoing import Taken
from telephony.receipts import call_receipt, job_id, text_looked_up, text_receipt

WAYS = {
    text_receipt: [
        ["accepted", "sending", "sent", "delivered", "read"],
        ["queued", "sending", "sent", "undelivered"],
        ["scheduled", "canceled"],
        ["queued", "failed"],
        ["sent", "partially_delivered"],
    ],
    call_receipt: [
        ["queued", "ringing", "in-progress", "completed"],
        ["initiated", "ringing", "answered", "completed"],
        ["initiated", "ringing", "no-answer"],
        ["queued", "busy"],
        ["queued", "failed"],
        ["ringing", "canceled"],
    ],
}


def news(state: str, code: str = "") -> dict[str, str]:
    sids = {"MessageSid": "SM1", "CallSid": "CA1"}
    return {**sids, "MessageStatus": state, "CallStatus": state, "ErrorCode": code}


@pytest.mark.parametrize("read", WAYS)
def test_each_state_is_further_on_than_the_one_before(read: object) -> None:
    assert read in (text_receipt, call_receipt)
    receive = text_receipt if read is text_receipt else call_receipt
    for way in WAYS[receive]:
        found = [receive(news(state)) for state in way]
        ranks = [one.rank for one in found if one]
        assert ranks == sorted(set(ranks))
        assert len(ranks) == len(way)


def test_a_text_that_did_not_arrive() -> None:
    expected = Receipt("SM1", "undelivered", 9, Stage.FAILED, 30003)
    assert text_receipt(news("undelivered", "30003")) == expected
    assert text_looked_up(Taken("SM1", "undelivered", code=30003)) == expected
    old_names = {"SmsSid": "SM1", "SmsStatus": "undelivered", "ErrorCode": "30003"}
    assert text_receipt(old_names) == expected


@pytest.mark.parametrize(
    "form",
    [{}, news("no such state"), news("received"), {"MessageStatus": "sent"}, {"MessageSid": "SM1"}],
)
def test_news_that_says_nothing(form: dict[str, str]) -> None:
    assert text_receipt(form) is None


def test_a_code_that_is_none() -> None:
    found = text_receipt(news("failed", "many"))
    assert found is not None
    assert found.code is None


@pytest.mark.parametrize(
    ("value", "id_"),
    [
        ("7", 7),
        ("", None),
        ("x", None),
        ("-1", None),
        ("7.0", None),
        ("9" * 30, None),
        ("\u0667", None),
    ],
)
def test_what_the_news_is_about_stands_in_the_address(value: str, id_: int | None) -> None:
    assert job_id({"job": value}) == id_
    assert job_id({}) is None
