"""The guard: what Twilio signed comes in, and nothing else does."""

import base64
import hashlib
import hmac
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask import Flask, Response, request
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.middleware.proxy_fix import ProxyFix

from telephony.door import guarded
from telephony.signature import BODY_AT_MOST, Verifier
from tests.doors import open_door

TOKEN = "12345"
OLD_TOKEN = "67890"
OUTSIDE = "https://mycompany.com"
PATH = "/myapp.php"
FORM = {
    "CallSid": "CA1234567890ABCDE",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
    "Caller": "+14158675309",
}


def sign(url: str, form: Mapping[str, Any] | None = None, token: str = TOKEN) -> str:
    """The signature as Twilio's page describes it, written here a second time."""
    fields = "".join(
        name + value
        for name, values in sorted((form or {}).items())
        for value in sorted({values} if isinstance(values, str) else set(values))
    )
    digest = hmac.new(token.encode(), (url + fields).encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def an_app(public_url: str | None = OUTSIDE, tokens: Sequence[str] = (TOKEN, OLD_TOKEN)) -> Flask:
    door = open_door()
    object.__setattr__(door, "verifier", Verifier(tokens, public_url))
    blueprint = guarded("guarded", door, lambda _: "<Response/>")

    @blueprint.route(PATH, methods=["GET", "POST"])
    def inside() -> Response:
        return Response(json.dumps(request.form.to_dict(flat=False)))

    app = Flask("guarded")
    app.register_blueprint(blueprint)
    return app


@pytest.fixture
def client() -> FlaskClient:
    return an_app().test_client()


def post(client: FlaskClient, signature: str | None, query: str = "", **more: Any) -> int:
    more.setdefault("data", FORM)
    headers = {**more.pop("headers", {})}
    if signature is not None:
        headers["X-Twilio-Signature"] = signature
    answer = client.post(f"{PATH}?{query}" if query else PATH, headers=headers, **more)
    if answer.status_code == 403:
        assert answer.data == b""
    return answer.status_code


# --- What Twilio signs -------------------------------------------------------------------------


def test_the_vector_of_the_official_libraries(client: FlaskClient) -> None:
    assert post(client, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", "foo=1&bar=2") == 200


def test_the_vector_with_anything_changed(client: FlaskClient) -> None:
    good = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    assert post(client, good, "foo=1&bar=3") == 403
    assert post(client, good, "bar=2&foo=1") == 403
    assert post(client, good, "foo=1") == 403
    assert post(client, good, "foo=1&bar=2", data={**FORM, "Digits": "1235"}) == 403
    assert post(client, good, "foo=1&bar=2", data={**FORM, "More": ""}) == 403
    assert post(client, good, "foo=1&bar=2", data={}) == 403
    assert post(client, good.lower(), "foo=1&bar=2") == 403


@pytest.mark.parametrize("signature", [None, "", " ", "x", "é", "=" * 28, "A" * 9000, sign("x")])
def test_whoever_is_not_the_carrier_is_told_nothing(
    client: FlaskClient, signature: str | None
) -> None:
    assert post(client, signature) == 403


def test_a_refusal_is_logged_without_what_was_sent(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    assert post(client, "secret-1", "secret=2", data={"Body": "secret 3"}) == 403
    (record,) = caplog.records
    assert record.getMessage().startswith("guarded.inside refused: ")
    assert "secret" not in caplog.text


def test_two_tokens_count_while_one_replaces_the_other(client: FlaskClient) -> None:
    url = OUTSIDE + PATH
    assert post(client, sign(url, FORM, TOKEN)) == 200
    assert post(client, sign(url, FORM, OLD_TOKEN)) == 200
    assert post(client, sign(url, FORM, "")) == 403
    one = an_app(tokens=[TOKEN]).test_client()
    assert post(one, sign(url, FORM, OLD_TOKEN)) == 403


@pytest.mark.parametrize("tokens", [[], [""], [TOKEN, ""]])
def test_there_is_no_running_without_a_token(tokens: list[str]) -> None:
    with pytest.raises(ValueError, match="token"):
        Verifier(tokens)


def test_a_field_that_comes_twice(client: FlaskClient) -> None:
    fields = {"MediaUrl": ["b", "a", "b"], "Body": [""]}
    body = urlencode(fields, doseq=True)
    signature = sign(OUTSIDE + PATH, fields)
    content = "application/x-www-form-urlencoded"
    assert post(client, signature, data=body, content_type=content) == 200
    more = body + "&MediaUrl=c"
    assert post(client, signature, data=more, content_type=content) == 403


def test_get_signs_the_url_alone(client: FlaskClient) -> None:
    headers = {"X-Twilio-Signature": sign(f"{OUTSIDE}{PATH}?CallSid=CA1&Digits=%231")}
    assert client.get(f"{PATH}?CallSid=CA1&Digits=%231", headers=headers).status_code == 200
    assert client.get(f"{PATH}?CallSid=CA1&Digits=%232", headers=headers).status_code == 403


def test_a_json_body_is_covered_by_its_hash(client: FlaskClient) -> None:
    body = '{"é": 1}'.encode()
    digest = hashlib.sha256(body).hexdigest()
    query = f"bodySHA256={digest}"
    signature = sign(f"{OUTSIDE}{PATH}?{query}")
    assert post(client, signature, query, data=body, content_type="application/json") == 200
    other = body.replace(b"1", b"2")
    assert post(client, signature, query, data=other, content_type="application/json") == 403
    assert post(client, signature, query, data=b"\xff", content_type="application/json") == 403


@pytest.mark.parametrize("query", ["", "bodySHA256=", "bodySHA256"])
@pytest.mark.parametrize(
    "content_type", ["application/json", "text/plain", "multipart/form-data; boundary=x", None]
)
def test_a_body_that_the_signature_does_not_cover(
    client: FlaskClient, query: str, content_type: str | None
) -> None:
    url = OUTSIDE + PATH + (f"?{query}" if query else "")
    signature = sign(url)
    data = b'--x\r\nContent-Disposition: form-data; name="Digits"\r\n\r\n1\r\n--x--\r\n'
    assert post(client, signature, query, data=data, content_type=content_type) == 403


# --- Which URL was called ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    ["a=%20b", "a=+b", "a=b%2fc", "a=b%2Fc", "q=&n=1", "a", "a=é".encode().decode("latin-1"), "%"],
)
def test_the_query_counts_as_it_was_called(query: str) -> None:
    client = an_app().test_client()
    raw = quote(query, safe="%&=+") if not query.isascii() else query
    assert post(client, sign(f"{OUTSIDE}{PATH}?{raw}", FORM), raw) == 200


@pytest.mark.parametrize("called", ["name=O'Brien", "name=O%27Brien"])
@pytest.mark.parametrize("signed", ["name=O'Brien", "name=O%27Brien"])
def test_a_quote_mark_may_be_signed_raw_or_escaped(
    client: FlaskClient, called: str, signed: str
) -> None:
    assert post(client, sign(f"{OUTSIDE}{PATH}?{signed}", FORM), called) == 200


@pytest.mark.parametrize(
    ("public_url", "signed"),
    [
        ("https://mycompany.com", "https://mycompany.com"),
        ("https://mycompany.com/", "https://mycompany.com"),
        ("https://mycompany.com", "https://mycompany.com:443"),
        ("https://mycompany.com:443", "https://mycompany.com"),
        ("http://mycompany.com", "http://mycompany.com:80"),
        ("https://mycompany.com:8443", "https://mycompany.com:8443"),
        ("https://mycompany.com:8443", "https://mycompany.com"),
        ("https://mycompany.com/line/one", "https://mycompany.com/line/one"),
        ("https://mycompany.com/line/", "https://mycompany.com:443/line"),
    ],
)
def test_the_public_url(public_url: str, signed: str) -> None:
    client = an_app(public_url).test_client()
    assert post(client, sign(signed + PATH, FORM)) == 200
    assert post(client, sign(f"{signed}{PATH}?n=1", FORM), "n=1") == 200
    assert post(client, sign("https://other.example" + PATH, FORM)) == 403


def test_behind_a_proxy_the_inner_url_does_not_count(client: FlaskClient) -> None:
    """Public https, plain http inside: only what the carrier called is signed."""
    inside = "http://127.0.0.1:8000"
    assert post(client, sign(OUTSIDE + PATH, FORM), base_url=inside) == 200
    assert post(client, sign(inside + PATH, FORM), base_url=inside) == 403


FORWARDED = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "mycompany.com"}


def test_forwarded_headers_of_a_stranger_are_not_believed() -> None:
    client = an_app(public_url=None).test_client()
    assert post(client, sign(OUTSIDE + PATH, FORM), headers=FORWARDED) == 403
    assert post(client, sign("http://localhost" + PATH, FORM), headers=FORWARDED) == 200
    assert post(client, sign("http://localhost:80" + PATH, FORM)) == 200


@pytest.mark.parametrize("prefix", ["", "/line"])
def test_forwarded_headers_of_the_trusted_proxy(prefix: str) -> None:
    app = an_app(public_url=None)
    app.wsgi_app = ProxyFix(app.wsgi_app, x_proto=1, x_host=1, x_prefix=1)  # type: ignore[method-assign]
    client = app.test_client()
    headers = {**FORWARDED, "X-Forwarded-Prefix": prefix}
    assert post(client, sign(OUTSIDE + prefix + PATH, FORM), headers=headers) == 200
    chained = {**headers, "X-Forwarded-Host": "evil.example, mycompany.com"}
    assert post(client, sign(OUTSIDE + prefix + PATH, FORM), headers=chained) == 200
    assert post(client, sign("https://evil.example" + PATH, FORM), headers=chained) == 403


def test_a_public_url_is_not_moved_by_forwarded_headers(client: FlaskClient) -> None:
    headers = {"X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example"}
    assert post(client, sign(OUTSIDE + PATH, FORM), headers=headers) == 200
    assert post(client, sign("http://evil.example" + PATH, FORM), headers=headers) == 403


@pytest.mark.parametrize("host", ["[::1]:8000", "host:port", "", "a b", "é"])
def test_a_host_that_is_none(host: str) -> None:
    client = an_app(public_url=None).test_client()
    answer = client.post(
        PATH,
        data=FORM,
        headers={"X-Twilio-Signature": sign(OUTSIDE + PATH, FORM)},
        environ_overrides={"HTTP_HOST": host},
    )
    assert answer.status_code == 403


# --- What it costs -----------------------------------------------------------------------------


class Untouchable(io.RawIOBase):
    def readinto(self, buffer: object, /) -> int:
        raise AssertionError("the body was read")


def test_a_body_without_a_signature_is_not_read(client: FlaskClient) -> None:
    stream = {"wsgi.input": Untouchable(), "CONTENT_LENGTH": "40"}
    content = "application/x-www-form-urlencoded"
    answer = client.post(PATH, content_type=content, environ_overrides=stream)
    assert answer.status_code == 403


@pytest.mark.parametrize("length", [True, False])
@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain"])
def test_a_body_too_long_for_a_text_is_refused(length: bool, content_type: str) -> None:
    client = an_app().test_client()
    body = b"Body=" + b"a" * BODY_AT_MOST
    signature = sign(OUTSIDE + PATH, {"Body": "a" * BODY_AT_MOST})
    unknown = {"wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    answer = client.post(
        PATH,
        data=body,
        content_type=content_type,
        headers={"X-Twilio-Signature": signature},
        environ_overrides={} if length else unknown,
    )
    assert answer.status_code == 403


def test_the_longest_text_fits(client: FlaskClient) -> None:
    form = {**FORM, "Body": "👩‍⚕️" * 400}
    assert len(form["Body"]) == 1600
    assert len(urlencode(form)) < BODY_AT_MOST
    assert post(client, sign(OUTSIDE + PATH, form), data=form) == 200


# --- The library as oracle ---------------------------------------------------------------------

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
QUERIES = st.text("abn=&%'+-/0129~,;:@", max_size=20).filter(
    lambda query: "bodySHA256" not in query
)


@given(form=st.dictionaries(WORDS.filter(bool), WORDS, max_size=5), query=QUERIES)
def test_what_the_library_signs_comes_in(form: dict[str, str], query: str) -> None:
    client = an_app().test_client()
    url = f"{OUTSIDE}{PATH}?{query}" if query else OUTSIDE + PATH
    signature = RequestValidator(TOKEN).compute_signature(url, form)
    assert signature == sign(url, form)
    body = urlencode(form)
    content = "application/x-www-form-urlencoded"
    assert post(client, signature, query, data=body, content_type=content) == 200


@given(
    form=st.dictionaries(WORDS.filter(bool), WORDS, min_size=1, max_size=4),
    other=st.dictionaries(WORDS.filter(bool), WORDS, min_size=1, max_size=4),
)
def test_what_it_signs_differently_does_not(form: dict[str, str], other: dict[str, str]) -> None:
    def joined(fields: dict[str, str]) -> str:
        return "".join(name + fields[name] for name in sorted(fields))

    client = an_app().test_client()
    signature = RequestValidator(TOKEN).compute_signature(OUTSIDE + PATH, other)
    content = "application/x-www-form-urlencoded"
    answered = post(client, signature, data=urlencode(form), content_type=content)
    assert answered == (200 if joined(form) == joined(other) else 403)
