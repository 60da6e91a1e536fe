"""Whatever the carrier sends, however odd: TwiML comes back, and no word of it is in the log."""

import logging
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.doors import PUBLIC_URL, carrier
from tests.twiml_player import Carrier, read_twiml

PATHS = [
    *("/sms", "/sms/fallback"),
    *("/voice", "/voice/turn", "/voice/clinic", "/voice/status", "/voice/fallback"),
]
FIELDS = [
    *("MessageSid", "SmsSid", "CallSid", "From", "To", "Body", "NumMedia", "OptOutType"),
    *("ButtonText", "ButtonPayload", "Digits", "SpeechResult", "Confidence", "Direction"),
    *("CallStatus", "DialCallStatus", "Anything"),
]
ODD = st.sampled_from(
    ["", " ", "\0", "-1", "1e999", "nan", "whatsapp:", "+", "+0", "anonymous", "sip:@", "completed"]
)
ORDINARY = st.sampled_from(["CA1", "SM1", "+12025550143", "no", "1", "0.9", "STOP", "outbound-api"])
VALUES = ODD | ORDINARY | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
QUERIES = st.fixed_dictionaries({}, optional={"n": VALUES, "q": VALUES, "t": VALUES})


class Collected(logging.Handler):
    def __init__(self) -> None:
        super().__init__(level=logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())
        assert record.exc_info is None


@pytest.fixture
def logged() -> Iterator[Collected]:
    handler = Collected()
    root = logging.getLogger()
    root.addHandler(handler)
    yield handler
    root.removeHandler(handler)


@pytest.fixture
def a_carrier() -> Carrier:
    return carrier()


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(PATHS),
    form=st.dictionaries(st.sampled_from(FIELDS), VALUES),
    query=QUERIES,
)
def test_any_request(
    path: str,
    form: dict[str, str],
    query: dict[str, str],
    a_carrier: Carrier,
    logged: Collected,
) -> None:
    """The conversations of one example go on in the next."""
    logged.lines.clear()
    mark = "Zq7" * 3
    form = {
        name: value + mark if name in ("Body", "From") else value for name, value in form.items()
    }
    called = "&".join(f"{name}={quote(value + mark)}" for name, value in query.items())
    answer = a_carrier.post(f"{PUBLIC_URL}{path}?{called}" if called else PUBLIC_URL + path, form)
    if answer.status_code == 204:
        assert path == "/voice/status"
    else:
        read_twiml(answer)
    assert not [line for line in logged.lines if mark in line]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    form=st.dictionaries(st.sampled_from(FIELDS), VALUES),
    number=st.integers(-1, 300),
    question=st.sampled_from(["", "bladder", "final_check", "none"]),
    path=st.sampled_from(["/voice/turn", "/voice/clinic", "/voice/status", "/sms", "/voice"]),
)
def test_any_request_of_one_person(
    form: dict[str, str], number: int, question: str, path: str, a_carrier: Carrier
) -> None:
    """Placed well, and odd in everything else."""
    placed = {"CallSid": "CA1", "MessageSid": f"SM{number}", "From": "+12025550143"}
    url = f"{PUBLIC_URL}{path}?n={number}&q={question}&t=1"
    answer = a_carrier.post(url, {**form, **placed})
    if answer.status_code != 204:
        read_twiml(answer)
