"""A turn becomes TwiML: what Twilio is told to say, and to listen for.

Everything comes from the stored turn, so the same turn gives the same bytes.  Every URL is
absolute: relative ones are resolved differently from case to case.

Source: Twilio's pages of <Say>, <Gather>, <Dial> and <Redirect>.
"""

from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Final
from xml.sax.saxutils import escape

from twilio.twiml.voice_response import Dial, Gather, Redirect, Say, VoiceResponse

from flows.conversation import Turn
from flows.line import Line
from flows.prompts import Part
from flows.utterance import Medium
from telephony.asking import Asking
from voice.voices import Voice, voice_of

WAIT_SECONDS: Final = 6
"""How long somebody may think before the first key or word."""

SPEECH_PAUSE_SECONDS: Final = 2
"""The silence that ends what is said. Not Twilio's `auto`: it ends at the first pause, and would
hear "no ... well, a little" as "no"."""

CLINIC_RINGS_SECONDS: Final = 25
"""Before somebody else's voicemail takes the call, as a rule."""

SPEED: Final = "90%"

_ASKING: Final = "{asking}"
"""Stands for the query of `Asking` until that is known."""

Passage = tuple[str, Voice]
"""Words, and who says them: a message may hold a sentence in another language."""

Messages = tuple[tuple[Passage, ...], ...]


def render(turn: Turn, line: Line, base_url: str, clinic: str, caller_id: str | None = None) -> str:
    """What is said, and what then.

    `base_url`: where this service is reached, without a slash at its end.
    `clinic`: the clinic's number, to put the call through to, in E.164 form.
    `caller_id`: the number to show there; None for the caller's own.

    ValueError for a turn that says nothing: a caller must never meet silence.
    """
    if not any(part.words for message in turn.said for part in message):
        raise ValueError("a turn by phone says nothing")
    voice = voice_of(turn.state.language, line.locale)
    asking = Asking.of(line, turn)
    messages = tuple(
        tuple((part.words, _voice(part, turn, line)) for part in message) for message in turn.said
    )
    if turn.connect:
        document = _putting_through(messages, base_url, clinic, caller_id, for_good=turn.hang_up)
    elif turn.hang_up:
        document = _hanging_up(messages)
    else:
        hints = line.words[turn.state.language].hints(asking.question)
        document = _listening(messages, voice, base_url, hints)
    return document.replace(_ASKING, escape(asking.query))


def safety_net(line: Line) -> str:
    """What is said when anything fails (invariant I-23), twice, in the line's own language."""
    words = line.words[line.language]
    voice = voice_of(line.language, line.locale)
    once = tuple((words.of(key, Medium.VOICE), voice) for key in ("safety_net", "failure"))
    again = (words.of("say_again", Medium.VOICE), voice)
    return _hanging_up((once, (again, *once)))


# The same few documents are given again and again, and differ in the turn that asks alone.
# They hold the flow's own words only, never a caller's.


@lru_cache(maxsize=256)
def _listening(messages: Messages, voice: Voice, base_url: str, hints: str) -> str:
    response = VoiceResponse()
    # A key cuts short what is said inside the Gather, and that is the last message alone: advice
    # before it is heard to its end.
    *before, last = messages
    _say(response, before)
    action = f"{base_url}/voice/turn?{_ASKING}"
    gather = _gather(action, voice, hints)
    _say(gather, [last])
    response.append(gather)
    # Silence comes back too, even where the carrier does not honour `actionOnEmptyResult`.
    response.append(Redirect(action, method="POST"))
    return str(response)


@lru_cache(maxsize=64)
def _hanging_up(messages: Messages) -> str:
    response = VoiceResponse()
    _say(response, messages)
    response.hangup()
    return str(response)


def _putting_through(
    messages: Messages,
    base_url: str,
    clinic: str,
    caller_id: str | None,
    *,
    for_good: bool,
) -> str:
    """`for_good`: who is to hang up after this does not come back if the clinic does not answer."""
    response = VoiceResponse()
    _say(response, messages)
    dial = Dial(
        action=None if for_good else f"{base_url}/voice/clinic?{_ASKING}",
        method=None if for_good else "POST",
        timeout=CLINIC_RINGS_SECONDS,
        caller_id=caller_id,
    )
    dial.number(clinic)
    response.append(dial)
    if for_good:
        response.hangup()
    return str(response)


def _say(into: VoiceResponse | Gather, messages: Iterable[Iterable[Passage]]) -> None:
    for message in messages:
        for voice, passages in groupby(message, key=itemgetter(1)):
            say = Say(voice=voice.name, language=voice.speaks)
            slowly = say.prosody(rate=SPEED)
            for words, _ in passages:
                slowly.p(words)
            into.append(say)


def _voice(part: Part, turn: Turn, line: Line) -> Voice:
    return voice_of(part.language or turn.state.language, line.locale)


def _gather(action: str, voice: Voice, hints: str) -> Gather:
    return Gather(
        input="dtmf speech",
        action=action,
        method="POST",
        action_on_empty_result=True,
        timeout=WAIT_SECONDS,
        speech_timeout=SPEECH_PAUSE_SECONDS,
        num_digits=1,
        # No key means "end": # alone is then a key that we do not know, and not silence.
        finish_on_key="",
        language=voice.hears,
        hints=hints,
        # The questions are about the body, and so are the answers.
        profanity_filter=False,
    )
