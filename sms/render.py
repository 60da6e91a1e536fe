"""A turn becomes TwiML: what Twilio is told to send. Source: Twilio's "TwiML for Messaging"."""

from collections.abc import Iterable
from functools import lru_cache

from twilio.twiml.messaging_response import MessagingResponse

from flows.conversation import Turn
from flows.line import Line
from flows.utterance import Medium


def render(turn: Turn | None) -> str:
    """One message for each message of the turn; none where nothing is said."""
    said = turn.said if turn else ()
    return _messages(tuple(_joined(part.words for part in message) for message in said))


def safety_net(line: Line) -> str:
    """What is sent when anything fails (invariant I-23), in the line's own language."""
    words = line.words[line.language]
    return _messages((_joined(words.of(key, Medium.TEXT) for key in ("safety_net", "failure")),))


def _joined(paragraphs: Iterable[str]) -> str:
    """One message, not several: carriers do not keep the order of those."""
    return "\n\n".join(paragraphs)


# The same few documents are given again and again. They hold the flow's own words only.
@lru_cache(maxsize=256)
def _messages(messages: tuple[str, ...]) -> str:
    response = MessagingResponse()
    for message in messages:
        response.message(message)
    return str(response)
