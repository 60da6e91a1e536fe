"""A stand-in for Twilio's REST API: an account with numbers, services and files, in memory.

It checks who asks, keeps what it is told, and answers as the API's own pages describe.
"""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import responses
from requests import PreparedRequest

Reply = tuple[int, dict[str, str], str]
HEX = "0123456789abcdef" * 2
DOMAIN = "backline-safety-net-1234.twil.io"
DEMO = "https://demo.twilio.com/welcome/voice/"


def a_number(phone: str, **takes: str) -> dict[str, Any]:
    """A number as it is when it was just bought."""
    none = ("voice_fallback_url", "status_callback", "sms_fallback_url", "trunk_sid")
    also = ("voice_application_sid", "sms_application_sid")
    methods = ("voice", "voice_fallback", "status_callback", "sms", "sms_fallback")
    return {
        **dict.fromkeys((*none, *also), ""),
        **{f"{name}_method": "POST" for name in methods},
        "sid": f"PN{phone[-4:] * 8}",
        "phone_number": phone,
        "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
        "voice_url": DEMO,
        "sms_url": "https://demo.twilio.com/welcome/sms/reply",
        **takes,
    }


@dataclass
class Rest:
    """The account.

    `refuse`: by a part of the path, the status and the code that a request to it gets.
    `asked`: every request that changes anything: method, path and form.
    """

    sid: str
    token: str
    status: str = "active"
    kind: str = "Full"
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    numbers: list[dict[str, Any]] = field(default_factory=list)
    services: list[dict[str, Any]] = field(default_factory=list)
    pools: dict[str, list[str]] = field(default_factory=dict)
    campaigns: dict[str, list[str]] = field(default_factory=dict)
    toll_free: dict[str, str] = field(default_factory=dict)
    texted: dict[str, Any] = field(default_factory=lambda: {"status": "delivered"})
    textable: bool = True
    callable: tuple[str, ...] = ("US", "GB")
    costly: bool = False
    hosted: dict[str, str] = field(default_factory=dict)
    refuse: dict[str, tuple[int, int | None]] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    _uploads: dict[str, tuple[str, str]] = field(default_factory=dict)
    _hosting: bool = False

    def answer(self, request: PreparedRequest) -> Reply:
        url = urlsplit(str(request.url))
        path = f"{url.netloc.partition('.')[0]}{url.path}"
        login = b64encode(f"{self.sid}:{self.token}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {login}":
            return self._reply({"code": 20003, "message": "Authenticate"}, 401)
        for part, (status, code) in self.refuse.items():
            if part in path:
                return self._reply({"code": code, "message": "no"}, status)
        query = {name: value[0] for name, value in parse_qs(url.query).items()}
        form = self._form(request)
        if request.method != "GET":
            self.asked.append((str(request.method), path, form))
        for pattern, handler in self._routes():
            match = re.fullmatch(pattern, f"{request.method} {path}")
            if match:
                found = handler(*match.groups(), {**query, **form})
                return self._reply(*found) if isinstance(found, tuple) else self._reply(found)
        raise AssertionError(f"the stand-in has no {request.method} {path}")

    def _form(self, request: PreparedRequest) -> dict[str, str]:
        body = request.body or b""
        text = body.decode() if isinstance(body, bytes) else str(body)
        if "multipart" not in request.headers.get("Content-Type", ""):
            return {
                name: value[-1] for name, value in parse_qs(text, keep_blank_values=True).items()
            }
        part = (
            r'name="(\w+)"(?:; filename="[^"]*")?\r\n(?:Content-Type: ([^\r]*)\r\n)?\r\n(.*?)\r\n--'
        )
        found = {name: (kind, value) for name, kind, value in re.findall(part, text, re.DOTALL)}
        return {"Type": found["Content"][0], **{name: value for name, (_, value) in found.items()}}

    def _reply(self, body: dict[str, Any], status: int = 200) -> Reply:
        headers = {"Date": format_datetime(self.clock(), usegmt=True)}
        return status, headers, json.dumps(body)

    def _routes(self) -> Iterator[tuple[str, Callable[..., Any]]]:
        account = f"api/2010-04-01/Accounts/{self.sid}"
        yield rf"GET {account}\.json", lambda _: {"status": self.status, "type": self.kind}
        numbers = rf"{account}/IncomingPhoneNumbers"
        yield rf"GET {numbers}\.json", lambda _: {"incoming_phone_numbers": self.numbers}
        yield rf"POST {numbers}/(\w+)\.json", self._change
        yield rf"POST {account}/Messages\.json", lambda _: (self._text("queued"), 201)
        yield rf"GET {account}/Messages/\w+\.json", lambda _: self._text(**self.texted)
        services = "messaging/v1/Services"
        yield rf"GET {services}", lambda _: self._page("services", self.services)
        yield rf"POST {services}/(\w+)", self._change_service
        yield rf"GET {services}/(\w+)/PhoneNumbers", self._pool
        yield rf"GET {services}/(\w+)/Compliance/Usa2p", self._campaigns
        yield r"GET messaging/v1/Tollfree/Verifications", self._toll_free
        countries = "voice/v1/DialingPermissions/Countries"
        yield (
            rf"GET {countries}",
            lambda _: self._page("content", list(map(self._of, self.callable))),
        )
        yield rf"GET {countries}/(\w+)", lambda country, _: self._of(country)
        yield r"GET accounts/v1/Messaging/GeoPermissions", self._geography
        yield from self._serverless()

    def _text(self, status: str, error_code: int | None = None) -> dict[str, Any]:
        at = format_datetime(self.clock(), usegmt=True)
        return {"sid": f"SM{HEX}", "status": status, "error_code": error_code, "date_created": at}

    def _page(self, name: str, rows: list[Any]) -> dict[str, Any]:
        return {name: rows, "meta": {"key": name, "next_page_url": None}}

    def _change(self, sid: str, form: dict[str, str]) -> dict[str, Any]:
        number = next(one for one in self.numbers if one["sid"] == sid)
        for name, value in form.items():
            key = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
            assert key in number, f"the API has no {name}"
            assert not value or not key.endswith("_url") or value.startswith("https://")
            number[key] = value
        return number

    def _change_service(self, sid: str, form: dict[str, str]) -> dict[str, Any]:
        service = next(one for one in self.services if one["sid"] == sid)
        service["use_inbound_webhook_on_number"] = form["UseInboundWebhookOnNumber"] == "true"
        return service

    def _pool(self, sid: str, _: object) -> dict[str, Any]:
        rows = [{"phone_number": phone} for phone in self.pools.get(sid, ())]
        return self._page("phone_numbers", rows)

    def _campaigns(self, sid: str, _: object) -> dict[str, Any]:
        rows = [{"campaign_status": status} for status in self.campaigns.get(sid, ())]
        return self._page("compliance", rows)

    def _toll_free(self, query: dict[str, str]) -> dict[str, Any]:
        status = self.toll_free.get(query["TollfreePhoneNumberSid"])
        return self._page("verifications", [{"status": status}] if status else [])

    def _of(self, country: str) -> dict[str, Any]:
        return {
            "iso_code": country,
            "low_risk_numbers_enabled": country in self.callable,
            "high_risk_special_numbers_enabled": self.costly,
            "high_risk_tollfraud_numbers_enabled": False,
        }

    def _geography(self, query: dict[str, str]) -> dict[str, Any]:
        country = query["CountryCode"]
        permission = {"country_code": country, "type": "country", "enabled": self.textable}
        return {"permissions": [permission]}

    # --- Functions and Assets ---------------------------------------------------------------------

    def _serverless(self) -> Iterator[tuple[str, Callable[..., Any]]]:
        services = "serverless/v1/Services"
        service = {"sid": f"ZS{HEX}", "unique_name": "backline-safety-net"}
        missing = ({"code": 20404, "message": "not found"}, 404)
        yield (
            rf"GET {services}/backline-safety-net",
            lambda _: service if self._hosting else missing,
        )
        yield rf"POST {services}", lambda _: (self._host(service), 201)
        at = rf"{services}/ZS{HEX}"
        environment = {"sid": f"ZE{HEX}", "unique_name": "production", "domain_name": DOMAIN}
        there = [environment] if self._hosting else []
        yield rf"GET {at}/Environments", lambda _: self._page("environments", there)
        yield rf"GET {at}/Assets", lambda _: self._page("assets", [])
        yield rf"POST {at}/Assets", self._asset
        upload = rf"serverless-upload/v1/Services/ZS{HEX}/Assets/ZH.*/Versions"
        yield rf"POST {upload}", self._upload
        yield rf"POST {at}/Builds", lambda _: ({"sid": f"ZB{HEX}", "status": "building"}, 201)
        yield rf"GET {at}/Builds/ZB{HEX}/Status", lambda _: {"status": "completed"}
        yield rf"POST {at}/Environments/ZE{HEX}/Deployments", self._deploy

    def _asset(self, form: dict[str, str]) -> tuple[dict[str, Any], int]:
        sid = "ZH" + form["FriendlyName"].strip("/")
        return {"sid": sid, "service_sid": f"ZS{HEX}"}, 201

    def _host(self, service: dict[str, Any]) -> dict[str, Any]:
        self._hosting = True
        return service

    def _upload(self, form: dict[str, str]) -> tuple[dict[str, Any], int]:
        assert (form["Type"], form["Visibility"]) == ("text/xml", "public")
        self._uploads[form["Path"]] = form["Path"], form["Content"]
        return {"sid": f"ZN{HEX}"}, 201

    def _deploy(self, _: object) -> tuple[dict[str, Any], int]:
        self.hosted = dict(self._uploads.values())
        return {"sid": f"ZD{HEX}"}, 201

    def serve(self, request: PreparedRequest) -> Reply:
        """A file of the account's, to anybody."""
        document = self.hosted.get(urlsplit(str(request.url)).path)
        return (404, {}, "") if document is None else (200, {}, document)


@contextmanager
def twilio(rest: Rest) -> Iterator[Rest]:
    """For the block, `rest` answers for Twilio; whatever is at localhost answers for itself."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.add_passthru("http://localhost")
        for method in ("GET", "POST"):
            mock.add_callback(method, re.compile(r"https://[\w-]+\.twilio\.com/.*"), rest.answer)
            mock.add_callback(method, re.compile(rf"https://{DOMAIN}/.*"), rest.serve)
        yield rest
