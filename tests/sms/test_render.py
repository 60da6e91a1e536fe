"""Exact TwiML for turns of every shape."""

import pytest

from flows.conversation import Turn
from flows.prompts import Part
from flows.reading import Expecting
from flows.state import State
from flows.utterance import Channel, Kind, Medium, Utterance
from sms.render import render, safety_net
from tests.doors import NOON, a_line

XML = '<?xml version="1.0" encoding="UTF-8"?>'
STATE = State("consent", Expecting.CONSENT, NOON, "en", Medium.TEXT)
TEXT = Utterance(Channel("sms", Medium.TEXT), Kind.TEXT, "hello")


def turn(*messages: tuple[str, ...]) -> Turn:
    said = tuple(tuple(Part("key", words) for words in message) for message in messages)
    return Turn(1, True, NOON, TEXT, None, None, said, STATE)


@pytest.mark.parametrize(
    ("messages", "twiml"),
    [
        ([], "<Response />"),
        ([("One.",)], "<Response><Message>One.</Message></Response>"),
        ([("One.", "Two.")], "<Response><Message>One.\n\nTwo.</Message></Response>"),
        (
            [("Go now.",), ("More.", "Then this.")],
            "<Response><Message>Go now.</Message><Message>More.\n\nThen this.</Message></Response>",
        ),
        ([("1 < 2 & 3",)], "<Response><Message>1 &lt; 2 &amp; 3</Message></Response>"),
        ([("¿Sí? \N{THUMBS UP SIGN}",)], "<Response><Message>¿Sí? 👍</Message></Response>"),
        ([('A "B"\nC',)], '<Response><Message>A "B"\nC</Message></Response>'),
    ],
)
def test_messages(messages: list[tuple[str, ...]], twiml: str) -> None:
    assert render(turn(*messages)) == XML + twiml


def test_no_turn_is_no_message() -> None:
    assert render(None) == XML + "<Response />"


@pytest.mark.parametrize(
    ("locale", "number", "place"),
    [("en-US", "911", "the ER"), ("en-GB", "999", "A&amp;E"), ("en-AU", "000", "the emergency")],
)
def test_the_safety_net(locale: str, number: str, place: str) -> None:
    found = safety_net(a_line(locale))
    assert found.startswith(f"{XML}<Response><Message>Call {number} or go to {place}")
    assert "Please call the clinic: +1 202-555-0143.</Message></Response>" in found
    assert found.count("<Message>") == 1
