"""Is it really Amazon, and meant for our skill? The guard that stands before the webhook.

In come a request's headers and its body, out comes whether it counts. Amazon's rules, all of them:
it names our skill, it is at most 150 seconds old, its certificate chain comes from Amazon's own
address and leads to a root that is trusted, its first certificate is valid today and for Amazon's
domain, and its key signed exactly this body.

The chain is judged by `cryptography`, which judges as a browser does. Amazon's own library for
Python does not serve: docs/decisions/0019-a-speaker.md says why.

Source: Amazon's "Host a Custom Skill as a Web Service", on how to verify requests.
"""

import posixpath
import re
import warnings
from base64 import b64decode
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, build_opener

import certifi
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509 import (
    Certificate,
    DNSName,
    load_pem_x509_certificate,
    load_pem_x509_certificates,
)
from cryptography.x509.verification import PolicyBuilder, Store

from alexa.envelope import read_envelope

CHAIN_HEADER: Final = "SignatureCertChainUrl"
SIGNATURE_HEADER: Final = "Signature-256"
DOMAIN: Final = "echo-api.amazon.com"
OLDEST: Final = timedelta(seconds=150)
"""Amazon's own limit: an older request may be one that somebody recorded."""

_HOST: Final = "s3.amazonaws.com"
_PATH: Final = "/echo.api/"
_PORT: Final = 443
_FETCH_SECONDS: Final = 3.0
"""Amazon waits 8 seconds for an answer in all."""

_PEM: Final = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_CHAIN_AT_MOST: Final = 64 * 1024
_CHAINS: Final = 8
"""As many are remembered. There is one at a time, and one more while Amazon changes it."""

Fetch = Callable[[str], bytes]
Chain = Sequence[Certificate]


class NotAmazon(Exception):
    """Why a request does not count, for whoever sets the skill up; no word of the request's."""


class SkillVerifier:
    """Tells Amazon's requests for one skill from all others. It has no way to be turned off."""

    def __init__(
        self, skill: str, fetch: Fetch | None = None, roots: Sequence[Certificate] | None = None
    ) -> None:
        """`skill`: its id, such as `amzn1.ask.skill.1234...`.

        `fetch`: gets a chain, in PEM, from an address that was found to be Amazon's.
        `roots`: the certificates that are trusted; None for those that browsers trust.
        """
        self._skill = skill
        self._fetch = fetch or fetch_chain
        self._roots = Store(list(roots or browsers_roots()))
        self._chains: dict[str, Chain] = {}

    def check(self, chain: str, signature: str, body: bytes, at: datetime) -> None:
        """NotAmazon, or whatever else goes wrong, unless the request counts at `at` (UTC).

        `chain`, `signature`: what its two headers hold.
        """
        # What costs nothing comes first: a stranger shall not make us fetch anything.
        signed = b64decode(signature, validate=True)
        address = chain_address(chain)
        envelope = read_envelope(body)
        if envelope.skills != {self._skill}:
            raise NotAmazon("it is for another skill: see BACKLINE_ALEXA_SKILL_ID")
        if abs(at - envelope.request.timestamp) > OLDEST:
            raise NotAmazon("it is too old, or this machine's clock is wrong")
        self._key(address, at).verify(signed, body, PKCS1v15(), SHA256())

    def _key(self, address: str, at: datetime) -> RSAPublicKey:
        """The key of the first certificate of the chain at `address`, if all of it is good."""
        chain = self._chains.get(address)
        known = chain is not None
        if chain is None:
            chain = load_pem_x509_certificates(self._fetch(address))
        verifier = (
            PolicyBuilder().store(self._roots).time(at).build_server_verifier(DNSName(DOMAIN))
        )
        verifier.verify(chain[0], list(chain[1:]))
        key = chain[0].public_key()
        if not isinstance(key, RSAPublicKey):
            raise NotAmazon("its certificate has a key of another kind")
        if not known:
            if len(self._chains) >= _CHAINS:
                self._chains.clear()
            self._chains[address] = chain
        return key


def chain_address(address: str) -> str:
    """`address` put in order, if it is one where Amazon keeps its chains; NotAmazon if not."""
    parts = urlsplit(address)
    path = posixpath.normpath(parts.path)
    ours = (
        parts.scheme == "https"
        and parts.hostname == _HOST
        and parts.port in (None, _PORT)
        and parts.username is None
        and path.startswith(_PATH)
    )
    if not ours:
        raise NotAmazon("its chain is not at Amazon's address")
    return f"https://{_HOST}{path}"


def browsers_roots() -> list[Certificate]:
    """The certificates of the authorities that browsers trust, but for those that break the rules.

    A few of the oldest do; none of them is Amazon's.
    """
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("error", CryptographyDeprecationWarning)
        for pem in _PEM.findall(Path(certifi.where()).read_bytes()):
            with suppress(ValueError, CryptographyDeprecationWarning):
                found.append(load_pem_x509_certificate(pem))
    return found


class _StayingThere(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """To another place nobody is followed."""


_opener = build_opener(_StayingThere)


def fetch_chain(address: str) -> bytes:
    """What is at `address`. OSError where it cannot be had in time; ValueError for too much."""
    with _opener.open(address, timeout=_FETCH_SECONDS) as answer:
        found: bytes = answer.read(_CHAIN_AT_MOST + 1)
    if len(found) > _CHAIN_AT_MOST:
        raise ValueError("too long for a chain of certificates")
    return found
