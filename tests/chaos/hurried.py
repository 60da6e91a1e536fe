"""The product's processes on a clock that runs fast: a day passes while somebody can watch.

Nothing else is changed: `granian tests.chaos.hurried:create_app`, `python -m tests.chaos.hurried
worker`, `... clock`. Leases are as long in real time as they are short beside a day.
"""

import functools
import os
import sys
from datetime import UTC, datetime, timedelta

from flask import Flask

from app import logs, rounds, web
from app.command import settings_or_exit
from app.works import SENDING, TIMING, put_together
from telephony.door import Door

BEGUN = "HURRIED_SINCE"
"""The name of the setting that says when the clock began to hurry, ISO 8601."""

TIMES = "HURRIED_TIMES"
"""The name of the setting that says by how much."""

LEASE = timedelta(seconds=4)
"""In real time."""


def hurried(at: datetime, begun: datetime, times: int) -> datetime:
    """The hurried clock's time, when the time is `at`."""
    return begun + (at - begun) * times


def now() -> datetime:
    begun = datetime.fromisoformat(os.environ[BEGUN])
    return hurried(datetime.now(UTC), begun, int(os.environ[TIMES]))


def create_app() -> Flask:
    web.Door = functools.partial(Door, now=now)  # type: ignore[assignment, attr-defined]
    return web.create_app()


def main(kind: str) -> None:
    logs.configure()
    rounds.LEASE = LEASE * int(os.environ[TIMES])  # type: ignore[attr-defined]
    lanes = {"worker": SENDING, "clock": TIMING}[kind]
    rounds.go_on(kind, put_together(settings_or_exit(), now), lanes)


if __name__ == "__main__":
    main(sys.argv[1])
