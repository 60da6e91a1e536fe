"""A turn becomes TwiML: what Twilio is told to send. Source: Twilio's "TwiML for Messaging"."""

from collections.abc import Iterable
from functools import lru_cache

from twilio.twiml.messaging_response import MessagingResponse

from flows.conversation import Turn
from flows.line import Line
from flows.utterance import Medium


def render(turn: Turn | None, status_url: str | None = None) -> str:
    """One message for each message of the turn; none where nothing is said.

    `status_url`: where the receipts of the first one go; None where nobody waits for them.
    """
    said = turn.said if turn else ()
    messages = tuple(joined(part.words for part in message) for message in said)
    if status_url is None:
        return _messages(messages)
    # The address is one of a kind: nothing is gained by keeping this document.
    return _document(messages, status_url)


def render_words(words: str) -> str:
    """One message of these words."""
    return _messages((words,))


def safety_net(line: Line) -> str:
    """What is sent when anything fails (invariant I-23), in the line's own language."""
    words = line.words[line.language]
    return _messages((joined(words.of(key, Medium.TEXT) for key in ("safety_net", "failure")),))


def joined(paragraphs: Iterable[str]) -> str:
    """One message, not several: carriers do not keep the order of those."""
    return "\n\n".join(paragraphs)


# The same few documents are given again and again. They hold the flow's own words only.
@lru_cache(maxsize=256)
def _messages(messages: tuple[str, ...]) -> str:
    return _document(messages, None)


def _document(messages: tuple[str, ...], status_url: str | None) -> str:
    response = MessagingResponse()
    for place, message in enumerate(messages):
        response.message(message, status_callback=None if place else status_url)
    return str(response)
