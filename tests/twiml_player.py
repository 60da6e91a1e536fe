"""Twilio's side of a call or a text, in a test: the product's own, with what only tests look at.

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
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from handset import call, carrier
from handset.twiml import BadTwiml, Spoken, read_twiml

__all__ = ["BadTwiml", "Call", "Carrier", "Texter", "read_twiml"]

_ids = itertools.count(1)


@dataclass
class Carrier(carrier.Carrier):
    """Sends signed requests. `sent`: their URLs and forms."""

    client: FlaskClient
    requests: int = 0
    sent: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def post(self, url: str, form: Mapping[str, str], **headers: str) -> TestResponse:
        self.requests += 1
        self.sent.append((url, dict(form)))
        return cast("TestResponse", super().post(url, form, **headers))


@dataclass
class Call(call.Call):
    """A call to the line.

    `everything`: all that was said.  `uninterruptible`: that of it which no key can cut short.
    """

    carrier: Carrier
    number: str = "+12025550199"
    to: str = "+12025550100"
    sid: str = field(default_factory=lambda: f"CA{next(_ids):032x}")
    everything: list[str] = field(default_factory=list)
    uninterruptible: list[str] = field(default_factory=list)

    @property
    def heard(self) -> list[str]:
        """What was said since the last act, one string for each <Say>."""
        return [one.words for one in self.said]

    def _speak(self, said: Spoken) -> None:
        super()._speak(said)
        self.everything.append(said.words)
        if not said.interruptible:
            self.uninterruptible.append(said.words)


@dataclass
class Texter(carrier.Texter):
    """A phone that sends texts to the line."""

    number: str = "+12025550199"
    to: str = "+12025550100"

    def new_sid(self) -> str:
        return f"SM{next(_ids):032x}"
