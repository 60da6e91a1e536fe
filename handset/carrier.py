"""The carrier's side of the line: signed requests with its field names, and what they bring back.

Source: Twilio's "Request parameters" of TwiML Voice, its "Twilio's request to your incoming message
Webhook URL", and its "Webhooks Security".
"""

import secrets
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from handset.twiml import Answer, BadTwiml, read_twiml
from telephony.signature import sign

ACCOUNT: Final = "AC" + "0" * 32
VERSION: Final = "2010-04-01"


class Client(Protocol):
    """What requests are posted through, such as Werkzeug's `Client` of an application."""

    def post(self, *args: Any, **kw: Any) -> Any: ...


@dataclass
class Carrier:
    """Sends signed requests.

    `public_url`: what the service is called from outside, without a slash at its end.
    `inside`: whether the service itself is told that address with each request.
    """

    client: Client
    token: str
    public_url: str = "https://line.example"
    account: str = ACCOUNT
    inside: bool = False

    def post(self, url: str, form: Mapping[str, str], **headers: str) -> Answer:
        """The carrier's request, whatever is answered."""
        if not url.startswith(self.public_url + "/"):
            raise BadTwiml("not an absolute URL of this service")
        parts = urlsplit(url)
        prefix = urlsplit(self.public_url).path.rstrip("/")
        called = {"base_url": self.public_url} if self.inside else {}
        answer: Answer = self.client.post(
            parts.path.removeprefix(prefix),
            query_string=parts.query,
            data=dict(form),
            headers={"X-Twilio-Signature": sign(self.token, url, form), **headers},
            **called,
        )
        return answer

    def document(self, url: str, form: Mapping[str, str]) -> ET.Element:
        """The TwiML that `url` answers, or BadTwiml."""
        return read_twiml(self.post(url, form))


@dataclass
class Texter:
    """A phone that sends texts to the line."""

    carrier: Carrier
    number: str
    to: str

    def text(self, body: str, **fields: str) -> list[str]:
        """Send a text; the messages that are sent back. BadTwiml where those cannot be sent."""
        form = self.fields(body, **fields)
        document = self.carrier.document(self.carrier.public_url + "/sms", form)
        return [message.text or "" for message in document]

    def fields(self, body: str, **more: str) -> dict[str, str]:
        """The form of a messaging request, with a MessageSid of its own."""
        sid = self.new_sid()
        return {
            "MessageSid": sid,
            "SmsSid": sid,
            "SmsMessageSid": sid,
            "AccountSid": self.carrier.account,
            "From": self.number,
            "To": self.to,
            "Body": body,
            "NumMedia": "0",
            "NumSegments": "1",
            "SmsStatus": "received",
            "ApiVersion": VERSION,
            **more,
        }

    def new_sid(self) -> str:
        return f"SM{secrets.token_hex(16)}"
