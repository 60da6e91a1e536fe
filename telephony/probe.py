"""Asking our own service from outside, as the carrier does.

In comes the public address, out comes what it answers: by which way a request gets there (proxies,
certificates, paths) is exactly what is to be found out.
"""

import secrets
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import requests
from twilio.request_validator import RequestValidator

_SECONDS_AT_MOST: Final = 10.0
_HARMLESS: Final = "/sms/fallback"
"""A route for the carrier alone that keeps nothing and answers from memory."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back. `status`: of HTTP; 0: nothing did, and `why` says the reason.

    `health`: what our service says of its health, {} where it is not our service that answered.
    """

    status: int
    why: str = ""
    health: dict[str, Any] | None = None


def ask_health(public_url: str) -> Heard:
    """How the service at that address says that it is."""
    try:
        answer = requests.get(f"{public_url}/healthz", timeout=_SECONDS_AT_MOST)
    except requests.RequestException as error:
        return Heard(0, _reason(error))
    try:
        body = msgspec.json.decode(answer.content, type=dict[str, Any])
    except msgspec.DecodeError:
        body = {}
    ours = "flow_id" in body and "store" in body
    return Heard(answer.status_code, health=body if ours else {})


def ask_signed(public_url: str, token: str | None) -> Heard:
    """Post as the carrier would, signed with `token`, or not signed at all."""
    url = f"{public_url}{_HARMLESS}"
    form = {"MessageSid": f"SM{secrets.token_hex(16)}", "Body": "doctor"}
    headers = {}
    if token is not None:
        headers["X-Twilio-Signature"] = RequestValidator(token).compute_signature(url, form)
    try:
        # A redirect would change the address that was signed.
        answer = requests.post(
            url, form, headers=headers, timeout=_SECONDS_AT_MOST, allow_redirects=False
        )
    except requests.RequestException as error:
        return Heard(0, _reason(error))
    return Heard(answer.status_code)


def _reason(error: requests.RequestException) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not in order"
    if isinstance(error, requests.Timeout):
        return f"no answer within {_SECONDS_AT_MOST:.0f} seconds"
    return "nobody answers there"
