"""`./dev chaos`: at least 200 kills on each database; the result goes to docs/durability.md."""

import argparse
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.chaos.day import Result, Run, played

REPORT = Path(__file__).parents[2] / "docs" / "durability.md"
MARK = "<!-- written by ./dev chaos -->"
HEAD = (
    *("database", "kills", "took", "people", "turns", "alerts", "acknowledged", "ran out"),
    *("nudges", "follow-ups", "texts to people", "texts and calls to staff", "sent twice"),
    *("calls mistaken", "too late", "not delivered", "faults"),
)


def row(result: Result) -> str:
    """One run as a row of a table in Markdown."""
    found = result.found
    killed = ", ".join(f"{count} {what}" for what, count in sorted(result.town.killed.items()))
    cells = (
        result.run.database,
        f"{result.kills} ({killed})",
        f"{result.seconds:.0f} s",
        *(found.people, found.turns, found.alerts.total(), found.acknowledged, found.ran_out),
        *(found.nudges, found.follow_ups, found.to_patients),
        f"{found.texts_to_staff:,} and {found.calls_to_staff:,}",
        *(found.doubles, found.mistaken, found.late, found.undelivered, len(found.faults)),
    )
    return "| " + " | ".join(f"{one:,}" if isinstance(one, int) else one for one in cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(prog="./dev chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--every", type=float, default=0.7, help="seconds between two kills")
    parser.add_argument("--people", type=int, default=12, help="how many at a time")
    parser.add_argument("--times", type=int, default=15, help="how fast the clock goes")
    parser.add_argument("--minutes", type=float, default=20, help="nothing is killed after them")
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--no-report", action="store_true")
    asked = parser.parse_args()
    rows, faults = [], []
    for database in ("sqlite", "postgresql"):
        if asked.only in (None, database):
            wanted = (asked.kills, asked.every, asked.people, 60 * asked.minutes, asked.times)
            run = Run(database, *wanted)
            with played(run, tell=lambda said: print(said, flush=True)) as result:  # noqa: T201
                rows += [row(result), _met(result)]
                faults += [f"{database}: {fault}" for fault in result.found.shown]
            print(*rows[-2:], sep="\n", flush=True)  # noqa: T201
    print("\n".join(faults) or "Nothing was lost.")  # noqa: T201
    if not asked.no_report:
        _write(rows, faults)
    sys.exit(1 if faults else 0)


def _met(result: Result) -> str:
    """What the carrier did to it besides, and the alerts by kind: a sentence each."""
    found, courier = result.found, result.courier
    met = ", ".join(f"{count} {what}" for what, count in sorted(courier.met.items()))
    kinds = ", ".join(f"{count} {about}" for about, count in sorted(found.alerts.items()))
    lost = len(courier.undelivered)
    ended = result.town.ended
    return (
        f"{result.run.database}: {ended} times a server ended by itself, since its workers were"
        f" killed too fast. Of the requests to the carrier {met};"
        f" of {lost} texts it said that they did not arrive. Alerts: {kinds}."
    )


def _write(rows: list[str], faults: list[str]) -> None:
    before, mark, _ = REPORT.read_text(encoding="utf-8").partition(MARK)
    system = f"{platform.system()} {platform.machine()} with {os.cpu_count()} processors"
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    where = (
        f"On {datetime.now(UTC):%Y-%m-%d}, {system}, CPython {platform.python_version()};"
        f" load when it ended {load}."
    )
    table = [f"| {' | '.join(HEAD)} |", "|---" * len(HEAD) + "|", *rows[::2]]
    said = [f"- {fault}" for fault in faults] or ["Nothing was lost."]
    parts = [[where], table, [f"- {one}" for one in rows[1::2]], said]
    body = "\n\n".join("\n".join(part) for part in parts)
    REPORT.write_text(f"{before}{mark}\n\n{body}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
