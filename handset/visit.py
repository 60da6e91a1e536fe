"""What a visitor's browser keeps for us between two requests: sealed, and nothing of it is words.

The conversation itself is on the log. Here is whose it is, and where the call stands that is under
way; so any process can answer the next request, and none needs to remember anybody.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from datetime import datetime
from typing import Final

import msgspec

from handset.numbers import new_visitor
from store.errors import SealError
from store.sealing import Sealer

COOKIE: Final = "backline_try"
KEPT_SECONDS: Final = 24 * 3600
_CONTEXT: Final = "handset/visit"


class CallUnderWay(msgspec.Struct, frozen=True, array_like=True):
    """`sid`: the carrier's.  `stands`: as `Call.kept` gives it.  `at`: of the last act (UTC)."""

    sid: str
    stands: str
    at: datetime


class Visit(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """One visitor with one phone.

    `contact`: the phone's address.  `locale`: of the line that it texts and calls.
    `language`: of the page, "" for the browser's own.
    `call`: None while nobody is on the line.
    `unlogged`: what the line said last where that is not on the log (the safety net), and whether
    it was said by phone.
    """

    contact: str
    locale: str
    language: str = ""
    call: CallUnderWay | None = None
    unlogged: tuple[str, ...] = ()
    unlogged_by_phone: bool = False


def new_visit(locale: str, language: str = "") -> Visit:
    """A visitor with a phone that nobody has used."""
    return Visit(new_visitor(), locale, language)


def seal(sealer: Sealer, visit: Visit) -> str:
    """`visit` as a cookie's value."""
    plain = msgspec.json.encode(visit).decode()
    return urlsafe_b64encode(sealer.seal(plain, _CONTEXT)).decode()


def unseal(sealer: Sealer, cookie: str) -> Visit | None:
    """The visit in a cookie's value; None for one that we did not make."""
    try:
        plain = sealer.open(urlsafe_b64decode(cookie.encode()), _CONTEXT)
        return msgspec.json.decode(plain, type=Visit)
    except (SealError, Error, ValueError):
        return None
