"""A migrated database of each kind, without rows, for every test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from store import card_tables, desk_tables, duty_tables, running_tables, tables
from store.migrate import upgrade
from tests.postgres import PostgresServer
from tests.store.shelf import Shelf

TABLES = (tables, card_tables, desk_tables, duty_tables, running_tables)
"""Each puts its own into the one metadata."""


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


@pytest.fixture(scope="session")
def postgres_shared(postgres: PostgresServer, postgres_template: str) -> str:
    return postgres.new_database(postgres_template)


@pytest.fixture
def sqlite_file(sqlite_template: Path, tmp_path: Path) -> Path:
    """The file of a migrated SQLite database."""
    path = tmp_path / "line.db"
    shutil.copyfile(sqlite_template, path)
    return path


@pytest.fixture
def postgres_migrated(postgres: PostgresServer, postgres_template: str) -> Iterator[str]:
    """A migrated PostgreSQL database of the test's own, which may also stop its server."""
    url = postgres.new_database(postgres_template)
    yield url
    postgres.start()
    postgres.drop_database(url)


@pytest.fixture
def postgres_emptied(postgres_shared: str) -> str:
    """A migrated PostgreSQL database with no rows: a tenth of the time of a new one."""
    with psycopg.connect(postgres_shared.replace("+psycopg", ""), autocommit=True) as connection:
        names = ", ".join(tables.metadata.tables)
        connection.execute(f"TRUNCATE {names}")
    return postgres_shared


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """The URL of a migrated database: every test that asks for it runs on both kinds."""
    if request.param == "sqlite":
        return f"sqlite:///{request.getfixturevalue('sqlite_file')}"
    emptied: str = request.getfixturevalue("postgres_emptied")
    return emptied


@pytest.fixture(params=["sqlite", "postgresql"])
def own_url(request: pytest.FixtureRequest) -> str:
    """As `url`, for a test that changes more than rows."""
    if request.param == "sqlite":
        return f"sqlite:///{request.getfixturevalue('sqlite_file')}"
    own: str = request.getfixturevalue("postgres_migrated")
    return own


@pytest.fixture
def shelf(url: str) -> Iterator[Shelf]:
    """A log in that database, as one process has it."""
    with Shelf(url) as shelf:
        yield shelf
