"""The application as it is put together: its doors, its errors, its health, its log."""

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from app import logs, safety
from app.safety import UnsafeFlow
from app.settings import Settings, read_settings
from app.web import create_app
from flows.definition import Problem
from store.database import Database
from store.heartbeats import WORKER, beat, rest, this_process
from store.migrate import upgrade
from tests.app.test_settings import CARRIER
from tests.twiml_player import Carrier, Texter

TOKEN = CARRIER["TWILIO_AUTH_TOKEN"]
PUBLIC_URL = CARRIER["PUBLIC_URL"]


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('web')}/line.sqlite3"
    upgrade(url)
    return url


@pytest.fixture(scope="module")
def settings(migrated: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    environ = {**CARRIER, "DATABASE_URL": migrated, "BACKLINE_READING_SECONDS": "0"}
    return read_settings(environ, tmp_path_factory.mktemp("empty"))


@pytest.fixture(scope="module")
def app(settings: Settings) -> Flask:
    return create_app(settings)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the process logs."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.OneLine())
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


def post(app: Flask, path: str, signed_as: str, **headers: str) -> TestResponse:
    """A signed webhook that comes in at `path`, and was sent to `signed_as`."""
    form = {"MessageSid": f"SM{signed_as}{path}", "From": "+447700900123", "Body": "hello"}
    signature = RequestValidator(TOKEN).compute_signature(signed_as, form)
    return app.test_client().post(
        path, data=form, headers={"X-Twilio-Signature": signature, **headers}
    )


def test_a_text_is_answered(app: Flask) -> None:
    (intro,) = Texter(Carrier(app.test_client(), TOKEN, PUBLIC_URL)).text("hello")
    assert "call 999 now" in intro
    assert "Harbour Clinic will read them" in intro


# --- The address that was signed ----------------------------------------------------------------


@pytest.mark.parametrize("path", ["/sms", "/backline/sms"])
def test_the_public_address_is_what_counts_inside_a_proxy(app: Flask, path: str) -> None:
    """The proxy may take the prefix off or leave it on; inside all is plain http."""
    assert post(app, path, f"{PUBLIC_URL}/sms").status_code == 200


@pytest.mark.parametrize(
    "signed_as",
    [
        "http://localhost/sms",
        "http://line.example.org/backline/sms",
        "https://line.example.org/sms",
        "https://line.example.org/backline/voice",
    ],
)
def test_another_address_is_refused(app: Flask, signed_as: str) -> None:
    assert post(app, "/sms", signed_as).status_code == 403


def test_headers_of_a_stranger_change_nothing(app: Flask) -> None:
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}
    assert post(app, "/sms", "https://evil.example/sms", **forwarded).status_code == 403
    assert post(app, "/sms", f"{PUBLIC_URL}/sms", **forwarded).status_code == 200


FORWARDED = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "line.example.org",
}


@pytest.mark.parametrize(
    ("proxies", "headers", "status"),
    [
        (0, FORWARDED, 403),
        (1, FORWARDED, 200),
        (1, {**FORWARDED, "X-Forwarded-Host": "evil.example, line.example.org"}, 200),
        (1, {**FORWARDED, "X-Forwarded-Host": "line.example.org, evil.example"}, 403),
        (1, {}, 403),
        (2, FORWARDED, 403),
    ],
)
def test_trusted_proxies_tell_the_address(
    settings: Settings, proxies: int, headers: dict[str, str], status: int
) -> None:
    """As many of the newest values of a header are believed as there are proxies, and no more."""
    app = create_app(replace(settings, public_url=None, trusted_proxies=proxies))
    assert post(app, "/sms", "https://line.example.org/sms", **headers).status_code == status


def test_a_trusted_proxy_tells_its_prefix(settings: Settings) -> None:
    app = create_app(replace(settings, public_url=None, trusted_proxies=1))
    headers = {**FORWARDED, "X-Forwarded-Prefix": "/backline"}
    answer = post(app, "/sms", "https://line.example.org/backline/sms", **headers)
    assert answer.status_code == 200


# --- Errors and headers -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/sms", 405),
        ("POST", "/healthz", 405),
        ("GET", "/%ff", 404),
    ],
)
def test_an_error_page_is_short(app: Flask, method: str, path: str, status: int) -> None:
    answer = app.test_client().open(path, method=method)
    assert answer.status_code == status
    assert answer.mimetype == "text/plain"
    assert len(answer.data) < 40
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("carrier", "path"), [(True, "/backline/desk/"), (False, "/backline/try")])
def test_the_address_by_itself_leads_to_a_page(
    settings: Settings,
    carrier: bool,
    path: str,
) -> None:
    client = create_app(replace(settings, carrier=carrier)).test_client()
    answer = client.get("/", base_url=PUBLIC_URL)
    assert (answer.status_code, answer.location) == (302, path)


