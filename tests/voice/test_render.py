"""Exact TwiML for turns of every shape."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from msgspec.structs import replace as change

from flows.conversation import Turn
from flows.definition import read_language
from flows.prompts import Part
from flows.reading import Expecting
from flows.state import State
from flows.utterance import Channel, Kind, Medium, Utterance
from tests.doors import NOON, PUBLIC_URL, a_line
from voice.render import render, safety_net
from voice.voices import voice_of

XML = '<?xml version="1.0" encoding="UTF-8"?>'
CLINIC = "+12025550143"
STATE = State("bladder", Expecting.ANSWER, NOON, "en", Medium.VOICE)
CALL = Utterance(Channel("voice", Medium.VOICE), Kind.ARRIVAL)
WHERE = "n=7&amp;q=bladder&amp;t=1772452800000"
SAY = '<Say language="en-US" voice="Polly.Joanna-Neural"><prosody rate="90%">'
YAS = "</prosody></Say>"


def turn(*messages: tuple[str, ...], **more: Any) -> Turn:
    said = tuple(tuple(Part("key", words) for words in message) for message in messages)
    return replace(Turn(7, False, NOON, CALL, None, None, said, STATE), **more)


def rendered(found: Turn, locale: str = "en-US", caller_id: str | None = None) -> str:
    document = render(found, a_line(locale), PUBLIC_URL, CLINIC, caller_id)
    assert document.startswith(XML)
    return document.removeprefix(XML)


def gather(said: str, where: str = WHERE, language: str = "en-US", hints: str | None = None) -> str:
    if hints is None:
        hints = "yes, no, not sure, skip, " + read_language("en").questions["bladder"].hints
    return (
        f'<Gather action="https://line.example/voice/turn?{where}" actionOnEmptyResult="true"'
        f' finishOnKey="" hints="{hints}" input="dtmf speech" language="{language}" method="POST"'
        f' numDigits="1" profanityFilter="false" speechTimeout="2" timeout="6">{said}</Gather>'
        f'<Redirect method="POST">https://line.example/voice/turn?{where}</Redirect>'
    )


def test_a_question() -> None:
    found = rendered(turn(("Any trouble?", "Press 1 for yes.")))
    said = f"{SAY}<p>Any trouble?</p><p>Press 1 for yes.</p>{YAS}"
    assert found == f"<Response>{gather(said)}</Response>"


def test_only_the_last_message_can_be_cut_short() -> None:
    found = rendered(turn(("Go now.", "Once more.", "Go now."), ("More.",), ("Press 9.",)))
    advice = f"{SAY}<p>Go now.</p><p>Once more.</p><p>Go now.</p>{YAS}{SAY}<p>More.</p>{YAS}"
    assert found == f"<Response>{advice}{gather(f'{SAY}<p>Press 9.</p>{YAS}')}</Response>"


def test_words_are_words() -> None:
    found = rendered(turn(("1 < 2 & <Hangup/> ¿qué?",)))
    assert "<p>1 &lt; 2 &amp; &lt;Hangup/&gt; ¿qué?</p>" in found


def test_hanging_up() -> None:
    found = rendered(turn(("Stop.",), ("Goodbye.",), hang_up=True))
    said = f"{SAY}<p>Stop.</p>{YAS}{SAY}<p>Goodbye.</p>{YAS}"
    assert found == f"<Response>{said}<Hangup /></Response>"


def test_putting_through_to_the_clinic() -> None:
    found = rendered(turn(("I will try.",), connect=True))
    assert found == (
        f"<Response>{SAY}<p>I will try.</p>{YAS}"
        f'<Dial action="https://line.example/voice/clinic?{WHERE}" method="POST" timeout="25">'
        "<Number>+12025550143</Number></Dial></Response>"
    )


def test_putting_through_somebody_who_shows_no_number() -> None:
    found = rendered(turn(("I will try.",), connect=True), caller_id="+12025550100")
    assert '<Dial action="https://line.example/voice/clinic?' in found
    assert 'callerId="+12025550100"' in found


def test_putting_through_for_the_last_time() -> None:
    found = rendered(turn(("I will try.",), connect=True, hang_up=True))
    assert found == (
        f'<Response>{SAY}<p>I will try.</p>{YAS}<Dial timeout="25">'
        "<Number>+12025550143</Number></Dial><Hangup /></Response>"
    )


@pytest.mark.parametrize(
    "expecting", [e for e in Expecting if e is not Expecting.ANSWER], ids=lambda e: e.value
)
def test_what_is_no_question_names_none(expecting: Expecting) -> None:
    """A late "1" to "press 1 to go on" must not be taken for a yes to the question behind it."""
    found = rendered(turn(("Press 1.",), state=change(STATE, expecting=expecting)))
    where = "n=7&amp;q=&amp;t=1772452800000"
    said = f"{SAY}<p>Press 1.</p>{YAS}"
    expected = gather(said, where, hints="yes, no, not sure, skip")
    assert found == f"<Response>{expected}</Response>"


@pytest.mark.parametrize("said", [(), ((),), (("",),)])
def test_saying_nothing_is_a_fault(said: tuple[tuple[str, ...], ...]) -> None:
    with pytest.raises(ValueError, match="says nothing"):
        rendered(turn(*said))


def test_the_same_turn_is_the_same_bytes() -> None:
    found = turn(("Any trouble?",))
    assert rendered(found) == rendered(found)


def test_turns_of_the_same_number_have_different_urls() -> None:
    """In one call a conversation can give way to another, which counts from 1 again."""
    found = turn(("Any trouble?",))
    assert rendered(found) != rendered(replace(found, at=NOON + timedelta(seconds=1)))


@pytest.mark.parametrize(
    ("locale", "voice", "speaks", "hears"),
    [
        ("en-US", "Polly.Joanna-Neural", "en-US", "en-US"),
        ("en-GB", "Polly.Amy-Neural", "en-GB", "en-GB"),
        ("en-IE", "Polly.Niamh-Neural", "en-IE", "en-IE"),
        ("en-CA", "Polly.Joanna-Neural", "en-US", "en-CA"),
        ("en-AU", "Polly.Olivia-Neural", "en-AU", "en-AU"),
        ("en-NZ", "Polly.Aria-Neural", "en-NZ", "en-NZ"),
    ],
)
def test_each_country_has_its_voice(locale: str, voice: str, speaks: str, hears: str) -> None:
    found = rendered(turn(("Any trouble?",)), locale)
    assert f'<Say language="{speaks}" voice="{voice}">' in found
    assert f'input="dtmf speech" language="{hears}"' in found


def test_a_country_without_a_voice_of_a_language_has_that_languages_first() -> None:
    assert voice_of("es", "en-GB") == voice_of("es", "en-US")
    assert voice_of("en", "en-ZA") == voice_of("en", "en-US")


def test_a_language_without_a_voice_is_spoken_by_the_accounts_own() -> None:
    voice = voice_of("cy", "en-GB")
    assert (voice.name, voice.speaks, voice.hears) == (None, "cy-GB", "cy-GB")


@pytest.mark.parametrize(
    ("locale", "number"), [("en-US", "9 1 1"), ("en-GB", "9 9 9"), ("en-AU", "0 0 0")]
)
def test_the_safety_net(locale: str, number: str) -> None:
    found = safety_net(a_line(locale))
    assert found.count(f"Call {number} or go to ") == 2
    assert found.count("Please call the clinic. Their number is 1, 2 0 2, 5 5 5, 0 1 4 3.") == 2
    assert "I will say that again." in found
    assert found.endswith("<Hangup /></Response>")
    assert "<Gather" not in found
