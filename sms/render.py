"""A turn becomes TwiML: what Twilio is told to send. Source: Twilio's "TwiML for Messaging"."""

from collections.abc import Iterable

from twilio.twiml.messaging_response import MessagingResponse

from flows.conversation import Turn
from flows.line import Line
from flows.utterance import Medium


def render(turn: Turn | None) -> str:
    """One message for each message of the turn; none where nothing is said."""
    said = turn.said if turn else ()
    return _messages((part.words for part in message) for message in said)


def safety_net(line: Line) -> str:
    """What is sent when anything fails (invariant I-23), in the line's own language."""
    words = line.words[line.language]
    return _messages([[words.of(key, Medium.TEXT) for key in ("safety_net", "failure")]])


def _messages(messages: Iterable[Iterable[str]]) -> str:
    # Paragraphs of one message, not messages: carriers do not keep the order of those.
    response = MessagingResponse()
    for message in messages:
        response.message("\n\n".join(message))
    return str(response)
