"""How the service is, for whatever watches over it. Nothing here is anybody's secret."""

import logging
from collections import Counter
from datetime import UTC, datetime
from typing import Final

from flask import Blueprint, Response, jsonify

from flows.definition import Flow
from store.database import Database
from store.errors import StoreError
from store.heartbeats import CLOCK, WORKER, alive
from store.stuck import stuck_alerts
from telephony.failure import describe

GO_OUT: Final = "go out"

_log = logging.getLogger(__name__)


def make_blueprint(database: Database, flow: Flow, content: str) -> Blueprint:
    """`GET /healthz`: 200 where turns can be taken, else 503.

    The flow is sound wherever this runs: the process does not start with a problem in it.
    How many workers and clocks go on, and whether alerts go out, is told and is no 503: a turn can
    still be taken, and that answer would take the line away too.

    `content`: whether it is signed off, as it was when the process started. A new sign-off shows
    after the next start, and no look at the health asks the database for it.
    """
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/healthz")
    def healthz() -> tuple[Response, int]:
        store, migrations = _store(database)
        ok = store == "answers" and migrations == "current"
        alerts = _alerts(database) if ok else None
        body = {
            "status": _status(ok, alerts),
            "store": store,
            "migrations": migrations,
            "flow": "sound",
            "flow_id": flow.id,
            "flow_version": flow.version,
            "content": content,
            "processes": _processes(database) if store == "answers" else None,
            "alerts": alerts,
        }
        return jsonify(body), 200 if ok else 503

    return blueprint


def _store(database: Database) -> tuple[str, str]:
    try:
        current = database.is_current()
    except StoreError as error:
        _log.warning("the store does not answer: %s", describe(error))
        return "does not answer", "unknown"
    return "answers", "current" if current else "not current"


def _status(ok: bool, alerts: str | None) -> str:  # noqa: FBT001
    if not ok:
        return "failing"
    return "ok" if alerts == GO_OUT else "degraded"


def _alerts(database: Database) -> str:
    """Whether what tells whoever is on call goes out."""
    try:
        stuck = stuck_alerts(database, datetime.now(UTC))
    except StoreError as error:
        _log.warning("what waits cannot be read: %s", describe(error))
        return "unknown"
    return "do not go out" if stuck else GO_OUT


def _processes(database: Database) -> dict[str, int] | None:
    """How many of each kind go on; None where that cannot be read."""
    try:
        going = Counter(process.kind for process in alive(database, datetime.now(UTC)))
    except StoreError as error:
        _log.warning("the processes cannot be read: %s", describe(error))
        return None
    return {kind: going[kind] for kind in (WORKER, CLOCK)}
