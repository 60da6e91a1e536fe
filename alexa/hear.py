"""A request of Amazon's becomes one thing heard. Here Amazon's field names end.

Each request has an id of its own, the same when it is sent again.

Amazon tells silence from words itself: it puts the question once more and then ends the session.
So silence comes here as the end of a call does, and takes nothing back: the person may go on later.
"""

from typing import Final

from alexa.envelope import INTENT, LAUNCH, SESSION_ENDED, Envelope, Intent
from alexa.intents import SAID, WORDS, WORDS_SLOT, beginnings, read_phrasing
from flows.utterance import Channel, Kind, Medium, Utterance
from telephony.asking import Asking
from telephony.heard import clean

ALEXA: Final = Channel("alexa", Medium.VOICE)

_KINDS: Final = {LAUNCH: Kind.ARRIVAL, SESSION_ENDED: Kind.HANG_UP}


def contact(envelope: Envelope) -> str:
    """Who speaks: an account, and so a household, as a number is.

    A voice is recognised now and then only, and a conversation must not change hands in between.
    """
    return f"alexa:{envelope.context.system.user.user_id}"


def hear(envelope: Envelope, language: str) -> Utterance | None:
    """What the request says; None where it says nothing of a conversation.

    `language`: the conversation's, in which an intent's own phrase must be understood. Free words
    are those of the device's language.
    """
    request = envelope.request
    kind = _KINDS.get(request.type)
    if kind is not None:
        return Utterance(ALEXA, kind)
    if request.type != INTENT or request.intent is None:
        return None
    return said(envelope, _words(request.intent, language, request.locale))


def said(envelope: Envelope, words: str) -> Utterance:
    """`words` in answer to the turn that the session last heard.

    They are sure: Amazon tells how sure it is of nothing. What it is not sure of it keeps, and asks
    again or sends without words.
    """
    asking = _asking(envelope)
    return Utterance(
        ALEXA,
        Kind.SPEECH,
        clean(words),
        in_reply_to=asking.number if asking else None,
        question=asking.question if asking else None,
    )


def _words(intent: Intent, language: str, locale: str) -> str:
    """What was said; "" where Amazon made nothing of it, which the flow asks for again."""
    if intent.name in SAID:
        return read_phrasing(language).said[SAID[intent.name]]
    words = intent.slot(WORDS_SLOT)
    if intent.name == WORDS:
        return words
    spoken = locale.partition("-")[0]
    try:
        beginning = beginnings(spoken).get(intent.name, "")
    except FileNotFoundError:
        # A language that the skill was never given a model for.
        return words
    return f"{beginning} {words}".strip()


def _asking(envelope: Envelope) -> Asking | None:
    """The turn that the session last heard, or None where it has heard none."""
    try:
        return Asking.read(envelope.attributes)
    except (KeyError, ValueError):
        return None
