"""Figures for Prometheus at `GET /metrics`: how many turns, how quickly, what waits.

What happens in a process is counted there, in a file of its own that all workers of a server share
a folder for; what waits is read from the database when it is asked for. No words and no number is
in any of it: labels are the names of channels, tiers, lanes and kinds.

Without `BACKLINE_METRICS_TOKEN` none of this is loaded, and the address does not exist.
"""

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hmac import compare_digest
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, Response, request

from flows.conversation import Conversation, Turn
from flows.definition import Flow
from store.database import Database
from store.errors import StoreError
from store.gauges import Gauges, gauges
from telephony.door import Decide, Log

if TYPE_CHECKING:
    from prometheus_client.core import GaugeMetricFamily

FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
"""The library's own name for where the processes of one server count."""

_SECONDS: Final = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


@contextmanager
def shared_folder() -> Iterator[None]:
    """For the block, workers that are forked count in one new folder, which is gone after it."""
    if FOLDER in os.environ:
        yield
        return
    folder = tempfile.mkdtemp(prefix="backline-metrics-")
    os.environ[FOLDER] = folder
    try:
        yield
    finally:
        del os.environ[FOLDER]
        shutil.rmtree(folder, ignore_errors=True)


class Metrics:
    """What a process counts; one for each process. It costs some microseconds a turn."""

    def __init__(self) -> None:
        _require_folder()
        # Not at the top: 60 ms and 14 MB, and it looks for the folder as it is imported.
        from prometheus_client import Counter, Histogram  # noqa: PLC0415

        self._turns = Counter(
            "backline_turns",
            "Turns that were taken, by channel and by the tier that they left, or open.",
            ["channel", "tier"],
            registry=None,
        )
        self._seconds = Histogram(
            "backline_turn_seconds",
            "The time that a turn took, from the request to the disk.",
            ["channel"],
            buckets=_SECONDS,
            registry=None,
        )
        self._repeats = Counter(
            "backline_repeated_requests",
            "Requests of the carrier's that came again and got the turn that was kept.",
            registry=None,
        )
        self._failures = Counter(
            "backline_failed_turns",
            "Turns that could not be taken; the person got the safety net.",
            registry=None,
        )
        self._withheld = Counter(
            "backline_withheld_turns",
            "Turns whose reply was withheld, by the reason.",
            ["reason"],
            registry=None,
        )

    def turn(self, channel: str, tier: str, seconds: float) -> None:
        self._turns.labels(channel, tier).inc()
        self._seconds.labels(channel).observe(seconds)

    def repeated(self) -> None:
        self._repeats.inc()

    def failed(self) -> None:
        self._failures.inc()

    def withheld(self, reason: str) -> None:
        self._withheld.labels(reason).inc()


class CountedLog:
    """A log whose turns are counted."""

    def __init__(self, log: Log, flow: Flow, metrics: Metrics) -> None:
        self._log = log
        self._flow = flow
        self._metrics = metrics

    def take(self, contact: str, key: Any, decide: Decide, line: str | None = None) -> Turn | None:
        decided: Turn | None = None

        def noted(conversation: Conversation | None) -> Turn | None:
            nonlocal decided
            decided = decide(conversation)
            return decided

        began = perf_counter()
        try:
            turn = self._log.take(contact, key, noted, line)
        except Exception:
            self._metrics.failed()
            raise
        if turn is None:
            return None
        if turn is not decided:
            self._metrics.repeated()
            return turn
        ended = self._flow.disposition.get(turn.state.position)
        tier = ended.tier.value if ended else "open"
        self._metrics.turn(turn.utterance.channel.name, tier, perf_counter() - began)
        return turn


def make_blueprint(database: Database, token: str) -> Blueprint:
    """`GET /metrics`, for whoever has `token`.

    Not for whoever is on this machine: behind a proxy on the same machine, everybody is.
    """
    blueprint = Blueprint("metrics", __name__)
    wanted = f"Bearer {token}".encode()

    @blueprint.get("/metrics")
    def metrics() -> Response:
        given = request.headers.get("Authorization", "").encode()
        if not compare_digest(given, wanted):
            return Response(status=401, headers={"WWW-Authenticate": "Bearer"})
        return Response(_written(database), content_type="text/plain; version=0.0.4; charset=utf-8")

    return blueprint


def _written(database: Database) -> bytes:
    from prometheus_client import CollectorRegistry, generate_latest  # noqa: PLC0415
    from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415

    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    registry.register(_FromDatabase(database))
    return generate_latest(registry)


class _FromDatabase:
    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> "Iterable[GaugeMetricFamily]":
        from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415

        try:
            found = gauges(self._database, datetime.now(UTC))
        except StoreError:
            found = None
        up = GaugeMetricFamily("backline_database_up", "Whether the database answers.")
        up.add_metric([], float(found is not None))
        yield up
        if found is not None:
            yield from _families(found)


def _families(found: Gauges) -> "Iterator[GaugeMetricFamily]":
    from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415

    def family(
        name: str, words: str, labels: tuple[str, ...], of: Iterable[tuple[tuple[str, ...], float]]
    ) -> GaugeMetricFamily:
        made = GaugeMetricFamily(f"backline_{name}", words, labels=labels)
        for values, value in of:
            made.add_metric(values, value)
        return made

    waits = (
        ("queue", "due and not done", "lane", found.queue),
        ("unacknowledged_alerts", "alerts that nobody has acknowledged", "kind", found.alerts),
        ("stuck_alerts", "alerts that have not gone out for two minutes", "lane", found.stuck),
    )
    for name, words, label, of in waits:
        counts = [((key,), waiting.count) for key, waiting in of.items()]
        ages = [((key,), waiting.seconds) for key, waiting in of.items()]
        yield family(name, f"How many are {words}.", (label,), counts)
        oldest = f"{name}_oldest_seconds"
        yield family(oldest, f"For how long the oldest is {words}.", (label,), ages)
    deliveries = found.deliveries.items()
    yield family("deliveries", "Deliveries of the last day.", ("kind", "stage"), deliveries)
    processes = [((kind,), count) for kind, count in found.processes.items()]
    yield family("processes", "Processes that go on, on every machine.", ("kind",), processes)


def _require_folder() -> None:
    """The folder of this server's workers, where nobody has made one: theirs is one parent."""
    if FOLDER in os.environ:
        Path(os.environ[FOLDER]).mkdir(mode=0o700, parents=True, exist_ok=True)
        return
    name = f"backline-metrics-{os.getuid()}-{os.getppid()}-{_began(os.getppid())}"
    folder = Path(tempfile.gettempdir()) / name
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        folder = Path(tempfile.mkdtemp(prefix="backline-metrics-"))
    os.environ[FOLDER] = str(folder)


def _began(pid: int) -> str:
    """When a process began, so that another one with its number later is told apart."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return "0"
