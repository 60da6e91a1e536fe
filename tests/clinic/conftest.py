"""Desks for the tests of pages: one that runs, for those that only look, and one of one's own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.migrate import upgrade
from tests.app.test_settings import CARRIER, read
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
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("desk") / "desk.sqlite3"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def desk(migrated: Path, tmp_path: Path) -> Desk:
    """With nobody at it yet, on a machine of one's own, by http: as `./dev run` has it."""
    path = tmp_path / "desk.sqlite3"
    shutil.copyfile(migrated, path)
    here = {**CARRIER, "PUBLIC_URL": "http://localhost", "BACKLINE_LOCALE": "en-US"}
    return Desk(read(tmp_path, **{**here, "DATABASE_URL": f"sqlite:///{path}"}))
