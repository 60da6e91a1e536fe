"""The command `rota`: who is on call works before anybody has opened the desk."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import main
from store.alerts import daily_tests
from store.audit import Action, AuditLog, Wanted
from store.database import Database
from store.sealing import Sealer

ANN, BEN = "+12025550171", "+12025550172"
SECRET = "qV8xT2mZr5LwK9dHj3Yb7NcF4sPg6uAe"
WEEK = ("--days", "mon-sun", "--hours", "00:00-00:00")


class Typed:
    """The command, with the settings of a clinic in New York."""

    def __init__(self, file: Path) -> None:
        self.url = f"sqlite:///{file}"
        self.environ = {
            "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
            "TWILIO_AUTH_TOKEN": "f0e1d2c3b4a5968778695a4b3c2d1e0f",
            "PUBLIC_URL": "https://line.example",
            "DATABASE_URL": self.url,
            "BACKLINE_LOCALE": "en-US",
            "BACKLINE_CLINIC_NAME": "Harbour Clinic",
            "BACKLINE_CLINIC_PHONE": "+12025550143",
            "BACKLINE_SECRET_KEY": SECRET,
        }

    def __call__(self, *words: str, code: int = 0) -> str:
        done = CliRunner(env=self.environ).invoke(main, ["rota", *words])
        assert done.exit_code == code, done.output
        return done.output


@pytest.fixture
def rota(sqlite_file: Path, monkeypatch: pytest.MonkeyPatch) -> Typed:
    monkeypatch.chdir(sqlite_file.parent)
    return Typed(sqlite_file)


def with_two(rota: Typed) -> None:
    rota("person", "add", "--name", "Ann Example", "--phone", ANN, "--email", "ann@example.org")
    rota("person", "add", "--name", "Ben Example", "--phone", "+1 (202) 555-0172")
    rota("shift", "add", "1", *WEEK)
    rota("shift", "add", "2", *WEEK, "--rung", "2")


def test_an_empty_rota_says_that_the_clinic_is_rung(rota: Typed) -> None:
    said = rota("list")
    assert "On call now: nobody, so Harbour Clinic itself is rung." in said
    assert ": nobody." in said


def test_people_and_their_shifts(rota: Typed) -> None:
    with_two(rota)
    said = rota("list").splitlines()
    assert said[:4] == [
        f"1  Ann Example, {ANN}, ann@example.org",
        f"2  Ben Example, {BEN}",
        (
            "shift 1: Ann Example, mon,tue,wed,thu,fri,sat,sun from 00:00 to 00:00,"
            " America/New_York, rung 1"
        ),
        (
            "shift 2: Ben Example, mon,tue,wed,thu,fri,sat,sun from 00:00 to 00:00,"
            " America/New_York, rung 2"
        ),
    ]
    assert said[4:] == ["On call now: Ann Example, then Ben Example."]


def test_what_is_missing_is_said_at_once(rota: Typed) -> None:
    rota("person", "add", "--name", "Ann Example", "--phone", ANN)
    said = rota("shift", "add", "1", "--days", "fri-mon", "--hours", "17:00-08:00")
    assert said.startswith("Ann Example, mon,fri,sat,sun from 17:00 to 08:00")
    assert "nobody is on call for" in said
    assert "Ann Example alone" in rota("list")


def test_somebody_is_away_and_somebody_stands_in(rota: Typed) -> None:
    with_two(rota)
    said = rota(
        *("override", "add", "--absent", "1", "--present", "2"),
        *("--from", "2030-08-01", "--to", "2030-08-15 12:00"),
    )
    assert said.startswith("Ben Example for Ann Example, from 2030-08-01 00:00 to 2030-08-15 12:00")
    rota("override", "add", "--absent", "2", "--from", "2030-08-01", "--to", "2030-08-02")
    assert "override 2: Ben Example is away" in rota("list")
    rota("override", "remove", "1")
    rota("override", "remove", "2")
    assert "override" not in rota("list")


def test_who_leaves_is_gone(rota: Typed) -> None:
    with_two(rota)
    assert "Ann Example is not on the rota any more" in rota("person", "remove", "1")
    assert "On call now: Ben Example." in rota("list")
    rota("shift", "remove", "2")
    assert "On call now: nobody" in rota("list")


def test_a_test_alert_can_be_asked_for(rota: Typed) -> None:
    with_two(rota)
    assert rota("test") == "The test goes to Ann Example.\n"
    database = Database(rota.url)
    [test] = daily_tests(database, 1)
    assert test.about.startswith("test:20")
    database.close()


def test_no_test_goes_out_without_a_carrier(rota: Typed) -> None:
    """And none is kept, which would look like one that nobody answered."""
    for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"):
        del rota.environ[name]
    said = rota("test", code=1)
    assert "No carrier is connected, so no test can go out: fill in .env" in said
    database = Database(rota.url)
    assert daily_tests(database, 1) == []
    database.close()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("person", "add", "--name", "Ann", "--phone", "12"), "is not a phone number"),
        (("person", "add", "--name", " ", "--phone", ANN), "plain characters"),
        (("person", "add", "--name", "Ann", "--phone", ANN, "--email", "ann"), "e-mail"),
        (("shift", "add", "1", "--days", "someday", "--hours", "1-2"), "mon-fri"),
        (("shift", "add", "1", "--days", "mon", "--hours", "9 to 5"), "17:00-08:00"),
        (("override", "add", "--from", "2030-01-01", "--to", "2030-01-02"), "--absent"),
        (("list", "--clinic", "9"), "there are 1 (Harbour Clinic)"),
    ],
)
def test_what_cannot_be_meant_is_said(rota: Typed, words: tuple[str, ...], said: str) -> None:
    assert said in rota(*words, code=2)


@pytest.mark.parametrize(
    "words",
    [
        ("shift", "add", "7", *WEEK),
        ("shift", "remove", "7"),
        ("person", "remove", "7"),
        ("override", "remove", "7"),
    ],
)
def test_a_number_that_nobody_has(rota: Typed, words: tuple[str, ...]) -> None:
    assert "`rota list` says which there are" in rota(*words, code=1)


def test_a_number_is_on_the_rota_once(rota: Typed) -> None:
    with_two(rota)
    again = ("person", "add", "--name", "Cat Example", "--phone", ANN)
    assert "on the rota already" in rota(*again, code=1)


def test_an_override_ends_after_it_begins(rota: Typed) -> None:
    with_two(rota)
    words = ("override", "add", "--absent", "1", "--from", "2030-01-02", "--to", "2030-01-02")
    assert "later" in rota(*words, code=2)
    zone = ("shift", "add", "1", *WEEK, "--time-zone", "Europe/Nowhere")
    assert "Europe/London" in rota(*zone, code=2)


def test_every_change_is_on_the_audit_log(rota: Typed) -> None:
    with_two(rota)
    database = Database(rota.url)
    log = AuditLog(database, Sealer(SECRET))
    entries = log.entries(1, Wanted(), 2**31, 10)
    assert [one.entry.action for one in entries] == [Action.ROTA_CHANGED] * 4
    database.close()
