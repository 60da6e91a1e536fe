"""TwiML as Twilio takes it: which verbs there are, what may stand in them, and what is refused.

In comes an answer of a webhook, out comes its document. Source: Twilio's pages of each verb.
"""

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Any, Final, Protocol

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
    "Message": ({"statusCallback"}, set()),
}
SAY_AT_MOST: Final = 4000
MESSAGE_AT_MOST: Final = 1600
_OK: Final = 200


class BadTwiml(AssertionError):
    """An answer that Twilio would not take. The message holds nobody's words."""


class Answer(Protocol):
    """An answer to a webhook."""

    @property
    def status_code(self) -> int: ...

    @property
    def headers(self) -> Any: ...

    @property
    def data(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Spoken:
    """What one <Say> says. `language`: its tag, such as "en-GB".

    `interruptible`: a key cuts it short.
    """

    words: str
    language: str
    interruptible: bool


def read_twiml(answer: Answer) -> ET.Element:
    """An answer's document, or BadTwiml where Twilio would not take it."""
    if answer.status_code != _OK:
        raise BadTwiml(f"status {answer.status_code}")
    if not answer.headers.get("Content-Type", "").startswith("text/xml"):
        raise BadTwiml("not text/xml")
    if answer.headers.get("Content-Length") != str(len(answer.data)):
        raise BadTwiml("no Content-Length")
    try:
        root = ET.fromstring(answer.data)  # noqa: S314  the line's own
    except ET.ParseError:
        raise BadTwiml("not XML") from None
    if root.tag != "Response":
        raise BadTwiml(f"root <{root.tag}>")
    _check(root)
    return root


def _check(element: ET.Element) -> None:
    attributes, children = _ALLOWED[element.tag]
    if unknown := set(element.attrib) - attributes:
        raise BadTwiml(f"<{element.tag}> has no {sorted(unknown)}")
    for child in element:
        if child.tag not in children:  # a verb that is unknown may stand nowhere
            raise BadTwiml(f"<{child.tag}> in <{element.tag}>")
        _check(child)
    if element.tag == "Say" and not 0 < len(ET.tostring(element)) <= SAY_AT_MOST:
        raise BadTwiml("<Say> is empty or too long")
    if element.tag == "Message" and not 0 < len(element.text or "") <= MESSAGE_AT_MOST:
        raise BadTwiml("<Message> is empty or too long")


def spoken(say: ET.Element, *, interruptible: bool) -> Spoken:
    """What a <Say> says, without the marks of how."""
    words = " ".join(" ".join(say.itertext()).split())
    return Spoken(words, say.get("language", ""), interruptible)
