"""Buttons under a question, where a channel has them: WhatsApp and RCS.

TwiML cannot carry buttons; a message of the REST API with a Content template can. So such a
question goes out by that, and by TwiML as ever where that fails. The digits stay in the text: a
button is a shorter way to send one, and no other.

A button stays on the screen, and may be tapped long after its question. So what it sends names the
turn that asked, as the URL of a call does, and a late tap is no answer to another question.

Sources: Twilio's "twilio/quick-reply" and "Using Variables with Content Templates".
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from flows.conversation import Turn
from flows.line import Line
from flows.reading import Answer, Expecting
from telephony.asking import Asking
from telephony.outgoing import DeliveryError, Text

BODY_AT_MOST: Final = 1024
"""Characters of a text above buttons."""

_DIGITS: Final = {"1": Answer.YES, "2": Answer.NO, "3": Answer.UNSURE}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tap:
    """A button that was tapped. `digit`: what it stands for.  `asking`: the turn it belongs to."""

    digit: str
    asking: Asking


def read_tap(payload: str) -> Tap | None:
    """The tap in `payload`; None for a button that we did not make."""
    fields = dict(parse_qsl(payload))
    try:
        asking = Asking.read(fields)
    except (KeyError, ValueError):
        return None
    digit = fields.get("a", "")
    return Tap(digit, asking) if digit in _DIGITS else None


@dataclass(frozen=True, slots=True)
class Buttons:
    """`template`: the sid of the Content template.  `send`: has the carrier take a text."""

    template: str
    send: Callable[[Text], object]

    def asked(self, turn: Turn, line: Line, to: str, sender: str) -> bool:
        """Whether the question of `turn` went out with buttons; where not, TwiML must say it.

        `to`, `sender`: the addresses of the person and of the line, as the carrier writes them.
        """
        if turn.state.expecting is not Expecting.ANSWER or len(turn.said) != 1:
            return False
        body = "\n\n".join(part.words for part in turn.said[0])
        if len(body) > BODY_AT_MOST:
            return False
        names = [line.words[turn.state.language].answer(answer) for answer in _DIGITS.values()]
        filled = (body, Asking.of(line, turn).query, *(name.capitalize() for name in names))
        variables = tuple((str(number), words) for number, words in enumerate(filled, start=1))
        try:
            self.send(Text(to, sender, body, template=self.template, variables=variables))
        except DeliveryError as error:
            # It may have been taken after all. To be asked twice is better than not at all.
            _log.warning("a question could not be sent with buttons: error %s", error.code)
            return False
        return True
