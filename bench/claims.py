"""How fast the outbox is worked off: `python -m bench.claims`.

Rows that are all due are claimed, noted as begun, and closed, by one process and by four, with one
row a claim as a worker does it and with twenty as a clock does. Each must be closed exactly once.
"""

import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

from duty.delivery import Due, Lane, Stage
from store.database import Database
from store.migrate import upgrade
from store.outbox import Outbox
from tests.postgres import PostgresServer

ROWS = 2000
_LEASE = timedelta(seconds=60)


def work_off(url: str, by: str, at_once: int) -> None:
    """Everything that one process does until nothing is due."""
    with closing(Database(url)) as database:
        outbox = Outbox(database)
        done = 0
        while jobs := outbox.claim(Lane.ORDINARY, by, datetime.now(UTC), _LEASE, at_once):
            for job in jobs:
                begun = outbox.trying(job, datetime.now(UTC))
                done += begun is not None and outbox.close(begun, Stage.DONE, datetime.now(UTC))
    sys.exit(0 if done else 1)


def measure(url: str, workers: int, at_once: int) -> float:
    """Rows a second."""
    with closing(Database(url)) as database:
        outbox, at = Outbox(database), datetime.now(UTC)
        name = f"{workers} {at_once}"
        outbox.put(*(Due(f"{name} {place}", 1, "bench", at) for place in range(ROWS)))
    processes = [
        get_context("spawn").Process(target=work_off, args=(url, f"{name} {one}", at_once))
        for one in range(workers)
    ]
    for process in processes:
        process.start()
    left = ROWS
    began = 0.0
    with closing(Database(url)) as database:
        outbox = Outbox(database)
        while left:
            left = outbox.left(datetime.now(UTC))
            if not began and left < ROWS:
                began, first = time.perf_counter(), left
            time.sleep(0.01)
    seconds = time.perf_counter() - began
    for process in processes:
        process.join()
    return first / seconds


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, PostgresServer(durable=True) as server:
        urls = {"SQLite": f"sqlite:///{Path(folder) / 'line.db'}"}
        urls["PostgreSQL"] = server.new_database()
        for name, url in urls.items():
            upgrade(url)
            for workers in (1, 4):
                for at_once in (1, 20):
                    rate = measure(url, workers, at_once)
                    print(f"| {name} | {workers} | {at_once} | {rate:,.0f} |", flush=True)


if __name__ == "__main__":
    main()
