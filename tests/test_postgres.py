"""The tests' own PostgreSQL: what the tests and the benchmark rely on."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from tests.postgres import PostgresServer, wheel_programs


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def setting(url: str, name: str) -> object:
    with connected(url) as connection:
        return connection.scalar(text(f"SHOW {name}"))


def test_a_database_is_empty(postgres_url: str) -> None:
    """Each test has a database of its own, with no table in it."""
    query = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    with connected(postgres_url) as connection:
        assert connection.scalar(text(query)) == 0


def test_a_database_is_copied_from_another(postgres: PostgresServer, postgres_url: str) -> None:
    """Migrations can run once and serve as the template of every test's database."""
    with connected(postgres_url) as connection:
        connection.execute(text("CREATE TABLE turns AS SELECT 7 AS number"))
        connection.commit()
    copy = postgres.new_database(postgres_url)
    with connected(copy) as connection:
        assert connection.scalar(text("SELECT number FROM turns")) == 7
    postgres.drop_database(copy)


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_what_was_committed_outlives_a_stop(
    postgres: PostgresServer, postgres_url: str, how: str
) -> None:
    """Stopped, nobody gets in; started again, the same URL shows what was committed."""
    with connected(postgres_url) as connection:
        connection.execute(text("CREATE TABLE turns AS SELECT 7 AS number"))
        connection.commit()
    postgres.stop(how)  # type: ignore[arg-type]  # parametrize knows no Literal
    with pytest.raises(OperationalError), connected(postgres_url):
        pass
    postgres.start()
    with connected(postgres_url) as connection:
        assert connection.scalar(text("SELECT number FROM turns")) == 7


def test_tests_do_not_wait_for_the_disk(postgres: PostgresServer) -> None:
    """Only the disk is skipped: a commit is still one before it is reported."""
    assert setting(postgres.url, "fsync") == "off"
    assert setting(postgres.url, "synchronous_commit") == "on"


def test_the_wheel_alone_is_enough(tmp_path: Path) -> None:
    """A machine without PostgreSQL runs the one in the lock, with every guarantee if asked."""
    with PostgresServer(programs=wheel_programs(), durable=True) as server:
        assert setting(server.url, "fsync") == "on"
        assert setting(server.new_database(), "full_page_writes") == "on"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can read what others cannot")
def test_programs_that_only_root_can_reach_are_copied(tmp_path: Path) -> None:
    """Root's clone may lie in /root, where the server's own user cannot follow."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    package = wheel_programs().parent.parent
    for folder in (package, package.with_name(f"{package.name}.libs")):
        (closed / folder.name).symlink_to(folder)
    programs = closed / package.name / wheel_programs().relative_to(package)
    with PostgresServer(programs=programs) as server:
        assert setting(server.url, "fsync") == "off"


def is_running(process: int) -> bool:
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"  # a zombie waits only to be counted


OWNER = """
import sys, time
from tests.postgres import PostgresServer
with PostgresServer() as server:
    print(server.url, flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("blow", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_server_goes_with_its_owner(blow: signal.Signals) -> None:
    """However the tests end, no server and no folder is left behind."""
    with subprocess.Popen(
        [sys.executable, "-c", OWNER], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as owner:
        assert owner.stdout
        folder = Path(str(make_url(owner.stdout.readline().strip()).query["host"]))
        server = int((folder / "data" / "postmaster.pid").read_text().split()[0])
        owner.send_signal(blow)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and (folder.exists() or is_running(server)):
        time.sleep(0.05)
    assert not folder.exists()
    assert not is_running(server)
