"""`backline doctor`: the real server, a real database, and a stand-in of Twilio's REST API."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner, Result

from app.carrier import clinics_by
from app.cli import main
from app.settings import read_settings
from duty.alert import How
from duty.clinic import ClinicSettings, Day
from duty.rota import Shift
from flows.content import content_digest, red_flags
from flows.definition import read_flow
from store.alerts import acknowledge, daily_tests, raise_alert
from store.clinics import read_clinics, write_clinic
from store.database import Database
from store.heartbeats import CLOCK, WORKER, alive, beat, this_process
from store.heartbeats import rest as rest_now
from store.rotas import RotaBook
from store.sealing import Sealer
from store.sign_offs import SignOff, add_sign_off
from tests.app.server import Server, free_port
from tests.post_office import PostOffice
from tests.telephony.rest import DOMAIN, Rest, a_number, twilio

ANN = "+12025550143"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    port = free_port()
    folder = tmp_path_factory.mktemp("doctor")
    with Server(folder, public_url=f"http://localhost:{port}", port=port) as server:
        yield server


@pytest.fixture(autouse=True)
def here(server: Server, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The commands run in the server's folder, with its settings."""
    monkeypatch.chdir(server.folder)
    for name, value in server.settings.items():
        monkeypatch.setenv(name, value)
    return server.folder


@pytest.fixture
def database(server: Server) -> Iterator[Database]:
    database = Database(f"sqlite:///{server.folder}/backline.sqlite3")
    yield database
    database.close()


@pytest.fixture
def rest(server: Server) -> Rest:
    """An account that was set up; the files that Twilio serves are those of the line."""
    settings = server.settings
    rest = Rest(
        settings["TWILIO_ACCOUNT_SID"],
        settings["TWILIO_AUTH_TOKEN"],
        numbers=[a_number("+18005550100")],
        toll_free={a_number("+18005550100")["sid"]: "TWILIO_APPROVED"},
        callable=("US",),
    )
    rest.hosted = clinics_by(read_settings(settings, server.folder)).documents()
    url = server.public_url
    rest.numbers[0] |= {
        "voice_url": f"{url}/voice",
        "status_callback": f"{url}/voice/status",
        "voice_fallback_url": f"https://{DOMAIN}/voice-1.xml",
        "voice_fallback_method": "GET",
        "sms_url": f"{url}/sms",
        "sms_fallback_url": f"https://{DOMAIN}/sms-1.xml",
        "sms_fallback_method": "GET",
    }
    return rest


def doctor(rest: Rest) -> Result:
    with twilio(rest):
        return CliRunner().invoke(main, ["doctor"])


def line(done: Result, name: str) -> str:
    """What was said of a check."""
    (found,) = [one for one in done.output.splitlines() if f"  {name}: " in one]
    return found


def on_duty(database: Database, sealer: Sealer, now: datetime) -> None:
    """Somebody who is always on call, an address for alarms, and a test that was acknowledged."""
    book = RotaBook(database, sealer)
    book.write(book.adding(1, "Ann Example", "+12025550171", "", now))
    shift = Shift(book.read(1).people[0].id, 1, frozenset(Day), time(0), time(0), "UTC")
    book.write(book.adding_shift(1, shift))
    (clinic,) = read_clinics(database)
    settled = ClinicSettings(alarm_email="desk@clinic.example")
    write_clinic(database, replace(clinic, settings=settled))
    raise_alert(database, 1, None, "test:2026-03-02", now)
    acknowledge(database, daily_tests(database, 1)[0].id, "Ann Example", How.KEY, now)


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch) -> Iterator[PostOffice]:
    with PostOffice() as post:
        monkeypatch.setenv("BACKLINE_SMTP_URL", post.url)
        monkeypatch.setenv("BACKLINE_MAIL_FROM", "line@clinic.example")
        yield post


def test_nobody_on_call_is_found(rest: Rest) -> None:
    """A new clinic: its own phone is rung, an alarm is on the page alone, nothing was tested."""
    done = doctor(rest)
    assert done.exit_code == 1
    assert line(done, "on call at Harbour Clinic").startswith("wrong")
    assert "336 hours" in line(done, "on call at Harbour Clinic")
    assert line(done, "alarms of Harbour Clinic by mail").startswith("cannot tell")
    assert "None was sent yet" in line(done, "test alert at Harbour Clinic")


def test_a_deployment_in_order(
    server: Server, database: Database, rest: Rest, mail: PostOffice
) -> None:
    """Every check asks the real thing; all is well, and it ends with 0."""
    now = datetime.now(UTC)
    for kind in (WORKER, CLOCK):
        beat(database, this_process(kind, now), now)
    sealer = Sealer(server.settings["BACKLINE_SECRET_KEY"])
    on_duty(database, sealer, now)
    flow = read_flow()
    signed = SignOff(
        content_digest(), flow.id, flow.version, red_flags(flow), "Ann Example", "GP", "0", now
    )
    add_sign_off(database, sealer, 1, signed)
    done = doctor(rest)
    assert done.exit_code == 0, done.output
    assert done.output.endswith("Nothing is wrong.\n")
    names = [one[13:].partition(": ")[0] for one in done.output.splitlines()[:-1]]
    assert names == [
        *("settings", "database", "durability", "worker", "clock", "alerts"),
        *("on call at Harbour Clinic", "alarms of Harbour Clinic by mail"),
        *("test alert at Harbour Clinic", "content"),
        *("public address", "signature", "strangers", "account", "clock", "+18005550100"),
        *("+18005550100, calls while we are down", "+18005550100, texts while we are down"),
        *("calls to your country", "calls to other countries", "texts to your country"),
        "registration of +18005550100",
    ]
    assert {one[:13].strip() for one in done.output.splitlines()[:-1]} == {"ok"}


