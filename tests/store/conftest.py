"""A migrated database of each kind, fresh for every test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.migrate import upgrade
from tests.postgres import PostgresServer
from tests.store.shelf import Shelf


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "line.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> str:
    postgres.start()
    url = postgres.new_database()
    upgrade(url)
    return url


@pytest.fixture
def sqlite_file(sqlite_template: Path, tmp_path: Path) -> Path:
    """The file of a migrated SQLite database."""
    path = tmp_path / "line.db"
    shutil.copyfile(sqlite_template, path)
    return path


@pytest.fixture
def postgres_migrated(postgres: PostgresServer, postgres_template: str) -> Iterator[str]:
    """The URL of a migrated PostgreSQL database; a test may stop its server."""
    url = postgres.new_database(postgres_template)
    yield url
    postgres.start()
    postgres.drop_database(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """The URL of a migrated database: every test that asks for it runs on both kinds."""
    if request.param == "sqlite":
        return f"sqlite:///{request.getfixturevalue('sqlite_file')}"
    migrated: str = request.getfixturevalue("postgres_migrated")
    return migrated


@pytest.fixture
def shelf(url: str) -> Iterator[Shelf]:
    """A log in that database, as one process has it."""
    with Shelf(url) as shelf:
        yield shelf
