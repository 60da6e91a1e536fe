"""Twilio's REST API, in a test: a real HTTP server that takes texts and calls, and counts them.

    with TwilioApi() as twilio:
        carrier = Carrier(ACCOUNT, TOKEN, twilio.url)
        twilio.faults.append(Refuse(400, 21610))     # how the next request to send fares
        ...
        twilio.texts, twilio.calls                   # what was taken, in order
        twilio.tell(Carrier(client, TOKEN), twilio.texts[0], "sent", "delivered")

Each request is checked against what Twilio takes (tests/telephony/twilio_api.tsv); what it would
not take is answered 400, and is in `violations`.
"""

import json
import re
import socket
import threading
from base64 import b64decode
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from pathlib import Path
from typing import Any, Final, Protocol, Self
from urllib.parse import parse_qs, parse_qsl, urlsplit

TABLE: Final = Path(__file__).parent / "telephony" / "twilio_api.tsv"
_PAGE: Final = 50
_PATH: Final = re.compile(
    r"/2010-04-01/Accounts/(AC[0-9a-f]{32})/(Messages|Calls)(?:/(\w+))?\.json"
)


@dataclass(frozen=True)
class Refuse:
    """It is not taken. `code`: Twilio's; None for an answer that is not JSON."""

    status: int
    code: int | None = None
    retry_after: int | None = None


@dataclass(frozen=True)
class Lose:
    """It is taken, and the answer is lost: the connection ends without one."""


@dataclass(frozen=True)
class Hang:
    """It is taken, and the answer comes only after so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Break:
    """It is taken, and the answer says 500 all the same."""


Fault = Refuse | Lose | Hang | Break


@dataclass
class Sent:
    """A text or a call that was taken; `form` is the request."""

    sid: str
    form: dict[str, str]
    status: str
    at: datetime
    answered: bool = True
    error_code: int | None = None

    @property
    def to(self) -> str:
        return self.form["To"]

    @property
    def body(self) -> str:
        return self.form.get("Body", "")

    def shown(self) -> dict[str, Any]:
        """As the API gives it."""
        when = format_datetime(self.at)
        common = {"sid": self.sid, "to": self.to, "from": self.form.get("From")}
        common |= {"status": self.status, "date_created": when, "direction": "outbound-api"}
        return common | {"body": self.form.get("Body"), "error_code": self.error_code}


class Posts(Protocol):
    """Whatever brings a signed request to the line (`tests.twiml_player.Carrier`)."""

    def post(self, url: str, form: Mapping[str, str]) -> Any: ...


@dataclass
class TwilioApi:
    """The server. `account`, `token`: with which it is asked."""

    account: str = "AC" + "0" * 32
    token: str = "12345"
    texts: list[Sent] = field(default_factory=list)
    calls: list[Sent] = field(default_factory=list)
    faults: deque[Fault] = field(default_factory=deque)
    violations: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    fault_of: Callable[[Mapping[str, str]], Fault | None] | None = None
    look_up_fault: Callable[[], Refuse | None] | None = None

    def __enter__(self) -> Self:
        self._lock = threading.Lock()
        self._of: dict[tuple[str, str], list[Sent]] = {}
        self._over = threading.Event()
        handler = type("Handler", (_Handler,), {"twilio": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def tell(self, line: Posts, one: Sent, *states: str, code: int | None = None) -> list[int]:
        """Send the news of `one`, signed, in that order; the statuses that were answered."""
        answers = []
        for state in states:
            call = one.sid.startswith("CA")
            names = ("CallSid", "CallStatus") if call else ("MessageSid", "MessageStatus")
            news = {names[0]: one.sid, names[1]: state, "To": one.to, "AccountSid": self.account}
            news["From"] = one.form.get("From", "+12025550111")
            news |= {"Direction": "outbound-api"} if call else {}
            news |= {"ErrorCode": str(code)} if code and state in ("failed", "undelivered") else {}
            answers.append(line.post(one.form["StatusCallback"], news).status_code)
        return answers

    def take(self, kind: str, form: dict[str, str]) -> Fault | Sent:
        """What becomes of a request to send or to ring."""
        with self._lock:
            fault = self.fault_of(form) if self.fault_of else None
            if fault is None and self.faults:
                fault = self.faults.popleft()
            if isinstance(fault, Refuse):
                return fault
            kept, prefix = (self.texts, "SM") if kind == "Messages" else (self.calls, "CA")
            one = Sent(f"{prefix}{len(kept):032x}", form, "queued", self.now())
            one.answered = fault is None
            self._keep(kept, one)
        if isinstance(fault, Hang):
            self._over.wait(fault.seconds)
            return one
        return fault or one

    def replied(self, form: dict[str, str]) -> None:
        """Take a text that stood in an answer to a text."""
        with self._lock:
            sid = f"SM{len(self.texts):032x}"
            self._keep(self.texts, Sent(sid, form, "sent", self.now()))

    def _keep(self, kept: list[Sent], one: Sent) -> None:
        kept.append(one)
        self._of.setdefault((one.sid[:2], one.to), []).append(one)

    def found(self, kind: str, query: Mapping[str, str]) -> list[dict[str, Any]]:
        """What was taken of that kind, the newest first: one page."""
        kept, prefix = (self.texts, "SM") if kind == "Messages" else (self.calls, "CA")
        with self._lock:
            of = self._of.get((prefix, query["To"]), []) if "To" in query else kept
            ours = (
                one for one in reversed(of) if query.get("From") in (None, one.form.get("From"))
            )
            return [one.shown() for one in islice(ours, int(query.get("PageSize", _PAGE)))]

    def of_sid(self, sid: str) -> Sent:
        """What was taken under that key."""
        kept, place = self.texts if sid.startswith("SM") else self.calls, sid[2:]
        return kept[int(place, 16)]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Whoever asked was killed before the answer: that is what the tests are about."""


