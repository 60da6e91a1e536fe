"""What is stored becomes a text that goes out by itself, and not as the answer to one.

Source: Twilio's page of the Message resource: `ValidityPeriod`, and addresses of WhatsApp.
"""

from typing import Final

from flows.conversation import Turn
from flows.definition import Tier
from flows.line import Line
from flows.prompts import advice
from flows.state import State
from flows.utterance import Medium
from sms.hear import WHATSAPP_CHANNEL
from sms.render import joined
from telephony.contact import WHATSAPP
from telephony.outgoing import Text

VALID_SECONDS: Final = {Tier.T1: 600, Tier.T2: 3600}
"""How long the carrier may keep advice in its queue: "go now" is wrong when it comes hours later.
One that expires is an alarm."""

_VALID_SECONDS: Final = 4 * 3600
"""Anything else, which is about the same day."""


def said(turn: Turn, message: int) -> str:
    """The words of one message of a turn."""
    return joined(part.words for part in turn.said[message])


def advice_by_text(line: Line, state: State, message: int) -> str:
    """One message of the advice that a conversation ended with, in its wording for texts."""
    reached = state.reached
    words, ending = line.words[state.language], line.flow.disposition[state.position]
    parts = advice(words, Medium.TEXT, ending, reached.question if reached else None)[message]
    return joined(part.words for part in parts)


def to_person(to: str, sender: str, body: str, channel: str, tier: Tier | None) -> Text:
    """A text to a person, by the channel that they use. `tier`: T1 or T2, if it says so."""
    valid = VALID_SECONDS.get(tier, _VALID_SECONDS) if tier else _VALID_SECONDS
    if channel == WHATSAPP_CHANNEL.name:
        to, sender = f"{WHATSAPP}{to}", f"{WHATSAPP}{sender}"
    return Text(to, sender, body, valid_seconds=valid)
