"""Passwords: kept as argon2 hashes, and which of them are good enough.

The cost of a hash is OWASP's for argon2id (Password Storage Cheat Sheet): 19 MiB, twice over, in
one lane. The rules are those of NIST SP 800-63B: length, and a list of what is guessed first; no
kinds of characters are asked for, and no change without a reason.
"""

import re
import unicodedata
from collections.abc import Iterable
from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

AT_LEAST: Final = 12
AT_MOST: Final = 200
"""Characters."""

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODYS: Final = _hasher.hash("nobody has this password")
_turn = BoundedSemaphore(2)
"""At most so many at once in a process: each takes 19 MiB, and callers are waiting too."""

_WAIT_SECONDS: Final = 5.0

_GUESSED_FIRST: Final = frozenset(
    (
        *("", "password", "passphrase", "passwort", "contrasena", "contraseña", "secret"),
        *("admin", "administrator", "welcome", "letmein", "changeme", "iloveyou", "sunshine"),
        *("qwerty", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijkl", "football", "monkey"),
        *("clinic", "clinica", "massage", "masaje", "doctor", "physio", "backline", "desk"),
    )
)
"""What is left of a bad password when its digits and signs are taken away."""


SENTENCES: Final = {
    "password.short": f"That is shorter than {AT_LEAST} characters: make it longer.",
    "password.long": f"That is longer than {AT_MOST} characters: make it shorter.",
    "password.guessed": "That is among the first that anybody would try: choose other words.",
}
"""Why a password is not good enough, for a terminal; the pages have words of their own."""


class BusyError(Exception):
    """Too many passwords are being looked at in this moment."""


def hashed(password: str) -> str:
    """The argon2 hash of a password."""
    with Turn():
        return _hasher.hash(_plain(password))


def matches(password: str, kept: str | None) -> bool:
    """Whether that is the password of the hash; None takes as long, and is never it."""
    with Turn():
        try:
            _hasher.verify(kept or _NOBODYS, _plain(password))
        except (Argon2Error, InvalidHashError):
            return False
    return kept is not None


def is_old(kept: str) -> bool:
    """Whether a hash was made at another cost than is paid today."""
    return _hasher.check_needs_rehash(kept)


def fault(password: str, near: Iterable[str]) -> str:
    """The key of the words that say why a password is not good enough; "" where it is.

    `near`: names that anybody would try first, such as the clinic's and the person's own.
    """
    password = _plain(password)
    if len(password) < AT_LEAST:
        return "password.short"
    if len(password) > AT_MOST:
        return "password.long"
    left = _letters(password)
    names = {_letters(name) for name in near} | {
        _letters(part) for name in near for part in name.split()
    }
    if left in _GUESSED_FIRST | names or len(set(password)) < 5:  # noqa: PLR2004
        return "password.guessed"
    half = left[: len(left) // 2]
    return "password.guessed" if half and half * 2 == left and half in _GUESSED_FIRST else ""


def _letters(text: str) -> str:
    return re.sub(r"[\W\d_]+", "", _plain(text)).lower()


def _plain(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


class Turn:
    """Waits for a turn; BusyError where none comes."""

    def __enter__(self) -> None:
        if not _turn.acquire(timeout=_WAIT_SECONDS):
            raise BusyError

    def __exit__(self, *_: object) -> None:
        _turn.release()