def test_twiml_has_no_headers_of_pages(app: Flask) -> None:
    answer = post(app, "/sms", f"{PUBLIC_URL}/sms")
    assert "Content-Security-Policy" not in answer.headers
    assert answer.headers["Content-Length"] == str(len(answer.data))


def test_without_a_skill_there_is_no_door_for_one(app: Flask) -> None:
    assert app.test_client().post("/alexa", data=b"{}").status_code == 404


def test_with_a_skill_its_door_is_there_for_amazon_alone(settings: Settings) -> None:
    skill = "amzn1.ask.skill.01234567-89ab-cdef-0123-456789abcdef"
    app = create_app(replace(settings, alexa_skill=skill))
    answer = app.test_client().post("/alexa", data=b"{}")
    assert (answer.status_code, answer.data) == (400, b"")
    assert app.test_client().get("/alexa").status_code == 405


def test_a_flood_is_not_read(app: Flask) -> None:
    answer = app.test_client().post("/sms", data={"Body": "x" * 100_000})
    assert answer.status_code == 403


# --- Health ---------------------------------------------------------------------------------------


def test_it_is_well(app: Flask) -> None:
    answer = app.test_client().get("/healthz")
    assert answer.status_code == 200
    assert answer.json == {
        "status": "ok",
        "store": "answers",
        "migrations": "current",
        "flow": "sound",
        "flow_id": "red_flags",
        "flow_version": "1.2.0",
        "content": "draft content, not signed off",
        "processes": {"worker": 0, "clock": 0},
        "alerts": "go out",
    }


def test_it_tells_who_else_goes_on(settings: Settings, migrated: str) -> None:
    """A worker that is gone does not take the line away: callers are still answered."""
    app = create_app(settings)
    database, now = Database(migrated), datetime.now(UTC)
    worker = this_process(WORKER, now)
    beat(database, worker, now)
    answer = app.test_client().get("/healthz")
    rest(database, worker, now)
    database.close()
    assert answer.json is not None
    assert answer.json["processes"] == {"worker": 1, "clock": 0}
    assert answer.status_code == 200


def test_it_starts_and_says_so_without_a_database(settings: Settings, tmp_path: Path) -> None:
    """Callers are then given the safety net; the first turn after it is back is taken."""
    url = f"sqlite:///{tmp_path}/none.sqlite3"
    app = create_app(replace(settings, database_url=url))
    answer = app.test_client().get("/healthz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert (answer.json["status"], answer.json["store"]) == ("failing", "does not answer")
    carrier = Carrier(app.test_client(), TOKEN, PUBLIC_URL)
    assert "Please call the clinic: 020 7946 0018" in Texter(carrier).text("hello")[0]
    assert not list(tmp_path.iterdir())


def test_an_unsafe_flow_does_not_start(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = Problem("bladder", "leads nowhere")
    monkeypatch.setattr(safety, "read_problems", lambda: (problem,))
    with pytest.raises(UnsafeFlow) as caught:
        create_app(settings)
    assert caught.value.faults == ("bladder: leads nowhere",)
    assert str(caught.value) == "bladder: leads nowhere"


def test_wrong_settings_end_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """So it is when Granian calls it without our command."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORT", "none")
    monkeypatch.setattr(logs, "configure", lambda: None)
    with pytest.raises(SystemExit) as ended:
        create_app()
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("PORT is not a number")


# --- The log --------------------------------------------------------------------------------------


def test_a_request_is_one_line_without_words_or_numbers(
    app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    post(app, "/sms", f"{PUBLIC_URL}/sms")
    app.test_client().get("/+447700900123?Body=numb")
    app.test_client().open("/healthz", method="NUMB")
    logged = capsys.readouterr().err
    lines = [json.loads(line) for line in logged.splitlines()]
    seen = [(line["method"], line["path"], line["status"]) for line in lines]
    assert seen == [("POST", "/sms", 200), ("GET", "-", 404), ("-", "/healthz", 405)]
    assert {line["event"] for line in lines} == {"request"}
    assert all(0 <= line["ms"] < 5000 for line in lines)
    assert "447700900123" not in logged
    assert "numb" not in logged.lower()


def test_an_exception_is_logged_without_its_words(log: io.StringIO) -> None:
    try:
        int("my leg is numb")
    except ValueError:
        logging.getLogger("somewhere").exception("a thing failed")
    line = json.loads(log.getvalue())
    assert (line["event"], line["from"], line["level"]) == ("a thing failed", "somewhere", "error")
    assert "ValueError" in line["error"]
    assert "numb" not in log.getvalue()


def test_what_fails_beside_the_webhooks_says_nothing(settings: Settings, log: io.StringIO) -> None:
    app = create_app(settings)

    @app.get("/broken")
    def broken() -> str:
        raise ValueError("my leg is numb")

    answer = app.test_client().get("/broken")
    assert (answer.status_code, answer.text) == (500, "Something went wrong.\n")
    assert "ValueError" in log.getvalue()
    assert "numb" not in log.getvalue()
