"""What people send: whole conversations as requests, and the reply that each one must get.

The replies come from the flow itself, taken through the same conversation in this process, so a
server that answers fast and wrongly is found out. Requests are signed before the clock starts: a
conversation is a template, and making one person's request of it is a replacement and one HMAC.
"""

import base64
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from itertools import count
from typing import Final, Literal
from urllib.parse import parse_qsl, urlencode

from app.settings import Settings
from flows.conversation import Conversation, Turn, take_turn
from flows.line import Line, build_line
from flows.utterance import Utterance
from sms.hear import hear
from sms.render import render as render_text
from telephony.asking import Asking
from voice.hear import caller_id, hear_arrival, hear_reply
from voice.render import render as render_call

Channel = Literal["sms", "voice"]
CHANNELS: Final[tuple[Channel, ...]] = ("sms", "voice")

ANSWERS: Final = ["2"] * 13 + ["1", "1"] + ["2"] * 5 + ["1"]
"""The 21 answers that lead to massage guidance, which is the longest way through the flow."""

# What stands in a template for what differs from one person, call or request to the next.
_PERSON: Final = "19999999999"
_CALL: Final = "c" * 32
_EVENT: Final = "e" * 32
_SIGNATURE: Final = b"(signature)"

_START: Final = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
_PLACE: Final = {"City": "WASHINGTON", "State": "DC", "Zip": "20001", "Country": "US"}


@dataclass(frozen=True, slots=True)
class Reply:
    """What an answer must be: its length, and how it begins and ends.

    Between the two stands what the server alone can know: the time of its own turn.
    """

    length: int
    head: bytes
    tail: bytes

    @classmethod
    def of(cls, document: str) -> "Reply":
        """The whole of `document`, the times of turns in its URLs apart."""
        times = [match.span(1) for match in re.finditer(r"[;&?]t=(\d{13})\b", document)]
        head, tail = (times[0][0], times[-1][1]) if times else (len(document), len(document))
        # In bytes, since a greeting may hold a sentence in another language.
        return cls(len(document.encode()), document[:head].encode(), document[tail:].encode())

    def fits(self, body: bytes) -> bool:
        return len(body) == self.length and body.startswith(self.head) and body.endswith(self.tail)


@dataclass(frozen=True, slots=True)
class Template:
    """One request of a conversation, with placeholders; `signed` is what its signature covers."""

    request: bytes
    signed: bytes
    reply: Reply


Conversations = Iterator[list[tuple[bytes, Reply]]]


def conversations(
    templates: list[Template], token: str, people: int, first: int, run: str
) -> Conversations:
    """The signed requests of `people` conversations, each with the reply that it must get.

    `first`: the number of the first person; `run`: 8 hexadecimal digits, another for each run.
    """
    ids = count(first * 100)
    for person in range(first, first + people):
        number = f"1{201 + person // 10_000}555{person % 10_000:04}".encode()
        call = f"{run}{next(ids):024x}".encode()
        made = []
        for template in templates:
            event = f"{run}{next(ids):024x}".encode()
            request, signed = (
                text.replace(_PERSON.encode(), number)
                .replace(_CALL.encode(), call)
                .replace(_EVENT.encode(), event)
                for text in (template.request, template.signed)
            )
            signature = base64.b64encode(hmac.digest(token.encode(), signed, sha1))
            made.append((request.replace(_SIGNATURE, signature), template.reply))
        yield made


def templates(channel: Channel, settings: Settings, constant: str | None = None) -> list[Template]:
    """One conversation by `channel`, from hello to guidance; `constant`: every reply is this."""
    line = build_line(settings.locale, settings.clinic, reading_seconds=0)
    base = settings.public_url or ""
    walk = _texts(line) if channel == "sms" else _call(line, base, settings.clinic.phone)
    return [
        _template(base, path, form, Reply.of(constant or document)) for path, form, document in walk
    ]


# --- Conversations ---------------------------------------------------------------------------

_Exchange = tuple[str, dict[str, str], str]
"""The path that is asked, the form that is sent, the document that is the reply."""


def _texts(line: Line) -> Iterator[_Exchange]:
    person = _Person(line)
    for words in ["hello", "agree", *ANSWERS]:
        form = {
            "ToCountry": "US",
            "ToState": "DC",
            "SmsMessageSid": f"SM{_EVENT}",
            "NumMedia": "0",
            "ToCity": "",
            "FromZip": "20001",
            "SmsSid": f"SM{_EVENT}",
            "FromState": "DC",
            "SmsStatus": "received",
            "FromCity": "WASHINGTON",
            "Body": words,
            "FromCountry": "US",
            "To": "+12025550100",
            "MessagingServiceSid": f"MG{'d' * 32}",
            "ToZip": "",
            "NumSegments": "1",
            "MessageSid": f"SM{_EVENT}",
            "AccountSid": f"AC{'a' * 32}",
            "From": f"+{_PERSON}",
            "ApiVersion": "2010-04-01",
        }
        turn = person.hear(hear(form, None).utterance)
        yield "/sms", form, render_text(turn)


def _call(line: Line, base: str, clinic: str) -> Iterator[_Exchange]:
    person = _Person(line)
    both = {"From": f"+{_PERSON}", "To": "+12025550100"}
    call = {
        **{f"{end}{name}": value for end in both for name, value in _PLACE.items()},
        **{f"{end}{name}": v for end in ("Caller", "Called") for name, v in _PLACE.items()},
        **both,
        "Caller": both["From"],
        "Called": both["To"],
        "AccountSid": f"AC{'a' * 32}",
        "ApiVersion": "2010-04-01",
        "CallSid": f"CA{_CALL}",
        "Direction": "inbound",
        "StirVerstat": "TN-Validation-Passed-A",
    }

    def document(turn: Turn) -> str:
        return render_call(turn, line, base, clinic, caller_id(call))

    form = {**call, "CallStatus": "ringing"}
    turn = person.hear(hear_arrival(form, None).utterance)
    yield "/voice", form, document(turn)
    for key in ["1", *ANSWERS]:
        # The server's own time stands in its URL. Another does as well, and is known in advance.
        query = Asking.of(line, turn).query
        form = {**call, "CallStatus": "in-progress", "Digits": key, "FinishedOnKey": "", "msg": ""}
        form["msg"] = "Gather End"
        turn = person.hear(hear_reply(form, None, dict(parse_qsl(query))).utterance)
        yield f"/voice/turn?{query}", form, document(turn)


class _Person:
    """Somebody who is taken through the flow in this process."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._at = _START
        self._conversation: Conversation | None = None

    def hear(self, utterance: Utterance) -> Turn:
        self._at += timedelta(seconds=20)
        turn = take_turn(self._line, self._conversation, utterance, self._at)
        self._conversation = Conversation(self._line.flow.version, turn.number, turn.state)
        return turn


def _template(base: str, path: str, form: dict[str, str], reply: Reply) -> Template:
    body = urlencode(form)
    # Placeholders are as long as what replaces them, so the length of the body is known here.
    lines = (
        f"POST {path} HTTP/1.1",
        f"Host: {base.partition('//')[2]}",
        "Content-Type: application/x-www-form-urlencoded; charset=UTF-8",
        f"Content-Length: {len(body)}",
        f"I-Twilio-Idempotency-Token: {_EVENT}",
        f"X-Twilio-Signature: {_SIGNATURE.decode()}",
        "Accept: */*",
        "User-Agent: TwilioProxy/1.1",
        "",
        body,
    )
    signed = base + path + "".join(f"{name}{value}" for name, value in sorted(form.items()))
    return Template("\r\n".join(lines).encode(), signed.encode(), reply)
