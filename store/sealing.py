"""Words and numbers are kept encrypted, and numbers are found by a keyed hash."""

import os
from hashlib import blake2b, sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from store.errors import SealError

_SECRET_LENGTH = 32
_FORMAT = b"\x01"  # what follows: 12 bytes of nonce, then AES-256-GCM
_NONCE = 12
_TAG = 16


class Sealer:
    """Seals with keys derived from one `secret`; ValueError for one under 32 characters."""

    def __init__(self, secret: str) -> None:
        if len(secret) < _SECRET_LENGTH:
            raise ValueError(f"a secret has at least {_SECRET_LENGTH} characters")
        self._cipher = AESGCM(_key(secret, b"backline words"))
        self._finder = _key(secret, b"backline addresses")
        # HMAC-SHA256 with both its keyed beginnings made once, which halves what a turn waits for.
        marker = _key(secret, b"backline marks").ljust(sha256().block_size, b"\0")
        self._inner = sha256(bytes(byte ^ 0x36 for byte in marker))
        self._outer = sha256(bytes(byte ^ 0x5C for byte in marker))

    def seal(self, words: str, context: str) -> bytes:
        """`words`, encrypted; `context` says where they belong, and is needed to open them."""
        nonce = os.urandom(_NONCE)
        # Half a surrogate pair is no character, but somebody's phone may send one.
        plain = words.encode("utf-8", "surrogatepass")
        return _FORMAT + nonce + self._cipher.encrypt(nonce, plain, context.encode())

    def open(self, sealed: bytes, context: str) -> str:
        """What was sealed for `context`; SealError where secret, place or bytes are others."""
        nonce, rest = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
        if sealed[:1] != _FORMAT or len(rest) < _TAG:
            raise SealError("sealed words are damaged")
        try:
            plain = self._cipher.decrypt(nonce, rest, context.encode())
        except InvalidTag:
            raise SealError("sealed words do not open: another secret, or another place") from None
        return plain.decode("utf-8", "surrogatepass")

    def fingerprint(self, clinic: int | str, address: str) -> bytes:
        """32 bytes that stand for `address` at `clinic`, and say nothing without the secret."""
        return blake2b(f"{clinic}\0{address}".encode(), key=self._finder, digest_size=32).digest()

    def mark(self, purpose: str, content: bytes) -> bytes:
        """32 bytes that vouch for `content`: nobody can make them without the secret.

        `purpose`: a plain word; a mark for one purpose is none for another.
        """
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(purpose.encode() + b"\0" + content)
        outer.update(inner.digest())
        return outer.digest()


def _key(secret: str, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=purpose).derive(secret.encode())
