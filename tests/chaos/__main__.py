"""`./dev chaos`: at least 200 kills on each database; the result goes to docs/durability.md."""

import argparse
import platform
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.audit import Audit, audit, settled
from tests.chaos.people import People
from tests.chaos.town import Town
from tests.postgres import PostgresServer

REPORT = Path(__file__).parents[2] / "docs" / "durability.md"


@dataclass(frozen=True)
class Run:
    """`every`: seconds between two kills.  `threads`: how many people at a time."""

    database: str
    kills: int
    every: float
    threads: int
    times: int = 60
    web_workers: int = 2
    workers: int = 2
    at_most: int = 10**6


@contextmanager
def _town(run: Run) -> Iterator[Town]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="backline-chaos-")))
        server = None
        if run.database == "postgresql":
            server = stack.enter_context(PostgresServer(durable=True))
        yield stack.enter_context(Town(folder, server, run.times, 1, run.web_workers, run.workers))


def play(run: Run) -> tuple[Audit, Town, float]:
    """Kill and count; the audit, what was killed, and how many seconds it took."""
    over = threading.Event()
    with _town(run) as town:
        people = People(town, over)
        began = time.monotonic()
        killer = threading.Thread(target=town.kill, args=(run.kills, run.every, over))
        killer.start()
        people.run(run.threads, run.at_most)
        killer.join()
        # What was asked last waits for its nudge, and every lease that was left runs out.
        time.sleep(1800 / town.times + 1)
        deadline = time.monotonic() + 120
        quiet = 0
        while quiet < 3 and time.monotonic() < deadline:
            people.finish()
            quiet = quiet + 1 if settled(town) else 0
            time.sleep(0.5)
        found = audit(town, people)
        if quiet < 3:
            found.faults.append("there was still something to do")
        return found, town, time.monotonic() - began


def _row(run: Run, found: Audit, town: Town, seconds: float) -> str:
    killed = ", ".join(f"{count} {what}" for what, count in sorted(town.killed.items()))
    return (
        f"| {run.database} | {sum(town.killed.values())} ({killed}) | {seconds:.0f} s"
        f" | {found.people:,} | {found.turns:,} | {found.urgent:,} | {found.nudges:,}"
        f" | {found.texts:,} | {found.doubles} | {found.undelivered} | {len(found.faults)} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="./dev chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--every", type=float, default=1.5, help="seconds between two kills")
    parser.add_argument("--people", type=int, default=8, help="how many at a time")
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--no-report", action="store_true")
    asked = parser.parse_args()
    rows, faults = [], []
    for database in ("sqlite", "postgresql"):
        if asked.only in (None, database):
            run = Run(database, asked.kills, asked.every, asked.people)
            found, town, seconds = play(run)
            rows.append(_row(run, found, town, seconds))
            print(rows[-1])  # noqa: T201
            faults += [f"{database}: {fault}" for fault in found.faults]
    print("\n".join(faults) or "Nothing was lost.")  # noqa: T201
    if not asked.no_report:
        _write(rows, faults)
    sys.exit(1 if faults else 0)


def _write(rows: list[str], faults: list[str]) -> None:
    before, mark, _ = REPORT.read_text(encoding="utf-8").partition(
        "<!-- written by ./dev chaos -->"
    )
    head = (
        "| database | kills | took | people | turns | alerts | nudges | texts | sent twice"
        " | not delivered | faults |\n|---|---|---|---|---|---|---|---|---|---|---|"
    )
    where = f"On {platform.system()} with CPython {platform.python_version()}."
    said = "\n".join(f"- {fault}" for fault in faults) or "Nothing was lost."
    body = f"\n\n{where}\n\n{head}\n" + "\n".join(rows) + f"\n\n{said}\n"
    REPORT.write_text(before + mark + body, encoding="utf-8")


if __name__ == "__main__":
    main()
