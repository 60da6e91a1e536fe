"""The database of a process: what an address means, and what happens when it goes away."""

import gc
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Literal

import psycopg
import pytest
from sqlalchemy import ColumnClause, Text, func, literal_column, make_url, select, table

from flows.conversation import Conversation, Turn
from store import database, sqlite, statements
from store.database import Database
from store.errors import StoreError
from store.migrate import upgrade
from store.query import Statement
from tests.postgres import PostgresServer
from tests.store.shelf import ANN, BEN, Shelf, a_turn, key, saying

How = Literal["fast", "immediate"]


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://u:hunter2@h/d", "sqlite://", "sqlite:///:memory:"]
)
def test_an_address_that_cannot_be_meant(url: str) -> None:
    with pytest.raises(ValueError, match="database") as raised:
        Database(url)
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_way_to_write_postgresql(postgres_migrated: str, scheme: str) -> None:
    _, _, rest = postgres_migrated.partition("://")
    same = Database(f"{scheme}://{rest}")
    same.require_current()
    same.close()


def test_a_database_that_answers(url: str) -> None:
    ours = Database(url)
    ours.ping()
    assert ours.is_current()
    ours.close()
    ours.ping()  # a later use opens a connection again
    ours.close()


def test_a_database_of_another_program(own_url: str) -> None:
    shelf = Shelf(own_url)
    shelf.rows("UPDATE alembic_version SET version_num = '9999'")
    assert not shelf.database.is_current()
    with pytest.raises(StoreError, match="upgrade"):
        shelf.database.require_current()
    with pytest.raises(StoreError, match="newer"):
        upgrade(shelf.url)
    shelf.database.close()


def test_a_turn_is_kept_however_the_server_is_set(postgres_migrated: str) -> None:
    name = make_url(postgres_migrated).database
    with Shelf(postgres_migrated) as first:
        first.rows(f"ALTER DATABASE {name} SET synchronous_commit = off")
    with Shelf(postgres_migrated) as shelf, shelf.database.link() as link:
        asked = select(func.current_setting("synchronous_commit", type_=Text))
        assert link.read(shelf.database.query(asked), {}) == [("on",)]


@pytest.mark.parametrize(
    ("pragma", "expected"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)]
)
def test_a_turn_is_on_the_disk(sqlite_file: Path, pragma: str, expected: object) -> None:
    with Shelf(f"sqlite:///{sqlite_file}") as shelf, shelf.database.link() as link:
        column: ColumnClause[object] = literal_column(pragma)
        asked = select(column).select_from(table(f"pragma_{pragma}"))
        assert link.read(shelf.database.query(asked), {}) == [(expected,)]


@pytest.mark.parametrize(
    ("statement", "keys"),
    [
        (statements.newest_turn(), ["contacts_fingerprint_clinic_id", "turns_contact_id_ordinal"]),
        (statements.stored_turn(), ["turns_sid_clinic_id", "turns_token_clinic_id"]),
    ],
)
def test_rows_are_found_by_their_keys_on_a_new_database(
    postgres_migrated: str, statement: Statement, keys: list[str]
) -> None:
    """A plan is made once for a connection, maybe while the tables are still empty."""
    query = Database(postgres_migrated).query(statement)
    count = query.text.count("%s")
    numbered = query.text.replace("%s", "{}").format(*(f"${n + 1}" for n in range(count)))
    with psycopg.connect(postgres_migrated.replace("+psycopg", "")) as connection:
        connection.execute("SET plan_cache_mode = force_generic_plan")
        connection.execute(f"PREPARE asked AS {numbered}")
        nulls = ", ".join(["NULL"] * count)
        plan = connection.execute(f"EXPLAIN EXECUTE asked ({nulls})").fetchall()
    found = re.findall(r"Scan.* (?:using|on) uq_(\S+)", "\n".join(line for (line,) in plan))
    assert sorted(found) == keys


