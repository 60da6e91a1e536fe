"""`./dev bench`: measure, print the report, and keep it as docs/performance.md.

It takes some minutes, on a machine that had better do nothing else. With `--quick` it takes some
seconds, tells no more than whether it works at all, and keeps nothing.
"""

import argparse
import os
import platform
import secrets
import signal
import sqlite3
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NoReturn

from app.settings import read_settings
from bench.in_process import costs
from bench.processes import file_system, fsync_microseconds, processor
from bench.report import NOTES, Host, report
from bench.rounds import Plan, measure
from bench.servers import ROOT, BenchError

FULL: Final = Plan(rounds=12, limit=190, seconds=1.2, connections=16, people=200, in_process=5000)
QUICK: Final = Plan(rounds=1, limit=0, seconds=0.3, connections=16, people=60, in_process=200)

DISK: Final = Path("/var/tmp")  # noqa: S108 - /tmp may be in memory, where nothing costs anything


def main() -> None:
    parser = argparse.ArgumentParser(prog="./dev bench", description="Measure the line.")
    parser.add_argument("--quick", action="store_true", help="only see whether it works")
    parser.add_argument("--rounds", type=int, help="another number of rounds")
    parser.add_argument("--seconds", type=float, help="another length of each measurement")
    parser.add_argument("--limit", type=float, help="seconds within which quiet is waited for")
    parser.add_argument("--output", type=Path, help="keep the report there")
    arguments = parser.parse_args()
    plan = QUICK if arguments.quick else FULL
    plan = replace(
        plan,
        rounds=arguments.rounds or plan.rounds,
        seconds=arguments.seconds or plan.seconds,
        limit=arguments.limit or plan.limit,
    )
    output = arguments.output or (None if arguments.quick else ROOT / "docs" / "performance.md")
    # Whoever ends the bench ends its servers too.
    signal.signal(signal.SIGTERM, _stopped)
    try:
        text = bench(plan)
    except BenchError as error:
        sys.exit(f"The benchmark stopped: {error}")
    print(text, end="")
    if output:
        output.write_text(text, encoding="utf-8")


def bench(plan: Plan) -> str:
    """The report of one run."""
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="backline-bench-", dir=DISK) as name:
        folder = Path(name)
        environ = line_settings()
        settings = read_settings(environ, folder)
        before = fsync_microseconds(folder)
        turns = costs(settings, plan.in_process)
        measured = measure(plan, environ, folder, _progress)
        host = Host(
            date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
            cores=len(os.sched_getaffinity(0)),
            processor=processor(),
            python=platform.python_version(),
            sqlite=sqlite3.sqlite_version,
            file_system=file_system(folder),
            fsync=(before, fsync_microseconds(folder)),
            load=load,
        )
    notes = Path(__file__).with_name(NOTES).read_text(encoding="utf-8")
    return report(plan, host, measured, turns, notes)


def line_settings() -> dict[str, str]:
    """Those of a line with a carrier, its database apart."""
    return {
        "TWILIO_ACCOUNT_SID": f"AC{secrets.token_hex(16)}",
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "PUBLIC_URL": "https://line.example",
        "BACKLINE_LOCALE": "en-US",
        "BACKLINE_CLINIC_NAME": "Riverside Massage",
        "BACKLINE_CLINIC_PHONE": "+12025550143",
        "BACKLINE_SECRET_KEY": secrets.token_urlsafe(48),
        # People who answer at once would otherwise not have had the time to read.
        "BACKLINE_READING_SECONDS": "0",
        "BACKLINE_NEW_PEOPLE_PER_HOUR": "0",
    }


def _progress(what: str) -> None:
    print(f"{what} ...", file=sys.stderr, flush=True)


def _stopped(*_: object) -> NoReturn:
    sys.exit(143)


if __name__ == "__main__":
    if sys.argv[1:2] == ["desk"]:
        # Here: it brings the whole application, which the line's bench starts as a process.
        from bench.desk import main as desk

        desk(sys.argv[2:])
    else:
        main()
