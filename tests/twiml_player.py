"""Twilio's side of a call or a text, in a test: it carries out the TwiML that it is answered.

Rules followed, and where they come from: the verbs run from top to bottom and the end of the
document ends the call; a <Gather> that is met with silence asks its action URL if
`actionOnEmptyResult` says so, and otherwise falls through; a <Redirect> ends the document; a
<Dial> with an action asks it, without one falls through (Twilio's pages of these verbs, and the
specs of somleng-switch, which quote them).  Every request is signed.

    call = Call(carrier)            # a phone that rings the line
    call.ring()                     # hears everything up to the first <Gather> or <Dial>
    call.press("1")                 # or say(), silence(), hang_up(), clinic(answers=True)
    call.heard                      # what was said since the last act, message by message
    call.ended

    Texter(carrier).text("hello")   # the messages that come back

Anything that Twilio would not take raises `BadTwiml`: an unknown verb or attribute, a verb where
it may not stand, too long a text, a relative URL, an answer without Content-Length.
"""

import itertools
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

_ids = itertools.count(1)

_GATHER: Final = {
    "input", "action", "method", "timeout", "speechTimeout", "numDigits", "finishOnKey", "hints",
    "language", "actionOnEmptyResult", "profanityFilter",
}  # fmt: skip
_ALLOWED: Final[dict[str, tuple[set[str], set[str]]]] = {
    # verb: (its attributes, what may stand in it)
    "Response": (set(), {"Say", "Gather", "Redirect", "Dial", "Hangup", "Pause", "Message"}),
    "Say": ({"voice", "language"}, {"prosody"}),
    "prosody": ({"rate"}, {"p"}),
    "p": (set(), set()),
    "Gather": (_GATHER, {"Say", "Pause"}),
    "Redirect": ({"method"}, set()),
    "Dial": ({"action", "method", "timeout", "callerId"}, {"Number"}),
    "Number": (set(), set()),
    "Hangup": (set(), set()),
    "Pause": ({"length"}, set()),
    "Message": (set(), set()),
}
SAY_AT_MOST: Final = 4000
MESSAGE_AT_MOST: Final = 1600


class BadTwiml(AssertionError):
    """An answer that Twilio would not take."""


@dataclass
class Carrier:
    """Sends signed requests. `public_url`: what the service is called from outside."""

    client: FlaskClient
    token: str
    public_url: str = "https://line.example"
    requests: int = 0
    sent: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def post(self, url: str, form: Mapping[str, str], **headers: str) -> TestResponse:
        """Twilio's request, whatever is answered."""
        if not url.startswith(self.public_url + "/"):
            raise BadTwiml(f"not an absolute URL of this service: {url}")
        self.requests += 1
        self.sent.append((url, dict(form)))
        signature = RequestValidator(self.token).compute_signature(url, dict(form))
        parts = urlsplit(url)
        prefix = urlsplit(self.public_url).path.rstrip("/")
        return self.client.post(
            parts.path.removeprefix(prefix),
            query_string=parts.query,
            data=dict(form),
            headers={"X-Twilio-Signature": signature, **headers},
        )

    def document(self, url: str, form: Mapping[str, str]) -> ET.Element:
        """The TwiML that `url` answers, checked."""
        return read_twiml(self.post(url, form))


def read_twiml(answer: TestResponse) -> ET.Element:
    """An answer's TwiML, or BadTwiml where Twilio would not take it."""
    if answer.status_code != 200:
        raise BadTwiml(f"status {answer.status_code}")
    if not answer.headers.get("Content-Type", "").startswith("text/xml"):
        raise BadTwiml("not text/xml")
    if answer.headers.get("Content-Length") != str(len(answer.data)):
        raise BadTwiml("no Content-Length")
    root = ET.fromstring(answer.data)
    if root.tag != "Response":
        raise BadTwiml(f"root <{root.tag}>")
    _check(root)
    return root


def _check(element: ET.Element) -> None:
    if element.tag not in _ALLOWED:
        raise BadTwiml(f"unknown verb <{element.tag}>")
    attributes, children = _ALLOWED[element.tag]
    if unknown := set(element.attrib) - attributes:
        raise BadTwiml(f"<{element.tag}> has no {sorted(unknown)}")
    for child in element:
        if child.tag not in children:
            raise BadTwiml(f"<{child.tag}> in <{element.tag}>")
        _check(child)
    if element.tag == "Say" and not 0 < len(ET.tostring(element)) <= SAY_AT_MOST:
        raise BadTwiml("<Say> is empty or too long")
    if element.tag == "Message" and not 0 < len(element.text or "") <= MESSAGE_AT_MOST:
        raise BadTwiml("<Message> is empty or too long")


