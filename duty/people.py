"""How the people of a clinic's staff are named: on its pages, and when they sign in."""

import unicodedata
from typing import Final

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
