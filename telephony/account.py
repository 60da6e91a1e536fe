"""The clinic's account at the carrier: its numbers, where their calls and texts go, what it may do.

In comes an account's SID and token, out come plain values. Only `change` and
`let_numbers_decide` do more than ask. Importing this costs a tenth of a second.

Source: Twilio's REST API (2010-04-01, Messaging v1, Voice v1, Accounts v1).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import msgspec
from requests import RequestException
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from telephony.codes import in_words

SECONDS_AT_MOST: Final = 10.0
"""For an answer of the carrier's: the library itself would wait for ever."""

VOICE_FIELDS: Final = (
    *("voice_url", "voice_method", "voice_fallback_url", "voice_fallback_method"),
    *("status_callback", "status_callback_method", "voice_application_sid", "trunk_sid"),
)
SMS_FIELDS: Final = (
    *("sms_url", "sms_method", "sms_fallback_url", "sms_fallback_method", "sms_application_sid"),
)


class AccountError(Exception):
    """The carrier refused, or could not be asked. The message is a sentence that says what to do.

    `code`: the carrier's own, where it gave one.  `status`: of HTTP; None: there was no answer.
    """

    def __init__(self, sentence: str, code: int | None = None, status: int | None = None) -> None:
        super().__init__(sentence)
        self.code = code
        self.status = status


@dataclass(frozen=True, slots=True)
class Standing:
    """How the account stands. `active`: it may be used.  `clock`: the carrier's time (UTC)."""

    active: bool
    trial: bool
    clock: datetime | None


@dataclass(frozen=True, slots=True)
class Number:
    """A number of the account.

    `takes`: where its calls and texts go, by the API's own names (`VOICE_FIELDS`, `SMS_FIELDS`);
    "" for what is not set.
    """

    sid: str
    phone: str
    voice: bool
    sms: bool
    takes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Service:
    """A messaging service: a pool of numbers.

    `defers`: the texts to its numbers go where each number says; else where the service says.
    """

    sid: str
    name: str
    defers: bool
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dialling:
    """Whether a country can be called: at all, and its costly numbers that fraud is made with."""

    allowed: bool
    costly: bool


@contextmanager
def asking() -> Iterator[None]:
    """What the carrier's library raises in the block comes out as `AccountError`."""
    try:
        yield
    except TwilioRestException as error:
        raise AccountError(in_words(error.code, error.status), error.code, error.status) from None
    except RequestException as error:
        # Its message holds the address, which holds the account.
        raise AccountError(f"Twilio cannot be reached ({type(error).__name__}).") from None
    except TwilioException:
        raise AccountError("Twilio's answer could not be understood: try again later.") from None


class Account:
    """The account of that SID; `token` is its auth token."""

    def __init__(self, sid: str, token: str) -> None:
        self.sid = sid
        self.client: Any = Client(sid, token, http_client=TwilioHttpClient(timeout=SECONDS_AT_MOST))

    def standing(self) -> Standing:
        """AccountError: the SID and the token are not accepted, or nobody answers."""
        with asking():
            answer = self.client.request(
                "GET", f"https://api.twilio.com/2010-04-01/Accounts/{self.sid}.json"
            )
        body = _json(answer.text)
        if answer.status_code != 200:  # noqa: PLR2004  the one good status
            code = body.get("code")
            sentence = in_words(code, answer.status_code)
            raise AccountError(sentence, code, answer.status_code)
        return Standing(
            active=body.get("status") == "active",
            trial=body.get("type") == "Trial",
            clock=_moment(answer.headers.get("Date")),
        )

    def numbers(self) -> tuple[Number, ...]:
        """Every number of the account, in order."""
        with asking():
            found = [_number(one) for one in self.client.incoming_phone_numbers.list()]
        return tuple(sorted(found, key=lambda number: number.phone))

    def change(self, number: Number, values: Mapping[str, str]) -> None:
        """Set where a number's calls and texts go, by the API's own names; "" for nowhere."""
        with asking():
            self.client.incoming_phone_numbers(number.sid).update(**values)

    def services(self) -> tuple[Service, ...]:
        """The messaging services of the account, each with its numbers."""
        with asking():
            return tuple(
                Service(
                    sid=one.sid,
                    name=one.friendly_name or one.sid,
                    defers=bool(one.use_inbound_webhook_on_number),
                    numbers=tuple(number.phone_number for number in one.phone_numbers.list()),
                )
                for one in self.client.messaging.v1.services.list()
            )

    def let_numbers_decide(self, service: Service) -> None:
        """From now on the texts to a service's numbers go where each number says."""
        with asking():
            at = self.client.messaging.v1.services(service.sid)
            at.update(use_inbound_webhook_on_number=True)

    def dialling(self, country: str) -> Dialling:
        """Whether the account may call `country`, such as "US"."""
        with asking():
            found = self.client.voice.v1.dialing_permissions.countries(country).fetch()
        return Dialling(
            allowed=bool(found.low_risk_numbers_enabled),
            costly=bool(
                found.high_risk_special_numbers_enabled or found.high_risk_tollfraud_numbers_enabled
            ),
        )

    def callable_countries(self) -> tuple[str, ...]:
        """Every country that the account may call, in order."""
        with asking():
            found = self.client.voice.v1.dialing_permissions.countries.list(
                low_risk_numbers_enabled=True
            )
        return tuple(sorted(one.iso_code for one in found))

    def textable(self, country: str) -> bool | None:
        """Whether the account may text `country`; None where the carrier does not say."""
        with asking():
            found = self.client.accounts.v1.messaging_geopermissions.fetch(country_code=country)
        for one in found.permissions or ():
            if one.get("country_code") == country:
                return bool(one.get("enabled"))
        return None

    def campaigns(self, service: Service) -> tuple[str, ...]:
        """How each A2P 10DLC campaign of a service stands: "VERIFIED", "IN_PROGRESS", "FAILED"."""
        with asking():
            found = self.client.messaging.v1.services(service.sid).us_app_to_person.list()
        return tuple(str(one.campaign_status) for one in found)

    def toll_free(self, number: Number) -> str | None:
        """How a toll-free number's verification stands, such as "TWILIO_APPROVED"; None: none."""
        with asking():
            found = self.client.messaging.v1.tollfree_verifications.list(
                tollfree_phone_number_sid=number.sid
            )
        return str(found[0].status) if found else None


def _number(one: Any) -> Number:
    can = one.capabilities or {}
    return Number(
        sid=one.sid,
        phone=one.phone_number,
        voice=bool(can.get("voice")),
        sms=bool(can.get("sms") or can.get("SMS")),
        takes={name: getattr(one, name) or "" for name in (*VOICE_FIELDS, *SMS_FIELDS)},
    )


def _json(text: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError:
        return {}


def _moment(header: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(header).astimezone(UTC) if header else None
    except ValueError:
        return None
