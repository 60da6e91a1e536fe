"""Nobody but Amazon is answered, and nothing that is old, changed or for another skill."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from cryptography.x509.verification import VerificationError

from alexa.signature import (
    DOMAIN,
    NotAmazon,
    SkillVerifier,
    browsers_roots,
    chain_address,
    fetch_chain,
)
from tests.alexa.amazon import (
    ADDRESS,
    SKILL,
    Shelf,
    Speaker,
    amazons_chain,
    certificate,
    chain_of,
    root,
    signed,
)
from tests.alexa.doors import House, a_house
from tests.doors import NOON


def a_request(house: House) -> bytes:
    """A body that counts: one that was just answered."""
    return house.speaker().launch().sent


def test_amazon_is_answered() -> None:
    house = a_house()
    assert house.amazon.post(a_request(house)).status_code == 200


def test_a_chain_is_fetched_once() -> None:
    shelf = Shelf()
    house = a_house(shelf=shelf)
    for _ in range(3):
        house.speaker().launch()
    assert shelf.fetched == [ADDRESS]


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ({"Signature_256": ""}, "amazon"),
        ({"Signature_256": "AAAA"}, "amazon"),
        ({"Signature_256": "not base64!"}, "amazon"),
        ({}, "somebody else"),
        ({"SignatureCertChainUrl": ""}, "amazon"),
        (
            {"SignatureCertChainUrl": "https://s3.amazonaws.com.evil.example/echo.api/a.pem"},
            "amazon",
        ),
    ],
)
def test_a_signature_that_is_not_amazons_is_refused(headers: dict[str, str], key: str) -> None:
    house = a_house()
    body = a_request(house)
    kept = len(house.log.turns)
    answer = house.amazon.post(body, key=key, **headers)
    assert (answer.status_code, answer.data) == (400, b"")
    assert len(house.log.turns) == kept


def test_without_its_headers_a_request_is_refused() -> None:
    house = a_house()
    answer = house.amazon.client.post("/alexa", data=a_request(house))
    assert answer.status_code == 400


def test_a_changed_body_is_refused() -> None:
    house = a_house()
    body = a_request(house)
    signature = signed(body)
    changed = body.replace(b"en-US", b"en-GB")
    assert house.amazon.post(changed, Signature_256=signature).status_code == 400
    assert house.amazon.post(body, Signature_256=signature).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "http://s3.amazonaws.com/echo.api/a.pem",
        "https://notamazon.com/echo.api/a.pem",
        "https://s3.amazonaws.com/EcHo.aPi/a.pem",
        "https://s3.amazonaws.com/invalid.path/a.pem",
        "https://s3.amazonaws.com:563/echo.api/a.pem",
        "https://s3.amazonaws.com/echo.api/../elsewhere/a.pem",
        "https://s3.amazonaws.com@evil.example/echo.api/a.pem",
        "https://evil@s3.amazonaws.com/echo.api/a.pem",
        "https://s3.amazonaws.com:port/echo.api/a.pem",
        "",
    ],
)
def test_a_chain_from_elsewhere_is_not_even_fetched(address: str) -> None:
    shelf = Shelf()
    verifier = SkillVerifier(SKILL, fetch=shelf, roots=[root()])
    with pytest.raises((NotAmazon, ValueError)):
        verifier.check(address, "AAAA", b"{}", NOON)
    assert shelf.fetched == []


@pytest.mark.parametrize(
    "address",
    [
        "https://s3.amazonaws.com/echo.api/echo-api-cert.pem",
        "https://S3.amazonaws.com:443/echo.api/echo-api-cert.pem",
        "HTTPS://s3.amazonaws.com/echo.api/../echo.api/echo-api-cert.pem",
    ],
)
def test_amazons_own_examples_of_addresses_are_taken(address: str) -> None:
    assert chain_address(address) == "https://s3.amazonaws.com/echo.api/echo-api-cert.pem"


BETWEEN = certificate("between", "root")
BAD_CHAINS = {
    "another domain": chain_of(certificate("amazon", "between", domain="evil.example"), BETWEEN),
    "a part of the name": chain_of(certificate("amazon", "between", domain=f"x.{DOMAIN}"), BETWEEN),
    "over": chain_of(
        certificate("amazon", "between", domain=DOMAIN, ends=NOON - timedelta(seconds=1)), BETWEEN
    ),
    "not yet": chain_of(
        certificate("amazon", "between", domain=DOMAIN, begins=NOON + timedelta(days=1)), BETWEEN
    ),
    "another root": chain_of(
        certificate("amazon", "between", domain=DOMAIN), certificate("between", "stranger")
    ),
    "no root at all": chain_of(certificate("amazon", "amazon", domain=DOMAIN)),
    "a link that is missing": chain_of(certificate("amazon", "between", domain=DOMAIN)),
    "an authority that is none": chain_of(
        certificate("amazon", "server", domain=DOMAIN),
        certificate("server", "between", domain="server.example"),
        BETWEEN,
    ),
    "an authority that is over": chain_of(
        certificate("amazon", "between", domain=DOMAIN),
        certificate("between", "root", ends=NOON - timedelta(days=1)),
    ),
    "no certificate": b"no PEM",
    "nothing": b"",
}


@pytest.mark.parametrize("name", BAD_CHAINS)
def test_a_chain_that_does_not_hold_is_refused(name: str) -> None:
    good = a_house()
    body = a_request(good)
    bad = a_house(shelf=Shelf({ADDRESS: BAD_CHAINS[name]}))
    assert bad.amazon.post(body).status_code == 400
    assert bad.log.turns == {}


def test_a_chain_that_was_good_is_judged_again_each_time() -> None:
    """It is remembered as it was fetched, and not that it was good."""
    shelf = Shelf()
    house = a_house(shelf=shelf)
    house.speaker().launch()
    house.clock.at += timedelta(days=400)
    with pytest.raises(AssertionError, match="status 400"):
        house.speaker().launch()
    assert shelf.fetched == [ADDRESS]


def test_the_authorities_that_browsers_trust_do_not_include_ours() -> None:
    verifier = SkillVerifier(SKILL, fetch=Shelf())
    house = a_house()
    body = a_request(house)
    signature = signed(body)
    with pytest.raises(VerificationError):
        verifier.check(ADDRESS, signature, body, house.clock.at)


@pytest.mark.parametrize(("seconds", "status"), [(149, 200), (-149, 200), (151, 400), (-151, 400)])
def test_an_old_request_is_refused(seconds: float, status: int) -> None:
    house = a_house()
    body = json.loads(a_request(house))
    # The door's clock goes on by 20 seconds at each look, of which the guard's is the first.
    sent = house.clock.at + timedelta(seconds=20) - timedelta(seconds=seconds)
    body["request"]["timestamp"] = sent.isoformat()
    assert house.amazon.post(json.dumps(body).encode()).status_code == status


@pytest.mark.parametrize("timestamp", ["2026-03-02T12:00:00", "", "yesterday", None, 0])
def test_a_time_that_says_nothing_is_refused(timestamp: object) -> None:
    house = a_house()
    body = json.loads(a_request(house))
    body["request"]["timestamp"] = timestamp
    assert house.amazon.post(json.dumps(body).encode()).status_code == 400


@pytest.mark.parametrize("places", [("session",), ("context",), ("session", "context")])
def test_another_skills_request_is_refused(places: tuple[str, ...]) -> None:
    """Whoever has a skill of their own can have Amazon sign what they like."""
    house = a_house()
    body = json.loads(a_request(house))
    other = {"applicationId": SKILL.replace("0", "f")}
    if "session" in places:
        body["session"]["application"] = other
    if "context" in places:
        body["context"]["System"]["application"] = other
    assert house.amazon.post(json.dumps(body).encode()).status_code == 400


def test_a_body_without_end_is_refused() -> None:
    house = a_house()
    assert house.amazon.post(b"[" * 100_000).status_code == 400


def test_what_is_refused_is_logged_without_a_word_of_it(caplog: pytest.LogCaptureFixture) -> None:
    house = a_house()
    body = a_request(house).replace(b"LaunchRequest", b"my leg is numb")
    with caplog.at_level(logging.WARNING):
        house.amazon.post(body, key="somebody else")
    assert "not Amazon's" in caplog.text
    assert "numb" not in caplog.text
    assert "amzn1.ask.account" not in caplog.text


# --- Fetching -----------------------------------------------------------------------------------


@contextmanager
def serving(status: int, body: bytes, **headers: str) -> Iterator[str]:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/echo.api/a.pem"
        server.shutdown()


def test_a_chain_is_fetched_as_it_is() -> None:
    with serving(200, amazons_chain()) as address:
        assert fetch_chain(address) == amazons_chain()


def test_nobody_is_followed_to_another_place() -> None:
    with (
        serving(200, amazons_chain()) as good,
        serving(302, b"", Location=good) as address,
        pytest.raises(OSError, match="302"),
    ):
        fetch_chain(address)


def test_a_chain_that_is_too_long_or_not_there_is_not_taken() -> None:
    with serving(200, b"x" * 100_000) as address, pytest.raises(ValueError, match="too long"):
        fetch_chain(address)
    with serving(404, b"") as address, pytest.raises(OSError, match="404"):
        fetch_chain(address)


def test_a_speaker_whose_chain_cannot_be_had_is_refused() -> None:
    house = a_house(shelf=Shelf({}))
    with pytest.raises(AssertionError, match="status 400"):
        Speaker(house.amazon).launch()


def test_amazons_own_authorities_are_among_those_that_are_trusted() -> None:
    """Its chain leads to one of them."""
    names = {root.subject.rfc4514_string() for root in browsers_roots()}
    assert any("Amazon Root CA 1" in name for name in names)
    assert len(names) > 100
