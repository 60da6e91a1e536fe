"""Each clinic answers at its own numbers, in its own words, on a log of its own."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.settings import Settings, read_settings
from app.sites import READ_SECONDS, AllSites
from app.web import create_app
from store.clinics import StoredClinic, add_clinic, ensure_clinic
from store.database import Database
from store.migrate import upgrade
from store.review import conversations
from store.sealing import Sealer
from tests.app.test_settings import CARRIER
from tests.twiml_player import Call, Carrier, Texter

HILL = "+12025550177"
OTHER = StoredClinic(0, "Hill Clinic", "en-US", "+12025550178", "America/New_York", numbers=(HILL,))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    url = f"sqlite:///{tmp_path}/line.sqlite3"
    upgrade(url)
    environ = {**CARRIER, "DATABASE_URL": url, "BACKLINE_READING_SECONDS": "0"}
    return read_settings(environ, tmp_path)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    database = Database(settings.database_url)
    ensure_clinic(database, settings.clinic.name, settings.locale)
    yield database
    database.close()


def test_the_number_decides_which_clinic_answers(settings: Settings, database: Database) -> None:
    """Its country's emergency number above all, by text and by phone; and its own log."""
    hill = add_clinic(database, OTHER)
    carrier = Carrier(
        create_app(settings).test_client(),
        CARRIER["TWILIO_AUTH_TOKEN"],
        CARRIER["PUBLIC_URL"],
    )
    (ours,) = Texter(carrier).text("hello")
    (theirs,) = Texter(carrier, to=HILL).text("hello")
    assert "call 999 now" in ours
    assert "Harbour Clinic will read" in ours
    assert "call 911 now" in theirs
    assert "Hill Clinic will read" in theirs
    heard = " ".join(Call(carrier, to=HILL).ring().heard)
    assert "Hill Clinic" in heard
    sealer = Sealer(settings.secret_key)
    assert [len(list(conversations(database, sealer, id_))) for id_ in (1, hill)] == [1, 1]


def test_a_failure_gives_the_safety_net_of_the_clinic_that_was_meant(
    settings: Settings, database: Database
) -> None:
    add_clinic(database, OTHER)
    carrier = Carrier(
        create_app(settings).test_client(),
        CARRIER["TWILIO_AUTH_TOKEN"],
        CARRIER["PUBLIC_URL"],
    )
    Texter(carrier, to=HILL).text("hello")
    Path(settings.database_url.removeprefix("sqlite:///")).rename(
        Path(settings.database_url.removeprefix("sqlite:///")).with_suffix(".gone")
    )
    (net,) = Texter(carrier, to=HILL).text("hello")
    assert "911" in net
    assert "202" in net


def test_clinics_are_read_again_now_and_then(
    settings: Settings, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """A clinic that was added answers soon; while the database is away, those known go on."""
    now = [0.0]
    sites = AllSites(settings, database, Sealer(settings.secret_key), lambda: now[0])
    assert sites.at(HILL) is sites.first
    id_ = add_clinic(database, OTHER)
    assert sites.at(HILL) is sites.first
    now[0] += READ_SECONDS
    assert sites.at(HILL).id == id_
    kept = sites.known(HILL)
    now[0] += READ_SECONDS
    assert sites.of(id_) is kept
    database.close()
    path = Path(settings.database_url.removeprefix("sqlite:///"))
    path.rename(path.with_suffix(".away"))
    now[0] += READ_SECONDS
    with caplog.at_level(logging.WARNING):
        assert sites.at(HILL) is kept
    assert "could not be read" in caplog.text
    assert [clinic.name for clinic in sites.clinics()] == ["Harbour Clinic", "Hill Clinic"]


def test_commands_know_every_clinic(settings: Settings, database: Database) -> None:
    """`replay` goes over all of them, and `export` gives one clinic's conversations alone."""
    hill = add_clinic(database, OTHER)
    app = create_app(settings)
    carrier = Carrier(app.test_client(), CARRIER["TWILIO_AUTH_TOKEN"], CARRIER["PUBLIC_URL"])
    Texter(carrier).text("hello")
    Texter(carrier, to=HILL).text("hello")
    environ = {**CARRIER, "DATABASE_URL": settings.database_url, "BACKLINE_READING_SECONDS": "0"}

    def run(*arguments: str) -> Result:
        return CliRunner(env=environ).invoke(main, [*arguments])

    assert "2 conversations, 2 turns: 2 replayed" in run("replay").stdout
    exported = run("export", "--clinic", str(hill)).stdout
    assert [json.loads(line)["clinic"] for line in exported.splitlines()] == ["Hill Clinic"]
    assert "There is no clinic 9." in run("export", "--clinic", "9").output
    gone = run("erase", "--clinic", "9", "--phone", "+12025550199", "--reason", "x", "--yes")
    assert "Nothing is kept of that." in gone.output
