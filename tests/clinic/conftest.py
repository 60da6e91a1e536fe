"""Desks for the tests of pages: one that runs, for those that only look, and one of one's own."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from store.migrate import upgrade
from tests.app.test_settings import read
from tests.clinic.office import Desk
from tests.clinic.running import Desk as Running
from tests.clinic.running import desk as started_desk

WELL = ("hello", "agree", *["no"] * 13, "yes", "yes", *["no"] * 5, "yes")


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A desk with a few conversations; tests of it leave others' conversations alone."""
    with started_desk(tmp_path_factory.mktemp("desk")) as started:
        started.text("hello", "agree", "no", number="+12025550101")
        started.text(*WELL, number="+12025550102")
        started.text("hola", "acepto", "no", number="+12025550103")
        started.text("hello", "agree", "not sure", "purple", "elephant", "x", number="+12025550104")
        yield started


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database without rows, to be copied: a migration takes a second."""
    path = tmp_path_factory.mktemp("blank") / "desk.sqlite3"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory, blank: Path) -> Path:
    path = tmp_path_factory.mktemp("desk") / "desk.sqlite3"
    shutil.copyfile(blank, path)
    return path


@pytest.fixture(scope="session")
def own_desk(migrated: Path) -> Desk:
    """On a machine of one's own, by http: as `./dev run` has it."""
    here = {"PUBLIC_URL": "http://localhost", "BACKLINE_LOCALE": "en-US"}
    return Desk(read(migrated.parent, DATABASE_URL=f"sqlite:///{migrated}", **here))


@pytest.fixture
def desk(own_desk: Desk, migrated: Path) -> Desk:
    """With nobody at it yet; emptied for each test, since to make another one takes a second."""
    with closing(sqlite3.connect(migrated)) as connection, connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'"):
            if name not in ("alembic_version", "clinics"):
                connection.execute(f'DELETE FROM "{name}"')  # noqa: S608  our own names
        connection.execute("DELETE FROM clinics WHERE id > 1")
        connection.execute("UPDATE clinics SET settings = NULL, time_zone = NULL")
    own_desk.at = datetime.now(UTC)
    return own_desk
