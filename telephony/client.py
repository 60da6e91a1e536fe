"""Asking the carrier to send, to ring, and what became of it: Twilio's REST API, typed.

The carrier knows no idempotency key: what is asked for twice is sent twice. So whoever asks notes
it before and after, and where the answer was lost, looks here first whether it was taken.

Sources: Twilio's API reference of Messages and Calls; its description of both in OpenAPI, against
which the tests check each request.
"""

import json
import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import ConnectTimeout, RequestException
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import MaxRetryError, NewConnectionError

from telephony.codes import passes
from telephony.outgoing import Call, DeliveryError, Outgoing, Taken, Text

TIMEOUT_SECONDS: Final = 10.0
"""Twilio's own default is none at all: a hung request would hold its worker for good."""

_NEWEST: Final = 200
"""Of one number's messages or calls, so many are looked through: more than reach it in minutes."""
_SERVICE: Final = "MG"
_TOO_MANY: Final = 429
_MAY_HAVE_BEEN_TAKEN: Final = 408
_SERVER: Final = 500
_NO_ENTRY: Final = frozenset((401, 403))

# Twilio's library logs each request with its parameters: somebody's words and number.
_silence = logging.getLogger("twilio.http_client")
_silence.setLevel(logging.CRITICAL)

T = TypeVar("T")


class Carrier:
    """The account at Twilio; safe for threads."""

    def __init__(self, account_sid: str, auth_token: str, api_url: str | None = None) -> None:
        """`api_url`: where its API is to be found instead of at Twilio, for a stand-in."""
        http = _Http(api_url, timeout=TIMEOUT_SECONDS, logger=_silence)
        # An environment of its own: what is not in the settings does not count.
        self._client = Client(account_sid, auth_token, http_client=http, environment={"": ""})

    def take(self, outgoing: Outgoing) -> Taken:
        """Hand over a text or a call. DeliveryError: it did not take it, or may have."""
        return self.send(outgoing) if isinstance(outgoing, Text) else self.ring(outgoing)

    def send(self, text: Text) -> Taken:
        """Send a text."""
        service = text.sender.startswith(_SERVICE)
        wanted = {
            "to": text.to,
            "messaging_service_sid" if service else "from_": text.sender,
            "body": None if text.template else text.body,
            "content_sid": text.template,
            "content_variables": json.dumps(dict(text.variables)) if text.variables else None,
            "status_callback": text.status_url,
            "validity_period": text.valid_seconds,
            # The carrier's guard against fraud also stops the same alert said twice.
            "risk_check": "disable",
        }
        return _asked(lambda: _taken(self._client.messages.create(**_given(wanted))))

    def ring(self, call: Call) -> Taken:
        """Place a call."""
        wanted = {
            "to": call.to,
            "from_": call.sender,
            "url": call.url,
            "method": "POST",
            "timeout": call.ring_seconds,
            "status_callback": call.status_url,
            "status_callback_method": "POST" if call.status_url else None,
            "status_callback_event": ["answered", "completed"] if call.status_url else None,
        }
        return _asked(lambda: _taken(self._client.calls.create(**_given(wanted))))

    def find(self, outgoing: Outgoing, since: datetime) -> list[Taken]:
        """What the carrier has taken that looks just like `outgoing`, at `since` or later (UTC).

        A text is known by its number and its words, a call by its numbers alone.
        """
        if isinstance(outgoing, Call):
            return self._calls(outgoing, since)
        # Not by the number it went out from: a service picks one, and an answer has its own.
        wanted = {"to": outgoing.to, "limit": _NEWEST, "page_size": _NEWEST}
        found = _asked(lambda: self._client.messages.list(**wanted))
        same = (one for one in found if one.body == outgoing.body)
        return _since(same, since)

    def _calls(self, call: Call, since: datetime) -> list[Taken]:
        wanted = {"to": call.to, "from_": call.sender, "limit": _NEWEST, "page_size": _NEWEST}
        return _since(_asked(lambda: self._client.calls.list(**wanted)), since)

    def text(self, sid: str) -> Taken:
        """How a text stands that was taken before."""
        return _asked(lambda: _taken(self._client.messages(sid).fetch()))


class _Http(TwilioHttpClient):  # type: ignore[misc]  # untyped
    """Twilio's own, which may go to another address and says how long to wait."""

    def __init__(self, api_url: str | None, **given: Any) -> None:
        super().__init__(**given)
        self._elsewhere = urlsplit(api_url) if api_url else None

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        if self._elsewhere is not None:
            there = self._elsewhere
            url = urlsplit(url)._replace(scheme=there.scheme, netloc=there.netloc).geturl()
        response = super().request(method, url, *args, **kwargs)
        if response.status_code == _TOO_MANY:
            # The library's own exception leaves the headers out.
            after = _seconds((response.headers or {}).get("Retry-After"))
            raise DeliveryError(code=20429, retry_after=after)
        return response


def _seconds(value: str | None) -> float | None:
    try:
        return max(0.0, float(value)) if value else None
    except ValueError:
        return None  # a date, which Twilio does not send


def _given(wanted: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in wanted.items() if value is not None}


def _taken(instance: Any) -> Taken:
    created = instance.date_created
    return Taken(
        sid=instance.sid,
        state=str(instance.status),
        created_at=created.astimezone(UTC) if created else None,
        code=getattr(instance, "error_code", None),
    )


def _since(found: Iterable[Any], since: datetime) -> list[Taken]:
    """Those that are ours, and no older; the oldest first."""
    ours = [_taken(one) for one in found if not str(one.direction).startswith("inbound")]
    return [one for one in reversed(ours) if one.created_at is None or one.created_at >= since]


def _asked(ask: Callable[[], T]) -> T:
    """What `ask` gives, or DeliveryError; the carrier's own words may hold a number."""
    try:
        return ask()
    except TwilioRestException as error:
        raise _refused(error.status, error.code) from None
    except (ConnectTimeout, NoConnection) as error:
        unsent = isinstance(error, ConnectTimeout) or _never_connected(error)
        raise DeliveryError(unknown=not unsent, sentence=_UNREACHABLE) from None
    except RequestException:
        raise DeliveryError(unknown=True, sentence=_NO_ANSWER) from None
    except (TwilioException, KeyError, ValueError, TypeError, AttributeError):
        raise DeliveryError(unknown=True, sentence=_NO_SENSE) from None


_UNREACHABLE: Final = "Twilio cannot be reached; it is tried again."
_NO_ANSWER: Final = "Twilio did not answer in time, so it is not known whether it took it."
_NO_SENSE: Final = "Twilio's answer could not be read, so it is not known whether it took it."
_BROKEN: Final = "Twilio has trouble of its own; it is tried again."


def _never_connected(error: RequestException) -> bool:
    """Whether not even a connection was made: then nothing can have been taken."""
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)


def _refused(status: int, code: int | None) -> DeliveryError:
    if code == status:
        code = None  # what the library puts where the answer has none
    if status >= _SERVER or status == _MAY_HAVE_BEEN_TAKEN:
        return DeliveryError(unknown=True, code=code, sentence="" if code else _BROKEN)
    if status in _NO_ENTRY and code is None:
        code = 20003
    return DeliveryError(permanent=not passes(code) and status not in _NO_ENTRY, code=code)
