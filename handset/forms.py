"""What a form asks the exchange to do. In comes what was posted, whoever made it."""

import re
from collections.abc import Mapping
from typing import Final

from exports.transcript import SURE
from handset.exchange import Exchange, Refused
from handset.visit import Visit

TEXT_AT_MOST: Final = 1600
"""Characters: the longest text that Twilio hands over."""

SPEECH_AT_MOST: Final = 500

UNSURE: Final = 0.3
"""A recogniser's confidence in words that it heard badly."""

_SID: Final = re.compile(r"[0-9a-f]{32}")
_KEYS: Final = frozenset("0123456789*#")

Form = Mapping[str, str]


def do_text(form: Form, exchange: Exchange) -> Visit:
    """Send the text that `form` holds; `Refused` where it holds none that can be sent."""
    words = form.get("words", "").replace("\r\n", "\n")  # as phones write it, and carriers
    if len(words) > TEXT_AT_MOST:
        raise Refused("too_long")
    return exchange.text(words, _sid(form), picture="picture" in form)


def do_call(form: Form, exchange: Exchange) -> Visit:
    """Do on the phone what `form` says; `Refused` where it is nothing that can be done."""
    words, key = form.get("words", ""), form.get("key", "")
    if len(words) > SPEECH_AT_MOST:
        raise Refused("too_long")
    match form.get("act", "press" if key else ""):
        case "ring":
            return exchange.ring(_sid(form))
        case "press" if key in _KEYS:
            return exchange.press(key)
        case "say":
            return exchange.say(words, _confidence(form))
        case "silence":
            return exchange.silence()
        case "clinic_answers":
            return exchange.clinic(answers=True)
        case "clinic_missed":
            return exchange.clinic(answers=False)
        case "hang_up":
            return exchange.hang_up()
        case _:
            raise Refused("unknown")


def _sid(form: Form) -> str:
    """What makes a text or a call one and the same, however often the browser posts it."""
    sid = form.get("sid", "")
    if not _SID.fullmatch(sid):
        raise Refused("unknown")
    return sid


def _confidence(form: Form) -> float:
    """The recogniser's, where the words were spoken; else as the visitor has it."""
    if "badly" in form:
        return UNSURE
    try:
        confidence = float(form["confidence"])
    except (KeyError, ValueError):
        return SURE
    # Some browsers say 0 and mean that they do not know.
    return confidence if 0.0 < confidence <= 1.0 else SURE
