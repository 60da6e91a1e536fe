"""The process's log: one line of JSON for each event, without anybody's words or numbers.

A request is logged by its route, its status and how long it took; never its query, body or sender.
An exception is logged by its kind and place; its own words are left out, because a database's
message holds the values of the statement.
"""

import logging
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from time import perf_counter
from typing import TYPE_CHECKING, Any

import msgspec

from telephony.failure import describe

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


class OneLine(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": _stamp(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "from": record.name,
        }
        if record.exc_info and record.exc_info[1]:
            line["error"] = describe(record.exc_info[1])
        return msgspec.json.encode(line).decode()


def configure() -> None:
    """Send this process's log to its standard error; once, as the process starts."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


class Logged:
    """A WSGI application whose every request is logged, and answered in one piece.

    In one piece, so that the server need not come back to Python for the rest. The line is written
    without `logging`, which would take eight times as long.
    """

    def __init__(self, application: "WSGIApplication", paths: Iterable[str]) -> None:
        """`paths`: those that are logged as they are; any other could hold anything."""
        self._application = application
        self._paths = frozenset(paths)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        began = perf_counter()
        status = "500"

        def start(state: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            nonlocal status
            status = state
            return start_response(state, headers, exc_info)

        # A middleware inside may change these for what it calls.
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        try:
            body = self._application(environ, start)
            try:
                return [b"".join(body)]
            finally:
                close = getattr(body, "close", None)
                if close:
                    close()
        finally:
            sys.stderr.write(
                f'{{"at":"{_stamp(datetime.now(UTC))}","level":"info","event":"request",'
                f'"method":"{method if method in _METHODS else "-"}",'
                f'"path":"{path if path in self._paths else "-"}",'
                f'"status":{status[:3]},"ms":{(perf_counter() - began) * 1000:.1f}}}\n'
            )


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")
