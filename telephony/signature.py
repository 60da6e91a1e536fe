"""Is it really the carrier? The guard that stands before every webhook.

In comes a request, out comes whether Twilio signed it. The signature covers the URL that Twilio
called and every field of the form, so the URL is put together again exactly: the public one, with
the raw query string. The computing itself is left to Twilio's own library, which also tries the
URL with and without its port.

Sources: Twilio's "Webhooks Security"; twilio-python's `RequestValidator`.
"""

from collections.abc import Iterator, Mapping, Sequence
from hmac import compare_digest
from typing import Final

from flask import Request
from twilio.request_validator import RequestValidator

BODY_AT_MOST: Final = 64 * 1024
"""Bytes. The longest text that Twilio hands over, percent-encoded, is a third of it."""

_SIGNATURE: Final = "X-Twilio-Signature"
_FORM: Final = "application/x-www-form-urlencoded"


def sign(token: str, url: str, form: Mapping[str, str]) -> str:
    """The carrier's signature of a request to `url` with the fields of `form`."""
    signature: str = RequestValidator(token).compute_signature(url, dict(form))
    return signature


class Verifier:
    """Tells the carrier's requests from all others. It has no way to be turned off."""

    def __init__(self, tokens: Sequence[str], public_url: str | None = None) -> None:
        """`tokens`: the auth tokens that count: one, or two while one replaces the other.

        `public_url`: where the carrier reaches this service, such as `https://clinic.example/line`;
        None to go by the request's own URL, as the server and its trusted proxy know it.

        ValueError for no token or an empty one, which anybody could sign with.
        """
        if not tokens or not all(tokens):
            raise ValueError("a signature needs an auth token")
        self._validators = [RequestValidator(token) for token in tokens]
        self._public_url = public_url.rstrip("/") if public_url else None

    def base_url(self, request: Request) -> str:
        """The URL that this service's paths are appended to, without a slash at its end."""
        return self._public_url or request.url_root.rstrip("/")

    def accepts(self, request: Request) -> bool:
        """Whether the carrier signed `request`. Never raises: what cannot be checked is refused."""
        signature = request.headers.get(_SIGNATURE)
        if not signature:
            # Before the body is looked at: a stranger's body costs nothing.
            return False
        request.max_content_length = BODY_AT_MOST
        try:
            return self._signed(request, signature)
        except Exception:  # noqa: BLE001 - a body too long, a port of letters, bytes that are no text
            return False

    def _signed(self, request: Request, signature: str) -> bool:
        signed: object
        if request.mimetype == _FORM:
            signed = request.form
            # The rule, at half of its price: the carrier signed the URL just as it was called.
            called = next(self._called(request))
            if any(
                compare_digest(validator.compute_signature(called, signed), signature)
                for validator in self._validators
            ):
                return True
        else:
            # A body that is no form is covered by a hash in the query, or by nothing at all.
            signed = request.get_data(as_text=True)
            if signed and "bodySHA256" not in request.args:
                return False
        return any(
            validator.validate(url, signed, signature)
            for validator in self._validators
            for url in self._called(request)
        )

    def _called(self, request: Request) -> Iterator[str]:
        """The URL that the carrier may have signed: as called, and with its quote marks changed."""
        url = self.base_url(request) + request.path
        # Not `request.url`: that one is put in order again, and its escapes with it.
        query = request.query_string.decode()
        if not query:
            yield url
            return
        yield f"{url}?{query}"
        # Twilio's own libraries disagree on whether it signs a quote mark raw or escaped.
        for written, signed in (("'", "%27"), ("%27", "'")):
            if written in query:
                yield f"{url}?{query.replace(written, signed)}"
