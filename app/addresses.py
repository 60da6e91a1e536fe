"""The addresses that a number needs at the carrier, and how those that it has differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from flows.line import Line
from sms.render import safety_net as net_by_text
from telephony.account import Number
from voice.render import safety_net as net_by_phone

_MEANINGS: Final = {
    "voice_url": "a call comes in",
    "voice_method": "  by the method",
    "voice_fallback_url": "a call comes in, and that fails",
    "voice_fallback_method": "  by the method",
    "status_callback": "a call's status changes",
    "status_callback_method": "  by the method",
    "voice_application_sid": "calls go to a TwiML app instead",
    "trunk_sid": "calls go to a SIP trunk instead",
    "sms_url": "a text comes in",
    "sms_method": "  by the method",
    "sms_fallback_url": "a text comes in, and that fails",
    "sms_fallback_method": "  by the method",
    "sms_application_sid": "texts go to a TwiML app instead",
}


@dataclass(frozen=True, slots=True)
class SafetyNet:
    """Where the carrier gets the safety net from when the line fails. `method`: of HTTP."""

    voice_url: str
    sms_url: str
    method: str


@dataclass(frozen=True, slots=True)
class Difference:
    """`name`: the API's own.  "" for nothing."""

    name: str
    before: str
    after: str

    def __str__(self) -> str:
        before, after = self.before or "(nothing)", self.after or "(nothing)"
        return f"{_MEANINGS[self.name]}: {before} -> {after}"


def voice_file(clinic: int) -> str:
    """The path under which Twilio can serve the safety net for calls to that clinic."""
    return f"/voice-{clinic}.xml"


def sms_file(clinic: int) -> str:
    """The path under which Twilio can serve the safety net for texts to that clinic."""
    return f"/sms-{clinic}.xml"


def documents(lines: Mapping[int, Line]) -> dict[str, str]:
    """The TwiML of each clinic's safety net, for both media, by path. `lines`: by the clinic."""
    by_phone = {voice_file(clinic): net_by_phone(line) for clinic, line in lines.items()}
    return by_phone | {sms_file(clinic): net_by_text(line) for clinic, line in lines.items()}


def own_net(public_url: str) -> SafetyNet:
    """The safety net from our own memory: it holds while the line fails, not while it is down."""
    return SafetyNet(f"{public_url}/voice/fallback", f"{public_url}/sms/fallback", "POST")


def hosted_net(address: str, clinic: int) -> SafetyNet:
    """The safety net from Twilio's own servers, which serve files to GET alone."""
    return SafetyNet(f"{address}{voice_file(clinic)}", f"{address}{sms_file(clinic)}", "GET")


def wanted(number: Number, public_url: str, net: SafetyNet) -> dict[str, str]:
    """Where the number's calls and texts must go, by the API's own names."""
    values: dict[str, str] = {}
    if number.voice:
        values |= {
            "voice_url": f"{public_url}/voice",
            "voice_method": "POST",
            "voice_fallback_url": net.voice_url,
            "voice_fallback_method": net.method,
            "status_callback": f"{public_url}/voice/status",
            "status_callback_method": "POST",
            "voice_application_sid": "",
            "trunk_sid": "",
        }
    if number.sms:
        values |= {
            "sms_url": f"{public_url}/sms",
            "sms_method": "POST",
            "sms_fallback_url": net.sms_url,
            "sms_fallback_method": net.method,
            "sms_application_sid": "",
        }
    return values


def differences(number: Number, values: Mapping[str, str]) -> tuple[Difference, ...]:
    """What of `values` the number does not have yet."""
    return tuple(
        Difference(name, number.takes[name], after)
        for name, after in values.items()
        if number.takes[name] != after
    )


def same_document(one: str | None, other: str) -> bool:
    """Whether two TwiML documents say the same, however they are laid out."""
    if one is None:
        return False
    try:
        return ET.canonicalize(one, strip_text=True) == ET.canonicalize(other, strip_text=True)
    except ET.ParseError:
        return False