class _Handler(BaseHTTPRequestHandler):
    twilio: TwilioApi
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Nothing."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        pairs = parse_qsl(body, keep_blank_values=True)
        kind = self._checked("POST", pairs)
        if kind is None:
            return
        form = {name: ",".join(v for n, v in pairs if n == name) for name, _ in pairs}
        answer = self.twilio.take(kind, form)
        match answer:
            case Sent():
                self._answer(201, answer.shown())
            case Refuse(status, code, retry_after):
                said = {"code": code, "message": form["To"], "status": status, "more_info": ""}
                after = {"Retry-After": str(retry_after)} if retry_after is not None else {}
                self._answer(status, said if code else None, after)
            case Break():
                self._answer(500, None)
            case _:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        kind = self._checked("GET", list(query.items()))
        if kind is None:
            return
        refused = self.twilio.look_up_fault() if self.twilio.look_up_fault else None
        if refused is not None:
            self._answer(refused.status, None)
            return
        sid = _PATH.fullmatch(parts.path)
        assert sid is not None
        if sid.group(3):
            self._answer(200, self.twilio.of_sid(sid.group(3)).shown())
            return
        page = {"page": 0, "page_size": _PAGE, "first_page_uri": parts.path, "uri": parts.path}
        nothing = {"next_page_uri": None, "previous_page_uri": None}
        self._answer(200, {**page, **nothing, kind.lower(): self.twilio.found(kind, query)})

    def _checked(self, method: str, pairs: list[tuple[str, str]]) -> str | None:
        """Messages or Calls; None where Twilio would not take the request, which is answered."""
        path = urlsplit(self.path).path
        found = _PATH.fullmatch(path)
        expected = f"{self.twilio.account}:{self.twilio.token}"
        given = self.headers.get("Authorization", "").removeprefix("Basic ")
        if b64decode(given).decode() != expected:
            self._answer(401, {"code": 20003, "message": "Authenticate", "status": 401})
            return None
        if found is None or found.group(1) != self.twilio.account:
            faults = [f"no such resource: {path}"]
        else:
            of = f"{found.group(2)}/{{Sid}}.json" if found.group(3) else f"{found.group(2)}.json"
            self.twilio.requests.append(f"{method} {of}")
            faults = wrong(f"{method} {of}", pairs)
        if faults or found is None:
            self.twilio.violations += faults
            self._answer(400, {"code": 20001, "message": "; ".join(faults), "status": 400})
            return None
        return found.group(2)

    def _answer(self, status: int, value: Any, headers: Mapping[str, str] | None = None) -> None:
        body = b"<html>not JSON</html>" if value is None else json.dumps(value).encode()
        self.send_response(status)
        for name, text in (headers or {}).items():
            self.send_header(name, text)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


# --- What Twilio takes -------------------------------------------------------------------------


@cache
def _parameters() -> dict[str, dict[str, tuple[bool, str]]]:
    """By request, then by parameter: whether it must be given, and its kind."""
    rows: dict[str, dict[str, tuple[bool, str]]] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        request, name, required, kind = line.split("\t")
        of = rows.setdefault(request, {})
        if name:
            of[name] = (required == "required", kind)
    return rows


def wrong(request: str, pairs: list[tuple[str, str]]) -> list[str]:
    """What Twilio would not take of a request, such as "POST Messages.json", in sentences."""
    known = _parameters().get(request)
    if known is None:
        return [f"no such request: {request}"]
    names = [name for name, _ in pairs]
    faults = [f"{name} is missing" for name, (must, _) in known.items() if must > (name in names)]
    for name, value in pairs:
        if name not in known:
            faults.append(f"{name} is no parameter of {request}")
        elif not _fits(known[name][1], value):
            faults.append(f"{name} is not {known[name][1]}: {value!r}")
        elif names.count(name) > 1 and not known[name][1].startswith("array"):
            faults.append(f"{name} is given more than once")
    if request == "POST Messages.json":
        if not {"From", "MessagingServiceSid"} & set(names):
            faults.append("neither From nor MessagingServiceSid")
        if "ContentSid" in names:
            faults += ["words beside a template"] if "Body" in names else []
        elif not 0 < len(dict(pairs).get("Body", "")) <= 1600:
            faults.append("a body of no or too many characters")
    return faults


def _fits(kind: str, value: str) -> bool:
    match kind:
        case "string" | "array":
            return bool(value)
        case "integer":
            return value.isdecimal()
        case "number":
            return value.replace(".", "", 1).isdecimal()
        case "boolean":
            return value in ("true", "false", "True", "False")
        case "uri" | "array-uri":
            return urlsplit(value).scheme in ("http", "https") and bool(urlsplit(value).netloc)
        case "date-time":
            return bool(re.fullmatch(r"\d{4}-\d\d-\d\d(T[\d:]+Z)?", value))
        case _ if kind.startswith("^"):
            return bool(re.fullmatch(kind, value))
        case _:
            return value in kind.split("|")