def test_one_process_waits_for_its_own_connections(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_WAIT_SECONDS", 0.01)
    with ExitStack() as held:
        for _ in range(database.CONNECTIONS):
            held.enter_context(shelf.database.link())
        with pytest.raises(StoreError, match="busy"):
            shelf.take(ANN, "SM1")
    assert shelf.take(ANN, "SM1").number == 1


# --- A file that is taken away ----------------------------------------------------------------


@pytest.fixture
def kept(sqlite_file: Path) -> Shelf:
    """A log with one turn in it, in a file."""
    shelf = Shelf(f"sqlite:///{sqlite_file}")
    shelf.take(ANN, "SM1", "before")
    return shelf


def files(path: Path) -> list[Path]:
    return [found for found in path.parent.iterdir() if found.name != f"{path.name}-lock"]


def test_a_removed_file_is_neither_written_nor_made_anew(kept: Shelf, sqlite_file: Path) -> None:
    for path in files(sqlite_file):
        path.unlink()
    for attempt in range(2):
        with pytest.raises(StoreError):
            kept.take(ANN, f"SM2:{attempt}")
    with pytest.raises(StoreError):
        kept.database.ping()
    assert files(sqlite_file) == []


def test_a_file_that_comes_back(kept: Shelf, sqlite_file: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for path in files(sqlite_file):
        if path.is_file():
            path.rename(elsewhere / path.name)
    with pytest.raises(StoreError):
        kept.take(ANN, "SM2")
    for path in elsewhere.iterdir():
        path.rename(tmp_path / path.name)
    assert kept.take(ANN, "SM3", "after").number == 2
    assert kept.words() == [["before", "after"]]


def test_a_file_of_which_only_a_copy_comes_back(
    kept: Shelf, sqlite_file: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    with sqlite3.connect(sqlite_file) as source, sqlite3.connect(copy) as target:
        source.backup(target)
    source.close()
    target.close()
    for path in tmp_path.glob("line.db*"):
        path.unlink()
    shutil.copyfile(copy, sqlite_file)
    # At once, though the connections still lead to the file that was removed.
    assert kept.take(ANN, "SM2", "after").number == 2
    kept.database.close()
    assert kept.words() == [["before", "after"]]


def test_a_file_that_goes_while_a_turn_is_decided(kept: Shelf, sqlite_file: Path) -> None:
    def decide(so_far: Conversation | None) -> Turn:
        sqlite_file.unlink(missing_ok=True)
        return a_turn(so_far)

    with pytest.raises(StoreError):
        kept.log.take(ANN, key("SM2"), decide)


def test_a_file_that_is_no_database(kept: Shelf, sqlite_file: Path) -> None:
    kept.database.close()
    sqlite_file.write_bytes(b"no database at all" * 1000)
    with pytest.raises(StoreError):
        kept.take(ANN, "SM2")


# --- Other writers of a file --------------------------------------------------------------------


def test_a_writer_who_does_not_know_the_gate(kept: Shelf, sqlite_file: Path) -> None:
    other = sqlite3.connect(sqlite_file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.2, other.execute, ["COMMIT"]).start()
    assert kept.take(ANN, "SM2").number == 2
    other.close()


def test_a_writer_who_does_not_end(
    kept: Shelf, sqlite_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.database.close()
    monkeypatch.setattr(sqlite, "_BUSY_SECONDS", 0.05)
    other = sqlite3.connect(sqlite_file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="SQLITE_BUSY"):
        kept.take(ANN, "SM2")
    other.execute("ROLLBACK")
    other.close()
    assert kept.take(ANN, "SM2").number == 2


def test_connections_leave_nothing_open(kept: Shelf) -> None:
    kept.database.close()
    gc.collect()  # or what earlier tests left open could be closed while we count
    before = len(list(Path("/proc/self/fd").iterdir()))
    for number in range(5):
        kept.take(BEN, f"SM{number} of Ben")
        kept.database.close()
    assert len(list(Path("/proc/self/fd").iterdir())) <= before


# --- A server that stops --------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_a_server_that_stops_and_comes_back(
    postgres: PostgresServer, postgres_migrated: str, how: How
) -> None:
    with Shelf(postgres_migrated) as shelf:
        shelf.take(ANN, "SM1", "before")
        postgres.stop(how)
        for attempt in range(2):
            begun = time.monotonic()
            with pytest.raises(StoreError):
                shelf.take(ANN, f"SM2:{attempt}")
            assert time.monotonic() - begun < 3
        postgres.start()
        assert shelf.take(ANN, "SM3", "after").number == 2
        assert shelf.words() == [["before", "after"]]


def test_a_server_that_was_restarted_meanwhile(
    postgres: PostgresServer, postgres_migrated: str
) -> None:
    with Shelf(postgres_migrated) as shelf:
        shelf.take(ANN, "SM1", "before")
        postgres.stop()
        postgres.start()
        assert shelf.take(ANN, "SM2", "after").number == 2


def test_health_is_that_of_now(postgres: PostgresServer, postgres_migrated: str) -> None:
    with Shelf(postgres_migrated) as shelf:
        shelf.database.ping()
        postgres.stop()
        with pytest.raises(StoreError):
            shelf.database.ping()
        postgres.start()
        shelf.database.ping()
        postgres.stop()
        postgres.start()
        shelf.database.ping()  # though its connection is gone


def hang_up(shelf: Shelf) -> None:
    """End every connection of the log, from the server's side."""
    own = "pid <> pg_backend_pid() AND datname = current_database()"
    shelf.rows(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {own}")  # noqa: S608


def test_a_connection_that_breaks_while_a_turn_is_decided(postgres_migrated: str) -> None:
    with Shelf(postgres_migrated) as shelf:
        shelf.take(ANN, "SM1", "before")
        asked = []

        def decide(so_far: Conversation | None) -> Turn:
            asked.append(so_far)
            if len(asked) == 1:
                hang_up(shelf)
            return a_turn(so_far, "after")

        assert shelf.take(ANN, "SM2", decide).number == 2
        assert shelf.words() == [["before", "after"]]
        assert len(asked) == 2


def test_a_connection_that_breaks_when_the_turn_was_kept(postgres_migrated: str) -> None:
    """The answer was lost on its way, so the turn is decided again: its key says it is there."""
    with Shelf(postgres_migrated) as shelf:
        shelf.take(ANN, "SM1", "before")

        def decide(so_far: Conversation | None) -> Turn:
            if so_far is not None and so_far.number == 1:
                shelf.take(ANN, "SM2", "kept")
                hang_up(shelf)
            return a_turn(so_far, "again")

        assert shelf.take(ANN, "SM2", decide).utterance.words == "kept"
        assert shelf.words() == [["before", "kept"]]


def test_a_connection_that_breaks_each_time(postgres_migrated: str) -> None:
    with Shelf(postgres_migrated) as shelf:

        def decide(so_far: Conversation | None) -> Turn:
            hang_up(shelf)
            return a_turn(so_far)

        with pytest.raises(StoreError, match="went away"):
            shelf.log.take(ANN, key("SM1"), decide)
        assert shelf.log.take(ANN, key("SM1"), saying("after")) is not None


def test_a_server_that_was_never_there() -> None:
    nowhere = Database("postgresql://somebody:hunter2@127.0.0.1:1/nothing")
    with pytest.raises(StoreError, match="cannot be reached") as raised:
        nowhere.ping()
    assert "hunter2" not in str(raised.value)


# --- What a process that answers the carrier has in memory ----------------------------------------


@pytest.mark.parametrize("scheme", ["sqlite", "postgresql"])
def test_a_process_loads_only_what_it_needs(scheme: str) -> None:
    program = f"""
import sys
import store.clinics, store.sealing, store.turns
store.database.Database("{scheme}:///nowhere")
heavy = {{"alembic", "sqlalchemy.orm", "psycopg"}} & set(sys.modules)
assert heavy <= ({{"psycopg"}} if "{scheme}" == "postgresql" else set()), heavy
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_turn_survives_a_power_cut_as_far_as_the_database_says(url: str) -> None:
    """The tests' own PostgreSQL does not wait for the disk, and says so."""
    database = Database(url)
    said = database.durability()
    database.close()
    waits = url.startswith("sqlite")
    assert said == ("" if waits else "its server does not wait for the disk (fsync is off)")