@dataclass
class Call:
    """A call to the line.

    `heard`: what was said since the last act, one string per <Say>.  `everything`: all of it.
    `uninterruptible`: that of it which no key can cut short.
    `gather`: what it listens with now.
    `dialled`: the number that it is being put through to, by the verb `dial`.
    `honours_empty`: False for a carrier that lets an empty <Gather> fall through.
    """

    carrier: Carrier
    number: str = "+12025550199"
    to: str = "+12025550100"
    sid: str = field(default_factory=lambda: f"CA{next(_ids):032x}")
    honours_empty: bool = True
    heard: list[str] = field(default_factory=list)
    everything: list[str] = field(default_factory=list)
    uninterruptible: list[str] = field(default_factory=list)
    gather: ET.Element | None = None
    dialled: str | None = None
    dial: ET.Element | None = None
    ended: bool = False
    _rest: list[ET.Element] = field(default_factory=list)

    # --- What a caller does -----------------------------------------------------------------

    def ring(self, path: str = "/voice") -> "Call":
        """Call the number."""
        self._request(self.carrier.public_url + path, CallStatus="ringing")
        return self

    def press(self, keys: str) -> "Call":
        """Press keys while the line listens."""
        gather = self._listening()
        if "dtmf" not in gather.get("input", "dtmf"):
            raise BadTwiml("keys are not listened for")
        return self._gathered(Digits=keys[: int(gather.get("numDigits", "100"))])

    def say(self, words: str, confidence: float | str | None = 0.9) -> "Call":
        """Say words; `confidence`: the recogniser's own, None for none sent."""
        if "speech" not in self._listening().get("input", "dtmf"):
            raise BadTwiml("speech is not listened for")
        fields = {"SpeechResult": words}
        if confidence is not None:
            fields["Confidence"] = str(confidence)
        return self._gathered(**fields)

    def silence(self) -> "Call":
        """Say and press nothing until the line has waited long enough."""
        gather = self._listening()
        if self.honours_empty and gather.get("actionOnEmptyResult") == "true":
            return self._gathered()
        self.gather = None
        self.heard = []
        self._run(self._rest)
        return self

    def clinic(self, *, answers: bool, status: str = "no-answer") -> "Call":
        """The clinic that is being rung answers and talks to the end, or does not answer."""
        dial = self.dial
        if dial is None:
            raise AssertionError("nobody is being rung")
        self.dial = self.dialled = None
        fields = {"DialCallStatus": "completed" if answers else status}
        self.heard = []
        action = dial.get("action")
        if action is None:
            self._run(self._rest)
        else:
            self._request(action, **fields)
        return self

    def hang_up(self) -> "Call":
        """Put the receiver down; Twilio tells the status callback."""
        self.ended, self.gather, self.dial, self.dialled = True, None, None, None
        url = self.carrier.public_url + "/voice/status"
        answer = self.carrier.post(url, self.fields(CallStatus="completed", CallDuration="9"))
        if answer.status_code not in (200, 204):
            raise BadTwiml(f"status {answer.status_code}")
        return self

    # --- What Twilio does -------------------------------------------------------------------

    def fields(self, **more: str) -> dict[str, str]:
        """The form of a voice request."""
        return {
            "CallSid": self.sid,
            "AccountSid": "AC" + "0" * 32,
            "From": self.number,
            "To": self.to,
            "Caller": self.number,
            "Called": self.to,
            "CallStatus": "in-progress",
            "Direction": "inbound",
            "ApiVersion": "2010-04-01",
            **more,
        }

    def _listening(self) -> ET.Element:
        if self.gather is None:
            raise AssertionError("the line does not listen now")
        return self.gather

    def _gathered(self, **fields: str) -> "Call":
        gather, self.gather = self._listening(), None
        self._request(gather.get("action", ""), **fields)
        return self

    def _request(self, url: str, **fields: str) -> None:
        self.heard = []
        self.gather = self.dial = self.dialled = None
        self._run(list(self.carrier.document(url, self.fields(**fields))))

    def _run(self, verbs: list[ET.Element]) -> None:
        while verbs:
            verb, *verbs = verbs
            if verb.tag == "Say":
                self.uninterruptible.append(self._speak(verb))
            elif verb.tag == "Gather":
                for say in verb.iter("Say"):
                    self._speak(say)
                self.gather, self._rest = verb, verbs
                return
            elif verb.tag == "Redirect":
                self._request_after_silence(verb)
                return
            elif verb.tag == "Dial":
                self.dialled = "".join(verb.itertext())
                self.dial, self._rest = verb, verbs
                return
            elif verb.tag == "Hangup":
                break
            elif verb.tag != "Pause":
                raise BadTwiml(f"<{verb.tag}> in a call")
        self.hang_up()

    def _request_after_silence(self, redirect: ET.Element) -> None:
        if redirect.get("method", "POST") != "POST":
            raise BadTwiml("a redirect by GET")
        self._request((redirect.text or "").strip())

    def _speak(self, say: ET.Element) -> str:
        words = " ".join(" ".join(say.itertext()).split())
        self.heard.append(words)
        self.everything.append(words)
        return words


@dataclass
class Texter:
    """A phone that sends texts to the line."""

    carrier: Carrier
    number: str = "+12025550199"
    to: str = "+12025550100"

    def text(self, body: str, **fields: str) -> list[str]:
        """Send a text; the messages that are sent back."""
        form = self.fields(body, **fields)
        document = self.carrier.document(self.carrier.public_url + "/sms", form)
        return [message.text or "" for message in document]

    def fields(self, body: str, **more: str) -> dict[str, str]:
        """The form of a messaging request, with a MessageSid of its own."""
        sid = f"SM{next(_ids):032x}"
        return {
            "MessageSid": sid,
            "SmsSid": sid,
            "SmsMessageSid": sid,
            "AccountSid": "AC" + "0" * 32,
            "From": self.number,
            "To": self.to,
            "Body": body,
            "NumMedia": "0",
            "NumSegments": "1",
            "SmsStatus": "received",
            "ApiVersion": "2010-04-01",
            **more,
        }
