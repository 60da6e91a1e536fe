"""Amazon's side of a speaker, in a test: it signs, it keeps the session, it says what it is told.

The chain of certificates is a real one, of an authority of our own; nothing that is checked is left
out. What a speaker does with an answer follows Amazon's "Request and Response JSON Reference" and
"Request Types Reference": whatever Amazon would not take raises `BadAnswer`.

    speaker = Speaker(Amazon(client, authority, clock))
    speaker.launch()                # or say("my leg is numb"), intent("SkipIntent"), silence()
    speaker.heard                   # what was said last, message by message: paragraphs joined
    speaker.open                    # whether it still listens
"""

import itertools
import json
import xml.etree.ElementTree as ET
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from alexa.render import SPEECH_AT_MOST
from alexa.signature import DOMAIN
from tests.doors import NOON

SKILL = "amzn1.ask.skill.01234567-89ab-cdef-0123-456789abcdef"
ADDRESS = "https://s3.amazonaws.com/echo.api/echo-api-cert-12.pem"
WHOLE_AT_MOST = 120 * 1024
_ids = itertools.count(1)
_accounts = itertools.count(1)


class BadAnswer(AssertionError):
    """An answer that Amazon would not take."""


# --- Certificates -------------------------------------------------------------------------------


@cache
def a_key(name: str) -> RSAPrivateKey:
    """One key for each name: making one takes a while."""
    del name
    return generate_private_key(public_exponent=65537, key_size=2048)