def test_alarms_that_cannot_be_mailed_are_found(
    rest: Rest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the one before: the clinic has given an address."""
    assert "no server takes mail" in line(doctor(rest), "alarms of Harbour Clinic by mail")
    monkeypatch.setenv("BACKLINE_SMTP_URL", f"smtp://127.0.0.1:{free_port()}")
    monkeypatch.setenv("BACKLINE_MAIL_FROM", "line@clinic.example")
    assert "cannot be reached" in line(doctor(rest), "alarms of Harbour Clinic by mail")


def test_another_token_than_the_servers_is_found(
    server: Server, rest: Rest, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", other)
    done = doctor(rest)
    assert done.exit_code == 1
    assert "the server has another TWILIO_AUTH_TOKEN" in line(done, "signature")
    assert "copy both from its console again" in line(done, "account")
    rest.token = other
    monkeypatch.setenv("TWILIO_AUTH_TOKEN_SECONDARY", server.settings["TWILIO_AUTH_TOKEN"])
    assert line(doctor(rest), "signature, second token").startswith("ok")


def test_a_server_that_is_down_is_found(rest: Rest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", f"http://localhost:{free_port()}")
    done = doctor(rest)
    assert done.exit_code == 1
    assert "cannot be reached: nobody answers there" in line(done, "public address")
    assert "Type 'backline twilio connect'." in line(done, "+18005550100")


class _Stranger(BaseHTTPRequestHandler):
    """Some other service, which says yes to everything."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.body)

    body = b"welcome"

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
        pass


class _Ill(_Stranger):
    """Our service behind a proxy that lets strangers in, and without its database."""

    body = json.dumps({"flow_id": "red_flags", "store": "does not answer"}).encode()


class _Redirecting(_Ill):
    def do_POST(self) -> None:
        self.send_response(301)
        self.end_headers()


@pytest.mark.parametrize(
    ("handler", "name", "said"),
    [
        (_Stranger, "public address", "Something else answers at"),
        (_Ill, "strangers", "A request that nobody signed gets 200, not 403."),
        (_Redirecting, "signature", "A signed request gets 301: does a proxy redirect it?"),
    ],
)
def test_what_stands_in_front_is_found(
    handler: type[_Stranger],
    name: str,
    said: str,
    rest: Rest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    front = HTTPServer(("127.0.0.1", 0), handler)
    Thread(target=front.serve_forever, daemon=True).start()
    monkeypatch.setenv("PUBLIC_URL", f"http://localhost:{front.server_port}")
    try:
        assert said in line(doctor(rest), name)
    finally:
        front.shutdown()
        front.server_close()


def test_a_clock_that_is_wrong_is_found(rest: Rest) -> None:
    """Reading times, nudges and alerts go by it."""
    rest.clock = lambda: datetime.now(UTC) + timedelta(minutes=2)
    done = doctor(rest)
    assert "set its clock by NTP" in done.output
    assert "seconds apart" in done.output


def test_nobody_at_work_is_found(rest: Rest, database: Database) -> None:
    now = datetime.now(UTC)
    for process in alive(database, now):
        rest_now(database, process, now)
    long_ago = now - timedelta(minutes=5)
    beat(database, this_process(WORKER, long_ago), long_ago)
    assert "None goes on, and so nothing is sent" in line(doctor(rest), "worker")


def test_each_fallback_is_looked_at(rest: Rest, server: Server) -> None:
    rest.numbers[0]["voice_fallback_url"] = ""
    rest.numbers[0]["sms_fallback_url"] = f"{server.public_url}/sms/fallback"
    done = doctor(rest)
    calls, texts = (
        line(done, f"+18005550100, {what} while we are down") for what in ("calls", "texts")
    )
    assert "No fallback is set" in calls
    assert "cannot answer while it is down" in texts
    rest.numbers[0]["voice_fallback_url"] = f"https://{DOMAIN}/voice-1.xml"
    rest.hosted["/voice-1.xml"] = "<Response><Say>Sorry.</Say></Response>"
    done = doctor(rest)
    assert "is not the safety net as it is now" in line(
        done, "+18005550100, calls while we are down"
    )


def test_an_account_without_numbers_and_one_out_of_reach(rest: Rest) -> None:
    rest.numbers = []
    assert "The account has none" in line(doctor(rest), "numbers")
    rest.refuse = {"IncomingPhoneNumbers": (500, None)}
    assert line(doctor(rest), "numbers").startswith("cannot tell")
    rest.status = "suspended"
    assert line(doctor(rest), "account").startswith("wrong")


def test_no_public_url_and_no_database(
    rest: Rest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PUBLIC_URL", "")
    monkeypatch.setenv("BACKLINE_TRUSTED_PROXIES", "1")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/none.sqlite3")
    done = doctor(rest)
    assert done.exit_code == 1
    assert line(done, "public address").startswith("cannot tell")
    assert "DATABASE_URL says which one." in line(done, "database")


def test_wrong_settings_are_all_said(rest: Rest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "none")
    monkeypatch.setenv("BACKLINE_LOCALE", "xx")
    done = doctor(rest)
    assert done.exit_code == 1
    assert done.output.count("wrong        settings: ") == 2
    assert "2 things are wrong." in done.output


def test_a_demonstration_needs_no_carrier(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in server.settings:
        if name.startswith(("TWILIO_", "BACKLINE_", "PUBLIC_URL", "PORT")):
            monkeypatch.delenv(name)
    assert CliRunner().invoke(main, ["db", "upgrade"]).exit_code == 0
    done = CliRunner().invoke(main, ["doctor"])
    assert "cannot tell  carrier: None is connected" in done.output
    assert line(done, "content").startswith("cannot tell")
