"""The addresses of a trial: none of them is a telephone number, so none can ever be somebody's.

A visitor has an address as Twilio gives it to a phone in a browser, `client:...`, and a line that
is tried out has one for each country, `trial:en-GB`, which no carrier can bring.
"""

import secrets
from typing import Final

_LINE: Final = "trial:"
_VISITOR: Final = "client:trial_"


def line_in(locale: str) -> str:
    """The address of the line in `locale`, such as "en-GB"."""
    return f"{_LINE}{locale}"


def locale_of(address: str) -> str | None:
    """The locale of a line that is tried out; None for any other address."""
    return address.removeprefix(_LINE) if address.startswith(_LINE) else None


def new_visitor() -> str:
    """An address that nobody else has."""
    return f"{_VISITOR}{secrets.token_hex(12)}"
