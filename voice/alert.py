"""Where Twilio asks what to say to somebody on call, and brings the key that they press.

The address goes out with each call and names the alert and the rung; it is signed like any other.
A key is needed to acknowledge: an answering machine presses none, and the next one is told.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from twilio.twiml.voice_response import Gather, Say, VoiceResponse

from duty.alert import How
from duty.wording import say, spoken_of
from flows.line import Line
from store.acknowledging import Acknowledging, Claim
from telephony.answer import twiml
from telephony.door import Door, Site, guarded, line_number
from voice.render import SPEED
from voice.voices import voice_of

PATH: Final = "/voice/alert"
SPOKEN_AT_MOST: Final = 3
"""So often the same call says it: who has not pressed 1 by then is not there."""

_WAIT_SECONDS: Final = 8
_TAKE: Final = "1"
_AGAIN: Final = "9"


def alert_url(base_url: str, alert: int, rung: int) -> str:
    """What a call to somebody on call asks, to know what to say. `base_url`: without a slash."""
    return f"{base_url}{PATH}?{urlencode({'alert': alert, 'rung': rung})}"


def make_blueprint(door: Door, staff: Acknowledging) -> Blueprint:
    """The routes of the calls to staff."""
    blueprint = guarded("alert", door, _failure)

    @blueprint.post(PATH)
    def alert() -> Response:
        site, times = door.sites.at(line_number(request.form)), _times(request.args)
        claim = _claim(site, request.args)
        if claim is None:
            return _bye(site, "gone")
        if claim.alert.acknowledged_by is not None:
            return _bye(site, "taken_before", name=claim.alert.acknowledged_by)
        return _ask(site, claim, times)

    @blueprint.post(f"{PATH}/key")
    def key() -> Response:
        at, site, times = door.now(), door.sites.at(line_number(request.form)), _times(request.args)
        claim, pressed = _claim(site, request.args), request.form.get("Digits", "")
        if claim is None:
            return _bye(site, "gone")
        if pressed == _TAKE:
            taken = staff.take(claim, How.KEY, at).acknowledged_by or ""
            return _bye(site, "taken" if taken == claim.name else "taken_before", name=taken)
        if times >= SPOKEN_AT_MOST:
            return _bye(site, "goodbye")
        wrong = pressed and pressed != _AGAIN
        return _ask(site, claim, times, *(["wrong"] if wrong else []))

    def _claim(site: Site, query: Mapping[str, str]) -> Claim | None:
        return staff.by_rung(int(query["alert"]), int(query["rung"]), site.clinic.name)

    def _ask(site: Site, claim: Claim, times: int, *before: str) -> Response:
        line, query = site.line, {name: request.args[name] for name in ("alert", "rung")}
        base_url = door.verifier.base_url(request)
        gather = Gather(
            action=f"{base_url}{PATH}/key?{urlencode({**query, 'times': times + 1})}",
            method="POST",
            input="dtmf",
            num_digits=1,
            finish_on_key="",
            timeout=_WAIT_SECONDS,
            action_on_empty_result=True,
        )
        words = (say(line.language, f"call.{key}") for key in before)
        _say(gather, line, *words, *spoken_of(claim.alert, line.language, site.clinic.name))
        response = VoiceResponse()
        response.append(gather)
        return twiml(str(response))

    return blueprint


def _times(query: Mapping[str, str]) -> int:
    """How often this call has said it before."""
    return int(query.get("times", "0"))


def _bye(site: Site, key: str, **given: str) -> Response:
    response = VoiceResponse()
    _say(response, site.line, say(site.line.language, f"call.{key}", **given))
    response.hangup()
    return twiml(str(response))


def _failure(line: Line) -> str:
    """What is said when anything fails, twice: whoever hears it opens the desk."""
    response, words = VoiceResponse(), say(line.language, "call.failure")
    _say(response, line, words, words)
    response.hangup()
    return str(response)


def _say(into: VoiceResponse | Gather, line: Line, *sentences: str) -> None:
    voice = voice_of(line.language, line.locale)
    spoken = Say(voice=voice.name, language=voice.speaks)
    slowly = spoken.prosody(rate=SPEED)
    for sentence in sentences:
        slowly.p(sentence)
    into.append(spoken)