def certificate(
    name: str,
    by: str,
    *,
    domain: str | None = None,
    begins: datetime = NOON - timedelta(days=30),
    ends: datetime = NOON + timedelta(days=300),
) -> x509.Certificate:
    """The certificate of `name`, signed by `by`; `domain`: for a server, None for an authority."""
    called = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, one)]) for one in (name, by)]
    key, signer = a_key(name).public_key(), a_key(by)
    made = (
        x509.CertificateBuilder()
        .subject_name(called[0])
        .issuer_name(called[1])
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=domain is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .add_extension(
            x509.KeyUsage(
                digital_signature=domain is not None,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=domain is None,
                crl_sign=domain is None,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    )
    if domain is not None:
        names = x509.SubjectAlternativeName([x509.DNSName(domain)])
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        made = made.add_extension(names, critical=False).add_extension(usage, critical=False)
    return made.sign(signer, SHA256())


def chain_of(*certificates: x509.Certificate) -> bytes:
    return b"".join(one.public_bytes(Encoding.PEM) for one in certificates)


@cache
def root() -> x509.Certificate:
    return certificate("root", "root")


@cache
def amazons_chain() -> bytes:
    """A chain as Amazon's is: its own certificate, and the authority's between it and the root."""
    own = certificate("amazon", "between", domain=DOMAIN)
    return chain_of(own, certificate("between", "root"))


@dataclass
class Shelf:
    """Where chains are fetched from. `fetched`: the addresses that were asked for."""

    chains: dict[str, bytes] = field(default_factory=lambda: {ADDRESS: amazons_chain()})
    fetched: list[str] = field(default_factory=list)

    def __call__(self, address: str) -> bytes:
        self.fetched.append(address)
        return self.chains[address]


def signed(body: bytes, key: str = "amazon") -> str:
    """The signature of `body`, as its header holds it."""
    return b64encode(a_key(key).sign(body, PKCS1v15(), SHA256())).decode()


# --- Requests -----------------------------------------------------------------------------------


@dataclass
class Amazon:
    """Sends signed requests. `clock`: what time Amazon has it."""

    client: FlaskClient
    clock: Callable[[], datetime]
    skill: str = SKILL

    def post(self, body: bytes, *, key: str = "amazon", **headers: str) -> TestResponse:
        """The request as Amazon sends it, whatever is answered."""
        given = {
            "SignatureCertChainUrl": ADDRESS,
            "Signature-256": signed(body, key),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        return self.client.post(
            "/alexa", data=body, headers=given, content_type="application/json; charset=utf-8"
        )


@dataclass
class Speaker:
    """Somebody at a speaker. `account`: theirs; a number of its own for each, unless given.

    `heard`: the paragraphs that were said last; `sent`: the body of the last request.
    """

    amazon: Amazon
    account: str = field(default_factory=lambda: f"amzn1.ask.account.{next(_accounts):040}")
    locale: str = "en-US"
    open: bool = False
    heard: list[str] = field(default_factory=list)
    once_more: list[str] = field(default_factory=list)
    answer: dict[str, Any] = field(default_factory=dict)
    sent: bytes = b""
    elicits: bool = False
    kept: dict[str, Any] = field(default_factory=dict)
    kept_before: dict[str, Any] = field(default_factory=dict)

    @property
    def contact(self) -> str:
        return f"alexa:{self.account}"

    @property
    def words(self) -> str:
        return " ".join(self.heard)

    def launch(self) -> "Speaker":
        self.kept = {}
        return self.request({"type": "LaunchRequest"}, new=True)

    def intent(self, name: str, *, kept: dict[str, Any] | None = None, **slots: str) -> "Speaker":
        filled = {key: {"name": key, "value": value} for key, value in slots.items()}
        intent = {"name": name, "confirmationStatus": "NONE", "slots": filled}
        return self.request({"type": "IntentRequest", "intent": intent}, kept=kept)

    def say(self, words: str) -> "Speaker":
        """Free words, as a speaker hears them that was told to listen for any."""
        if not self.elicits:
            raise BadAnswer("the speaker listens for the skill's own phrases alone")
        return self.intent("WordsIntent", words=words)

    def silence(self) -> "Speaker":
        """Nobody says anything: the speaker asks once more, and then ends the session."""
        self.heard = self.once_more
        return self.end("EXCEEDED_MAX_REPROMPTS")

    def end(self, reason: str = "USER_INITIATED", **more: object) -> "Speaker":
        heard = self.heard
        self.request({"type": "SessionEndedRequest", "reason": reason, **more})
        if self.answer["response"]:
            raise BadAnswer("an answer to the end of a session")
        self.open, self.heard = False, heard
        return self

    def request(
        self, asked: dict[str, Any], *, new: bool = False, kept: dict[str, Any] | None = None
    ) -> "Speaker":
        application = {"applicationId": self.amazon.skill}
        user = {"userId": self.account}
        envelope = {
            "version": "1.0",
            "session": {
                "new": new,
                "sessionId": "amzn1.echo-api.session.1",
                "application": application,
                "attributes": self.kept if kept is None else kept,
                "user": user,
            },
            "context": {
                "System": {
                    "application": application,
                    "user": user,
                    "device": {"deviceId": "amzn1.ask.device.1", "supportedInterfaces": {}},
                    "apiEndpoint": "https://api.amazonalexa.com",
                }
            },
            "request": {
                "requestId": f"amzn1.echo-api.request.{next(_ids)}",
                "timestamp": f"{self.amazon.clock().replace(tzinfo=None).isoformat()}Z",
                "locale": self.locale,
                **asked,
            },
        }
        self.sent = json.dumps(envelope).encode()
        return self.repeat()

    def repeat(self) -> "Speaker":
        """Send the last request, once more if it was sent before."""
        self.answer = read_answer(self.amazon.post(self.sent))
        response = self.answer["response"]
        self.kept_before, self.kept = self.kept, self.answer.get("sessionAttributes", {})
        self.heard = paragraphs(response.get("outputSpeech"))
        self.once_more = paragraphs(response.get("reprompt", {}).get("outputSpeech"))
        self.open = not response.get("shouldEndSession", True)
        self.elicits = any(
            one["type"] == "Dialog.ElicitSlot" for one in response.get("directives", [])
        )
        return self


def read_answer(answer: TestResponse) -> dict[str, Any]:
    """An answer, or BadAnswer where Amazon would not take it."""
    if answer.status_code != 200 or answer.mimetype != "application/json":
        raise BadAnswer(f"status {answer.status_code}, {answer.mimetype}")
    if len(answer.data) > WHOLE_AT_MOST:
        raise BadAnswer("more than 120 KB")
    found: dict[str, Any] = answer.get_json()
    response = found["response"]
    if response.get("shouldEndSession") is False and not response.get("outputSpeech"):
        raise BadAnswer("it listens and has said nothing")
    if response.get("shouldEndSession") is True and response.get("directives"):
        raise BadAnswer("it ends and asks for words")
    return found


def paragraphs(speech: dict[str, str] | None) -> list[str]:
    """The paragraphs of an output speech; BadAnswer for SSML that Amazon does not know."""
    if speech is None:
        return []
    if speech["type"] != "SSML" or len(speech["ssml"]) > SPEECH_AT_MOST:
        raise BadAnswer(f"{len(speech['ssml'])} characters of {speech['type']}")
    tree = ET.fromstring(speech["ssml"])
    known: dict[str, set[str]] = {
        "speak": set(),
        "prosody": {"rate"},
        "p": set(),
        "voice": {"name"},
        "lang": {"{http://www.w3.org/XML/1998/namespace}lang"},
    }
    for element in tree.iter():
        if element.tag not in known or set(element.attrib) - known[element.tag]:
            raise BadAnswer(f"{element.tag} {element.attrib}")
    return ["".join(paragraph.itertext()) for paragraph in tree.iter("p")]
