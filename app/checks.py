"""What a setting's value must be: one function each, from the text to the value.

`Wrong` completes the sentence that begins with the setting's name. It never holds the value, which
may be a secret put in the wrong place.
"""

import re
from itertools import pairwise
from urllib.parse import urlsplit

import phonenumbers

from duty.naming import NameFault, name_fault
from flows.check_words import CLINIC_NAME_AT_MOST
from flows.definition import read_locales
from telephony.contact import reachable

SECRET_AT_LEAST = 32
"""Characters."""

SECRET_MARKS_AT_LEAST = 8
"""Different ones: 32 random characters hold fewer next to never, even of 0-9a-f alone."""

READING_SECONDS_AT_MOST = 30
PORT_AT_MOST = 65535

_WEAK_WORDS = (
    "secret",
    "password",
    "changeme",
    "change-me",
    "example",
    "backline",
    "12345678",
)
_LOCAL = ("localhost", "127.0.0.1")

_NAME_FAULTS = {
    NameFault.SIGNS: "holds characters that cannot be sent: give the name in plain letters.",
    NameFault.LETTERS: (
        "holds letters that a plain text message cannot carry: give it without them."
    ),
    NameFault.LONG: (
        f"is longer than {CLINIC_NAME_AT_MOST} characters: shorten it, so that texts fit."
    ),
}


class Wrong(ValueError):
    """A value that cannot be used: the rest of a sentence that says why, and what to do."""


def account_sid(value: str) -> str:
    if not re.fullmatch(r"AC[0-9a-fA-F]{32}", value):
        raise Wrong("is not AC and 32 characters from 0-9 and a-f: copy it from the console.")
    return value


def auth_token(value: str) -> str:
    # Twilio's are 32 letters and digits; a stand-in of another service may look different.
    if not re.fullmatch(r"[!-~]{16,}", value):
        raise Wrong("is shorter than 16 characters or has a space: copy it from the console.")
    return value


def content_sid(value: str) -> str:
    if not re.fullmatch(r"HX[0-9a-fA-F]{32}", value):
        raise Wrong("is not HX and 32 characters from 0-9 and a-f: copy it from the console.")
    return value


def alexa_skill(value: str) -> str:
    if not re.fullmatch(r"amzn1\.ask\.skill\.[0-9a-f-]{36}", value):
        raise Wrong("is not amzn1.ask.skill. and 36 characters: copy it from Amazon's console.")
    return value


def secret_key(value: str) -> str:
    make = "make one: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
    if len(value) < SECRET_AT_LEAST:
        raise Wrong(f"is shorter than {SECRET_AT_LEAST} characters: {make}.")
    repeats = value in (value + value)[1:-1]
    steps = [ord(after) - ord(before) for before, after in pairwise(value)]
    runs = sum(abs(step) <= 1 for step in steps) > len(steps) // 2
    words = any(word in value.lower() for word in _WEAK_WORDS)
    if len(set(value)) < SECRET_MARKS_AT_LEAST or repeats or runs or words:
        raise Wrong(f"is too easy to guess: {make}.")
    return value


def metrics_token(value: str) -> str:
    if not re.fullmatch(r"[!-~]{16,}", value):
        raise Wrong("is shorter than 16 characters or has a space: give a random word.")
    return value


def public_url(value: str) -> str:
    """Without the slash at its end: paths are put straight behind it."""
    wrong = Wrong("is not https://HOST or https://HOST/PREFIX: give the address that Twilio calls.")
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise wrong from None
    if not re.fullmatch(r"[a-zA-Z0-9.-]+", host) or port == 0:
        raise wrong
    if parts.query or parts.fragment or parts.username is not None or not value.isascii():
        raise wrong
    if re.search(r"[\s?#]|//", value.partition("://")[2]):
        raise wrong
    if parts.scheme == "http" and host not in _LOCAL:
        raise Wrong("begins with http: give an https address; http is for localhost alone.")
    if parts.scheme not in ("http", "https"):
        raise wrong
    return value.rstrip("/")


def api_url(value: str) -> str:
    """Where Twilio's API is asked; only the scheme, the host and the port of it count."""
    wrong = Wrong("is not https://HOST or http://127.0.0.1:PORT: leave it out to ask Twilio.")
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise wrong from None
    local = parts.scheme == "http" and host in _LOCAL
    if not host or not (local or parts.scheme == "https") or parts.path.strip("/") or parts.query:
        raise wrong
    return f"{parts.scheme}://{parts.netloc}"


def smtp_url(value: str) -> str:
    """The server that takes mail, as `app.mail` reads it; what is wrong never shows a password."""
    wrong = Wrong("is not smtp://HOST, smtp://USER:PASSWORD@HOST:PORT or smtps:// with the same.")
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise wrong from None
    if parts.scheme not in ("smtp", "smtps") or not host or parts.path.strip("/") or parts.query:
        raise wrong
    return value


def email(value: str) -> str:
    """An address that mail can go to or come from, such as desk@clinic.example."""
    name, at, host = value.rpartition("@")
    whole = value.isascii() and value.isprintable() and not set(value) & set(' <>,;:"()[]')
    if not at or not name or "." not in host.strip(".") or not whole:
        raise Wrong("is not an e-mail address, such as desk@clinic.example.")
    return value


def database_url(value: str) -> str:
    scheme = value.partition("://")[0].partition("+")[0]
    if "://" not in value or scheme not in ("sqlite", "postgresql", "postgres"):
        raise Wrong(
            "is neither sqlite:///FILE nor postgresql://USER:PASSWORD@HOST/NAME: give one of them."
        )
    return value


def locale(value: str) -> str:
    known = sorted(read_locales())
    if value not in known:
        raise Wrong(f"is not a locale that there are numbers for: give one of {', '.join(known)}.")
    return value


def clinic_name(value: str) -> str:
    fault = name_fault(value)
    if fault:
        raise Wrong(_NAME_FAULTS[fault])
    return value


def phone(value: str) -> str:
    """In E.164, without the spaces and signs that people write."""
    found = reachable(value)
    if found is None:
        raise Wrong("is not a phone number: give it with + and the country's code: +12025550143.")
    return found


def phone_words(phone: str, locale: str) -> str:
    """A number as it is written in the locale's country; with its own country's code elsewhere."""
    number = phonenumbers.parse(phone, None)
    home = phonenumbers.country_code_for_region(locale.partition("-")[2])
    form = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(
        number, form.NATIONAL if number.country_code == home else form.INTERNATIONAL
    )


def seconds(value: str) -> float:
    try:
        found = float(value)
    except ValueError:
        found = -1.0
    if not 0 <= found <= READING_SECONDS_AT_MOST:
        raise Wrong("is not a number from 0 to 30: give seconds, such as 1.5.")
    return found


def proxies(value: str) -> int:
    if not re.fullmatch(r"[0-9]", value):
        raise Wrong("is not a number from 0 to 9: give how many proxies of yours stand in front.")
    return int(value)


def people(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", value):
        raise Wrong("is not a number from 0 to 999999: give how many people, such as 500.")
    return int(value)


def port(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", value) or not 1 <= int(value) <= PORT_AT_MOST:
        raise Wrong("is not a number from 1 to 65535: give the port to listen on, such as 8000.")
    return int(value)
