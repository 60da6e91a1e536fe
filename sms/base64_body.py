"""Texts that a carrier hands over as the base64 of their bytes.

In comes a text's body, out come the words that it stands for, or None for an ordinary body. Only
what is unmistakably base64 of a sentence is taken for one: no word that somebody would write is
this long without a space, of a length that fits, and turns into clean words besides. Short answers
("Tm8=" is "No") are left alone, for they might be words.
"""

import re
from base64 import b64decode
from typing import Final

_LONG_ENOUGH: Final = 16
_BASE64: Final = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_BYTE_ORDERS: Final = {0: "utf-16-be", 1: "utf-16-le"}


def decoded(body: str) -> str | None:
    """The words in a base64 body, or None where it is not unmistakably one."""
    body = "".join(body.split("\r\n")).replace("\n", "").strip()
    if len(body) < _LONG_ENOUGH or not _BASE64.fullmatch(body):
        return None
    data = b64decode(body)
    words = _text(data)
    return words if words is not None and _is_sentence(words) else None


def _text(data: bytes) -> str | None:
    encoding = "utf-8-sig"
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    elif 0 in data[:2]:
        # No byte order mark: the zero byte of a plain first letter tells.
        encoding = _BYTE_ORDERS[data.index(0)]
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _is_sentence(words: str) -> bool:
    """Letters and a space, and nothing that a phone cannot show."""
    plain = words.replace("\r", "").replace("\n", " ")
    letters = sum(character.isalpha() for character in plain)
    return " " in plain.strip() and plain.isprintable() and letters * 2 > len(plain)
