"""The rounds: the line and its floor in turn, so that what disturbs one disturbs the other."""

import secrets
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal

import msgspec
import psycopg

from bench.floor import CALL_REPLY, TABLE, TEXT_REPLY
from bench.generator import Result, Round
from bench.processes import Memory, memory, processor_seconds
from bench.servers import (
    FLOOR,
    LINE,
    NOTHING,
    BenchError,
    Server,
    environment,
    release,
    serving,
)
from bench.traffic import CHANNELS, Channel
from tests.postgres import PostgresServer

Database = Literal["SQLite", "PostgreSQL"]
Who = Literal["line", "floor"]

_CONSTANT: Final[dict[Channel, str]] = {"sms": TEXT_REPLY, "voice": CALL_REPLY}


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured. `people`: at most so many in one measurement."""

    rounds: int
    seconds: float
    connections: int
    people: int
    in_process: int
    """Turns of each kind."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement. `processor`: microseconds of the server's processes for each reply."""

    result: Result
    processor: float


@dataclass(slots=True)
class Site:
    """A database, and one server on it: the line or the floor.

    `samples`: by channel, one for each round.  `kept`: the turns in its database at the end.
    """

    database: Database
    who: Who
    server: Server
    count: Callable[[], int]
    samples: dict[Channel, list[Sample]] = field(
        default_factory=lambda: {channel: [] for channel in CHANNELS}
    )
    written: int = 0
    wrong: int = 0
    first_wrong: str = ""
    kept: int = 0
    memory: dict[str, Memory] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measured:
    """All that came of a run. `alone`: the generator against a server that does nothing."""

    sites: list[Site]
    alone: Result
    postgres: str


class Generator:
    """The load generator, a process of its own."""

    def __init__(self, environ: Mapping[str, str], folder: Path) -> None:
        self._run = secrets.token_hex(4)
        self._first = 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.generator"],
            env=environment(environ),
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdin
        assert self._process.stdout
        self._in, self._out = self._process.stdin, self._process.stdout

    def play(self, server: Server, channel: Channel, constant: str | None, plan: Plan) -> Result:
        """One round, by people who never wrote before."""
        asked = Round(
            port=server.port,
            channel=channel,
            seconds=plan.seconds,
            connections=plan.connections,
            people=plan.people,
            first=self._first,
            run=self._run,
            constant=constant,
        )
        self._first += plan.people
        self._in.write(msgspec.json.encode(asked) + b"\n")
        self._in.flush()
        answer = self._out.readline()
        if not answer:
            raise BenchError("the load generator ended; its own words stand above")
        return msgspec.json.decode(answer, type=Result)

    def close(self) -> None:
        self._in.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._out.close()


def measure(
    plan: Plan, environ: Mapping[str, str], folder: Path, progress: Callable[[str], None]
) -> Measured:
    """Everything that needs servers; `environ`: the settings of the line, its database apart."""
    with ExitStack() as stack:
        postgres = stack.enter_context(PostgresServer(durable=True, parent=folder.parent))
        generator = stack.enter_context(closing(Generator(environ, folder)))
        progress("The load generator alone")
        alone = _alone(generator, environ, folder, plan)
        progress("Starting the servers")
        both: tuple[Database, Database] = ("SQLite", "PostgreSQL")
        line_and_floor: tuple[Who, Who] = ("line", "floor")
        wanted = [(database, who) for database in both for who in line_and_floor]
        with ThreadPoolExecutor(len(wanted)) as threads:
            starting = [
                threads.submit(stack.enter_context, _site(*one, environ, folder, postgres))
                for one in wanted
            ]
        sites = [start.result() for start in starting]
        progress("Warming up")
        for site in sites:
            for channel in CHANNELS:
                _sample(generator, site, channel, replace(plan, seconds=plan.seconds / 5))
        for number in range(plan.rounds):
            progress(f"Round {number + 1} of {plan.rounds}")
            # There and back again: whoever goes first in one round goes last in the next.
            for site in sites if number % 2 == 0 else reversed(sites):
                for channel in CHANNELS:
                    sample = _sample(generator, site, channel, plan)
                    site.samples[channel].append(sample)
        for site in sites:
            site.kept = site.count()
            site.memory = _memory(site.server)
        return Measured(sites, alone, _describe(postgres.url))


def _sample(generator: Generator, site: Site, channel: Channel, plan: Plan) -> Sample:
    constant = _CONSTANT[channel] if site.who == "floor" else None
    used = processor_seconds(site.server.processes)
    result = generator.play(site.server, channel, constant, plan)
    used = processor_seconds(site.server.processes) - used
    site.written += result.written
    site.wrong += result.wrong
    site.first_wrong = site.first_wrong or result.first_wrong
    return Sample(result, used / max(1, result.written + result.wrong) * 1e6)


def _alone(generator: Generator, environ: Mapping[str, str], folder: Path, plan: Plan) -> Result:
    plan = replace(plan, people=3 * plan.people, seconds=min(1.0, plan.seconds))
    with serving(NOTHING, environ, folder) as server:
        return generator.play(server, "sms", TEXT_REPLY, plan)


@contextmanager
def _site(
    database: Database, who: Who, environ: Mapping[str, str], folder: Path, postgres: PostgresServer
) -> Iterator[Site]:
    """The line or its floor on a database of its own, with its tables."""
    if database == "SQLite":
        path = folder / f"{who}.sqlite3"
        url = f"sqlite:///{path}"
    else:
        # Both the driver itself and SQLAlchemy take this one.
        url = postgres.new_database().replace("postgresql+psycopg:", "postgresql:")
    environ = {**environ, "DATABASE_URL": url}
    if who == "line":
        release(environ, folder)
    elif database == "SQLite":
        with closing(sqlite3.connect(path)) as lite:
            lite.execute("PRAGMA journal_mode=WAL")
            lite.execute(f"{TABLE} WITHOUT ROWID")
    else:
        with psycopg.connect(url) as connection:
            connection.execute(TABLE.encode())

    def count() -> int:
        query = "SELECT count(*) FROM turns"
        if database == "SQLite":
            with closing(sqlite3.connect(path)) as lite:
                return int(lite.execute(query).fetchone()[0])
        with psycopg.connect(url) as connection:
            row = connection.execute(query.encode()).fetchone()
        return int(row[0]) if row else 0

    with serving(LINE if who == "line" else FLOOR, environ, folder) as server:
        yield Site(database, who, server, count)


def _memory(server: Server) -> dict[str, Memory]:
    """Of the server's first process and of each worker."""
    names = ["server", *(f"worker {number}" for number in range(1, len(server.processes)))]
    return {
        name: memory(process) for name, process in zip(names, sorted(server.processes), strict=True)
    }


def _describe(url: str) -> str:
    """Which PostgreSQL it is, and what it promises."""
    with psycopg.connect(url.replace("postgresql+psycopg:", "postgresql:")) as connection:
        version = connection.info.server_version
        shown = []
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            row = connection.execute(f"SHOW {name}".encode()).fetchone()
            shown.append(f"{name}={row[0] if row else '?'}")
    return f"{version // 10000}.{version % 10000}, {', '.join(shown)}"
