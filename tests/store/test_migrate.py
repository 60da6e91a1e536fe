"""The tables are made by migrations, and are those that the program knows."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import NullPool, create_engine, inspect

import store.card_tables
import store.desk_tables
import store.duty_tables
import store.running_tables  # noqa: F401  their tables are among those of the metadata
from store.database import Database
from store.errors import StoreError
from store.migrate import configuration, upgrade
from store.tables import REVISION, metadata


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without tables; on SQLite without a file, even."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'a folder' / '100%.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


def test_migrations_make_the_tables_that_the_program_knows(url: str) -> None:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_names_are_those_of_the_migrations(url: str) -> None:
    """What a later migration calls by name has that name, which comparing does not look at."""
    found = inspect(create_engine(url, poolclass=NullPool))
    for table in metadata.sorted_tables:
        assert found.get_pk_constraint(table.name)["name"] == table.primary_key.name
        keys = {key["name"] for key in found.get_foreign_keys(table.name)}
        assert keys == {key.name for key in table.foreign_key_constraints}


def test_the_program_knows_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(configuration()).get_heads() == [REVISION]


def test_upgrading_twice_is_upgrading_once(empty_url: str) -> None:
    upgrade(empty_url)
    upgrade(empty_url)
    database = Database(empty_url)
    database.require_current()
    database.close()


def test_an_empty_database_is_not_ready(postgres_url: str) -> None:
    with pytest.raises(StoreError):
        Database(postgres_url).ping()


def test_several_processes_upgrade_at_once(empty_url: str) -> None:
    program = "import sys; from store.migrate import upgrade; upgrade(sys.argv[1])"
    processes = [subprocess.Popen([sys.executable, "-c", program, empty_url]) for _ in range(2)]
    assert [process.wait() for process in processes] == [0, 0]
    database = Database(empty_url)
    database.require_current()
    database.close()


def test_only_its_owner_can_read_the_file(tmp_path: Path) -> None:
    upgrade(f"sqlite:///{tmp_path}/line.db")
    assert [path.stat().st_mode & 0o077 for path in tmp_path.iterdir()] == [0, 0]


@pytest.mark.parametrize("url", ["sqlite:////proc/line.db", "postgresql://nobody@127.0.0.1:1/none"])
def test_a_database_that_cannot_be_made(url: str) -> None:
    with pytest.raises(StoreError, match=r"cannot be upgraded: .+"):
        upgrade(url)


def test_tables_that_are_in_the_way(empty_url: str) -> None:
    """All of an upgrade happens, or none."""
    upgrade(empty_url)
    engine = create_engine(empty_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE alembic_version")
        connection.exec_driver_sql("DROP TABLE turns")
    before = inspect(engine).get_table_names()
    with pytest.raises(StoreError):
        upgrade(empty_url)
    assert inspect(engine).get_table_names() == before
