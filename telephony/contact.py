"""Who wrote or called, as one string per person.

In comes an address as the carrier writes it, out comes the contact that conversations belong to:

- a number in E.164 form, such as `+12025550143`, the same for texts, calls, WhatsApp and RCS;
- `call:<CallSid>` for a caller who hides the number: each call is a contact of its own, so that
  one hidden caller never goes on with the answers of another;
- anything else as it came: short codes, named senders, `sip:` and `client:` addresses.

Sources: Twilio's article "Why am I getting calls from these strange numbers?" for the numbers that
stand for a hidden one (they spell ANONYMOUS, RESTRICTED, UNAVAILABLE, BLOCKED, UNKNOWN);
libphonenumber for which numbers are possible.
"""

import re
from functools import lru_cache
from typing import Final

import phonenumbers

WHATSAPP: Final = "whatsapp:"
RCS: Final = "rcs:"

_HIDDEN_NAMES: Final = frozenset(
    ("anonymous", "restricted", "unavailable", "blocked", "unknown", "private", "withheld", "")
)
_HIDDEN_NUMBERS: Final = frozenset(
    ("+266696687", "+7378742883", "+86282452253", "+2562533", "+8656696")
)
_NUMBER: Final = re.compile(r"\+[0-9 ().-]{3,24}")
_TYPED: Final = re.compile(r"[+0-9 ()./-]{5,30}")


def sender(address: str) -> str:
    """The contact behind the address of a text; "" where there is none."""
    address = address.strip().removeprefix(WHATSAPP).removeprefix(RCS)
    return number(address) or address


def caller(address: str, call: str) -> str:
    """The contact behind the address of a call; `call`: its CallSid."""
    address = address.strip()
    scheme, colon, rest = address.partition(":")
    if colon and scheme in ("sip", "sips", "client"):
        name, _, host = rest.lower().partition("@")
        hidden = name in _HIDDEN_NAMES or host.startswith("anonymous.")
    else:
        address = number(address) or ""
        hidden = not address
    return f"call:{call}" if hidden else address


def number(address: str) -> str | None:
    """`address` in E.164 form, or None where it is no number that can be called back."""
    if address in _HIDDEN_NUMBERS or not _NUMBER.fullmatch(address):
        return None
    return _e164(address)


@lru_cache(maxsize=4096)
def country_of(contact: str) -> str | None:
    """The country of a contact's number, such as "US" (ISO 3166); None where it has none."""
    if not contact.startswith("+"):
        return None
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(contact))
    except phonenumbers.NumberParseException:
        return None


def local_number(said: str, country: str) -> str | None:
    """A number as it is said in `country`, such as `US`, in E.164 form; None where it is none.

    One without its area code is none: it may be anybody's.
    """
    try:
        parsed = phonenumbers.parse(said, country)
    except phonenumbers.NumberParseException:
        return None
    whole = phonenumbers.is_possible_number_with_reason(parsed)
    if whole != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def reachable(written: str) -> str | None:
    """A number as people write it, with its country's code, in E.164; None where nobody has it."""
    try:
        parsed = phonenumbers.parse(written, None)
    except phonenumbers.NumberParseException:
        return None
    if parsed.extension or not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def local_digits(number: str) -> str:
    """A number in E.164 form as it is dialled in its own country: digits, in groups."""
    parsed = phonenumbers.parse(number)
    written = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    return " ".join(re.findall(r"\d+", written))


@lru_cache(maxsize=4096)
def _e164(address: str) -> str | None:
    # Parsing costs some 50 us, and one person's number comes again with each answer.
    try:
        parsed = phonenumbers.parse(address)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def typed_number(text: str, country: str) -> str | None:
    """What somebody in `country`, such as "GB", typed as a phone number, in E.164 form.

    None where it holds letters, or is no number there.
    """
    if not _TYPED.fullmatch(text):
        return None
    try:
        parsed = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
