"""What was measured, as tables: the same text is printed and kept as docs/performance.md."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from bench.in_process import Cost
from bench.rounds import QUIET, Measured, Plan, Sample
from bench.sites import BOTH, DATABASES
from bench.traffic import CHANNELS, Channel

NOTES: Final = "notes.md"
"""Beside this module, kept by hand: what the profile shows."""

_NAMES: Final[dict[Channel, str]] = {"sms": "text", "voice": "call"}


@dataclass(frozen=True, slots=True)
class Host:
    """The machine, and how it was at the time. `fsync`: microseconds, before and after."""

    date: str
    cores: int
    processor: str
    python: str
    sqlite: str
    file_system: str
    fsync: tuple[float, float]
    load: float


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of several measurements, the least and the greatest."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> "Spread":
        found = list(values)
        return cls(statistics.median(found), min(found), max(found))

    def text(self, digits: int) -> str:
        low, high = (f"{value:,.{digits}f}" for value in (self.low, self.high))
        return f"{self.median:,.{digits}f} ({low} to {high})"


@dataclass(frozen=True, slots=True)
class Goal:
    """One line of the first table. `missed`: the target is not reached."""

    name: str
    target: str
    measured: str
    missed: bool


def goals(measured: Measured, costs: Sequence[Cost]) -> list[Goal]:
    """Every target, and what came of it."""
    return [
        *_ratios(measured, "Turns per second, as a part of the floor's", "at least 0.6", _rate,
                 lambda ratio: ratio < 0.6),
        *_ratios(measured, "Processor time of a turn, in floors", "at most 1.7", _processor,
                 lambda ratio: ratio > 1.7),
        *_slowest(measured),
        *(
            Goal(
                f"One turn in process, {cost.name}",
                "under 150 µs",
                f"{_whole(cost).text(0)} µs",
                cost.turn >= 150,
            )
            for cost in costs
        ),
        *_largest(measured),
        _faults(measured),
    ]  # fmt: skip


def _whole(cost: Cost) -> Spread:
    return Spread(cost.turn, cost.low, cost.high)


def _rate(sample: Sample) -> float:
    return sample.result.rate


def _processor(sample: Sample) -> float:
    return sample.processor


def _p99(sample: Sample) -> float:
    return sample.result.p99


def _ratios(
    measured: Measured,
    name: str,
    target: str,
    value: Callable[[Sample], float],
    misses: Callable[[float], bool],
) -> list[Goal]:
    found = []
    for database in DATABASES:
        for channel in CHANNELS:
            pairs = measured.pairs(database, channel)
            ratio = Spread.of(value(pair.line) / max(value(pair.floor), 1e-9) for pair in pairs)
            where = f"{name}: {_NAMES[channel]}, {database}"
            found.append(Goal(where, target, ratio.text(2), misses(ratio.median)))
    return found


def _slowest(measured: Measured) -> list[Goal]:
    found = []
    for database in DATABASES:
        for channel in CHANNELS:
            slowest = Spread.of(_p99(pair.line) for pair in measured.pairs(database, channel))
            where = f"99 of 100 replies: {_NAMES[channel]}, {database}"
            measure = f"{slowest.text(0)} ms"
            found.append(Goal(where, "under 50 ms", measure, slowest.median >= 50))
    return found


def _largest(measured: Measured) -> list[Goal]:
    found = []
    for site, processes in zip(measured.sites, measured.memory, strict=True):
        if site.who == "floor":
            continue
        largest = max(processes.values())
        measure = f"{largest.rss:.0f} MiB resident, {largest.pss:.0f} MiB as its share"
        where = f"Memory of the largest process, {site.database}"
        found.append(Goal(where, "under 80 MiB", measure, largest.rss >= 80))
    return found


def _faults(measured: Measured) -> Goal:
    wrong = sum(site.wrong for site in measured.sites)
    both = zip(measured.sites, measured.kept, strict=True)
    lost = sum(abs(site.written - kept) for site, kept in both)
    replies = sum(site.written for site in measured.sites)
    said = f"{wrong} wrong and {lost} not on the disk, of {replies:,}"
    return Goal("Replies that are wrong, or turns that are not kept", "0", said, bool(wrong + lost))


# --- The whole text -----------------------------------------------------------------------------


def report(plan: Plan, host: Host, measured: Measured, costs: Sequence[Cost], notes: str) -> str:
    """All of it, as Markdown."""
    reached = goals(measured, costs)
    missed = sum(goal.missed for goal in reached)
    verdict = f"{missed} of them missed" if missed else "all reached"
    return "\n".join(
        [
            "# Performance",
            "",
            "Written by `./dev bench`; do not edit it. Where a target is missed, the end of this",
            "page says why (`bench/notes.md`).",
            "",
            f"Measured on {host.date}:",
            "",
            f"- {host.cores} cores ({host.processor}), load {host.load:.1f} before the run",
            f"- Python {host.python}",
            f"- SQLite {host.sqlite} with journal_mode=WAL, synchronous=FULL",
            f"- PostgreSQL {measured.postgres}",
            f"- {host.file_system}: 4 KiB more of a file are on the disk (fdatasync) after",
            f"  {host.fsync[0]:.0f} µs before the run and {host.fsync[1]:.0f} µs at its end",
            "",
            f"## Targets: {verdict}",
            "",
            *_table(
                ("", "target", "measured: median (least to greatest)", ""),
                [
                    (goal.name, goal.target, goal.measured, "**missed**" if goal.missed else "ok")
                    for goal in reached
                ],
            ),
            "",
            "## Turns through the server",
            "",
            *_turns(plan, measured),
            "",
            "## One turn in process",
            "",
            "Understanding, rules, machine, wording and rendering, at each of the first questions",
            f"in turn; the median of {plan.in_process:,}, and those of ten parts of the run.",
            "",
            *_table(
                ("", "µs", "of which rendering"),
                [(cost.name, _whole(cost).text(0), f"{cost.render:.0f}") for cost in costs],
            ),
            "",
            "## Memory",
            "",
            "MiB at the end of the run: resident, and with shared pages counted by their share.",
            "",
            *_memory(measured),
            "",
            "## The load generator",
            "",
            *_generator(plan, measured),
            "",
            notes.strip(),
            "",
        ]
    )


def _turns(plan: Plan, measured: Measured) -> list[str]:
    rows = []
    for database in DATABASES:
        for channel in CHANNELS:
            for who in BOTH:
                pairs = measured.pairs(database, channel)
                samples = [pair.line if who == "line" else pair.floor for pair in pairs]
                rows.append(
                    (
                        f"{_NAMES[channel]}, {database}, the {who}",
                        Spread.of(_rate(sample) for sample in samples).text(0),
                        Spread.of(_processor(sample) for sample in samples).text(0),
                        Spread.of(sample.result.p50 for sample in samples).text(1),
                        Spread.of(_p99(sample) for sample in samples).text(1),
                    )
                )
    every = [pair for pairs in measured.all_pairs.values() for pair in pairs]
    counted = sum(
        len(measured.pairs(database, channel)) for database in DATABASES for channel in CHANNELS
    )
    others = Spread.of(100 * pair.others for pair in every)
    restless = others.median > 100 * QUIET
    return [
        "Signed webhooks as Twilio sends them, through the command of the `Procfile`, until the",
        "turn is on the disk. People go from hello through all 21 questions to guidance;",
        f"{plan.connections} connections are kept alive, with one request under way on each. Every",
        "reply is compared with what the flow says there, and at the end the turns in the database",
        "are counted. The floor (`bench/floor.py`) is served by the same command: Flask, Twilio's",
        "signature check, the bare driver, one transaction that reads one row and writes one, a",
        "constant reply and a line of log. Line and floor are measured in pairs, one right after",
        f"the other, for {plan.seconds:g} s each, and ratios are taken within a pair. Other",
        f"programs took {others.text(0)} % of the machine. A pair during which they took more than",
        f"{100 * QUIET:.0f} % is set aside, as long as three of its kind are left: {counted} of",
        f"{len(every)} pairs count.",
        *(
            ["**The machine was too busy for these figures to be relied on: measure again.**"]
            if restless
            else []
        ),
        "",
        *_table(
            ("", "turns a second", "processor µs a turn", "p50 ms", "p99 ms"),
            rows,
        ),
    ]


def _memory(measured: Measured) -> list[str]:
    rows = [
        (f"{site.database}, the {site.who}, {name}", f"{memory.rss:.0f}", f"{memory.pss:.0f}")
        for site, processes in zip(measured.sites, measured.memory, strict=True)
        for name, memory in processes.items()
    ]
    return _table(("", "resident", "share"), rows)


def _generator(plan: Plan, measured: Measured) -> list[str]:
    alone = measured.alone
    busy = Spread.of(
        100 * sample.result.busy
        for pairs in measured.all_pairs.values()
        for pair in pairs
        for sample in (pair.line, pair.floor)
    )
    return [
        "One process with raw sockets and requests signed in advance. It shares the machine's",
        "cores with the servers and the database, so what it takes is missing there, for line and",
        f"floor alike. Against a server that does nothing it gets {alone.rate:,.0f} replies",
        f"a second with {plan.connections} at once, using {100 * alone.busy:.0f} % of one core;",
        f"in the rounds it used {busy.text(0)} %.",
    ]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table of Markdown, whose columns stand below each other as plain text too."""
    cells = [list(head), *(list(row) for row in rows)]
    widths = [max(3, *(len(row[place]) for row in cells)) for place in range(len(head))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in cells
    ]
    return [lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]]
