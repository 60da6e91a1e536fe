"""Whatever fails: words from memory for the person, no words of theirs in the log."""

import logging
import re
from collections.abc import Callable

import pytest
from flask import Flask, Response

from telephony.door import guarded
from telephony.failure import describe
from tests.doors import PUBLIC_URL, open_door
from tests.twiml_player import Carrier, read_twiml

SECRET = "my leg is numb, call me on +12025550143"


class CallersWords(Exception):
    pass


def fails(error: Exception) -> Carrier:
    blueprint = guarded("failing", open_door(), lambda _: "<Response><Hangup /></Response>")

    @blueprint.post("/fail")
    def fail() -> Response:
        raise error

    app = Flask("failing")
    app.register_blueprint(blueprint)
    return Carrier(app.test_client(), "12345", PUBLIC_URL)


@pytest.mark.parametrize(
    "error", [CallersWords(SECRET), KeyError(SECRET), RecursionError(), LookupError(), OSError(5)]
)
@pytest.mark.parametrize("testing", [True, False])
def test_what_fails_is_answered_from_memory(
    error: Exception, testing: bool, caplog: pytest.LogCaptureFixture
) -> None:
    carrier = fails(error)
    carrier.client.application.testing = testing
    with caplog.at_level(logging.DEBUG):
        answer = carrier.post(f"{PUBLIC_URL}/fail", {"Body": SECRET, "From": "+12025550143"})
    assert [verb.tag for verb in read_twiml(answer)] == ["Hangup"]
    assert "failing.fail failed: " in caplog.text
    assert type(error).__name__ in caplog.text
    assert "test_failure.py:fails.<locals>.fail:" in caplog.text
    assert "numb" not in caplog.text
    assert "555" not in caplog.text


def _fail(error: Exception) -> None:
    raise error


def _caused() -> None:
    try:
        _fail(CallersWords(SECRET))
    except CallersWords as error:
        raise ValueError(SECRET) from error


def _met() -> None:
    try:
        _fail(CallersWords(SECRET))
    except CallersWords:
        _fail(ValueError(SECRET))


def _alone() -> None:
    try:
        _fail(CallersWords(SECRET))
    except CallersWords:
        raise ValueError(SECRET) from None


def _described(step: Callable[[], None]) -> str:
    with pytest.raises(ValueError, match=re.escape(SECRET)) as raised:
        step()
    return describe(raised.value)


@pytest.mark.parametrize("step", [_caused, _met])
def test_what_caused_it_is_named_too(step: Callable[[], None]) -> None:
    found = _described(step)
    assert found.startswith("builtins.ValueError at ")
    assert ", caused by tests.telephony.test_failure.CallersWords at " in found
    assert "numb" not in found


def test_a_cause_that_was_put_aside_is_not() -> None:
    assert "CallersWords" not in _described(_alone)


def test_causes_in_a_circle_come_to_an_end() -> None:
    error = ValueError()
    error.__cause__ = error
    assert describe(error).count("ValueError") == 5


def test_an_error_that_was_never_raised() -> None:
    assert describe(ValueError(SECRET)) == "builtins.ValueError"
