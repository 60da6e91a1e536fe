"""The rounds: the line and its floor in turn, so that what disturbs one disturbs the other.

A pair of measurements during which other programs took more of the machine than `QUIET` is set
aside, whatever it showed, and measured again while there is time.
"""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import msgspec

from bench.floor import CALL_REPLY, TEXT_REPLY
from bench.generator import Result, Round
from bench.processes import Memory, busy_seconds, descendants, processor_seconds
from bench.servers import NOTHING, BenchError, Server, environment, serving
from bench.sites import BOTH, DATABASES, Database, Site, describe, site
from bench.traffic import CHANNELS, Channel
from tests.postgres import PostgresServer

QUIET: Final = 0.1
"""The part of all processors that others may take."""

_CONSTANT: Final[dict[Channel, str]] = {"sms": TEXT_REPLY, "voice": CALL_REPLY}


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured.

    `rounds`: pairs of each kind; `limit`: the seconds within which a disturbed one is repeated.
    `seconds`: of one measurement; `people`: at most so many in it.
    `in_process`: turns of each kind.
    """

    rounds: int
    limit: float
    seconds: float
    connections: int
    people: int
    in_process: int


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement.

    `processor`: microseconds of the server's processes for each reply.  `others`: the part of all
    processors that was taken by programs which are none of ours.
    """

    result: Result
    processor: float
    others: float


@dataclass(frozen=True, slots=True)
class Pair:
    """The line and its floor, one right after the other."""

    line: Sample
    floor: Sample

    @property
    def others(self) -> float:
        return max(self.line.others, self.floor.others)


@dataclass(slots=True)
class Measured:
    """All that came of a run.

    `alone`: the generator against a server that does nothing.  `all_pairs`: in their order.
    `memory` and `kept` (turns in the database) are those of each site, at the end.
    """

    alone: Result
    postgres: str
    sites: list[Site]
    all_pairs: dict[tuple[Database, Channel], list[Pair]] = field(default_factory=dict)
    memory: list[dict[str, Memory]] = field(default_factory=list)
    kept: list[int] = field(default_factory=list)

    def pairs(self, database: Database, channel: Channel) -> list[Pair]:
        """Those that count: the quiet ones, or all where not even three were quiet."""
        found = self.all_pairs[database, channel]
        quiet = [pair for pair in found if pair.others <= QUIET]
        return quiet if len(quiet) >= 3 else found


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
        """One measurement, with people who never wrote before."""
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
        progress("Starting the servers")
        wanted = [(database, who) for database in DATABASES for who in BOTH]
        with ThreadPoolExecutor(len(wanted) + 1) as threads:
            nothing = threads.submit(stack.enter_context, serving(NOTHING, environ, folder))
            starting = [
                threads.submit(stack.enter_context, site(*one, environ, folder, postgres))
                for one in wanted
            ]
        progress("The load generator alone")
        many = replace(plan, people=5 * plan.people)
        alone = generator.play(nothing.result(), "sms", TEXT_REPLY, many)
        measured = Measured(alone, describe(postgres), [start.result() for start in starting])
        progress("Warming up")
        for one in measured.sites:
            for channel in CHANNELS:
                _sample(generator, one, channel, replace(plan, seconds=plan.seconds / 3))
        _rounds(generator, measured, plan, progress)
        measured.kept = [one.count() for one in measured.sites]
        measured.memory = [one.memory() for one in measured.sites]
        return measured


def _rounds(
    generator: Generator, measured: Measured, plan: Plan, progress: Callable[[str], None]
) -> None:
    until = time.monotonic() + plan.limit
    kinds = [(database, channel) for database in DATABASES for channel in CHANNELS]
    quiet = dict.fromkeys(kinds, 0)
    number = 0
    while number < plan.rounds or (time.monotonic() < until and min(quiet.values()) < plan.rounds):
        number += 1
        progress(f"Round {number}: {min(quiet.values())} of {plan.rounds} undisturbed so far")
        for kind in kinds:
            if number > plan.rounds and quiet[kind] >= plan.rounds:
                continue
            line, floor = (one for one in measured.sites if one.database == kind[0])
            # Whoever goes first in one round goes last in the next.
            order = (line, floor) if number % 2 else (floor, line)
            samples = {one.who: _sample(generator, one, kind[1], plan) for one in order}
            pair = Pair(samples["line"], samples["floor"])
            measured.all_pairs.setdefault(kind, []).append(pair)
            quiet[kind] += pair.others <= QUIET


def _sample(generator: Generator, one: Site, channel: Channel, plan: Plan) -> Sample:
    constant = _CONSTANT[channel] if one.who == "floor" else None
    began, all_before, ours_before = _now()
    used = processor_seconds(one.server.processes)
    result = generator.play(one.server, channel, constant, plan)
    used = processor_seconds(one.server.processes) - used
    ended, all_after, ours_after = _now()
    others = (all_after - all_before) - (ours_after - ours_before)
    one.written += result.written
    one.wrong += result.wrong
    one.first_wrong = one.first_wrong or result.first_wrong
    return Sample(
        result=result,
        processor=used / max(1, result.written + result.wrong) * 1e6,
        others=max(0.0, others / (ended - began) / (os.cpu_count() or 1)),
    )


def _now() -> tuple[float, float, float]:
    """The time, and what was used of the processors: by all programs, by the bench and its own."""
    ours = [os.getpid(), *descendants(os.getpid())]
    return time.monotonic(), busy_seconds(), processor_seconds(ours)
