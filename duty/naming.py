"""How a clinic and the people of its staff may be named."""

import unicodedata
from enum import StrEnum
from typing import Final

from flows.check_words import CLINIC_NAME_AT_MOST
from flows.wording import length, plain

LONGEST: Final = 100
"""Characters, of a name and of a login."""


class Unfit(ValueError):
    """A name or a login that cannot be one; the message is a key of words."""


def as_name(value: str) -> str:
    """A name on one line. Unfit: nothing, too much, or no plain letters."""
    value = " ".join(value.split())
    if not value or len(value) > LONGEST or any(unicodedata.category(c)[0] == "C" for c in value):
        raise Unfit("name")
    return value


def as_login(value: str) -> str:
    """What somebody signs in with, in small letters. Unfit: it cannot be one."""
    value = unicodedata.normalize("NFKC", value).strip().lower()
    plain = all(c.isprintable() and not c.isspace() for c in value)
    if not 1 < len(value) <= LONGEST or not plain:
        raise Unfit("login")
    return value


class NameFault(StrEnum):
    """Why a clinic cannot be named so in a text message."""

    SIGNS = "signs"
    LETTERS = "letters"
    LONG = "long"


def name_fault(value: str) -> NameFault | None:
    """What is wrong with a clinic's name as it is sent and spoken; None where nothing is."""
    if any(unicodedata.category(letter)[0] == "C" for letter in value) or set("{}<>") & set(value):
        return NameFault.SIGNS
    size = length(plain(value))
    if not size.gsm:
        return NameFault.LETTERS
    return NameFault.LONG if size.units > CLINIC_NAME_AT_MOST else None
