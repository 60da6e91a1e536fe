"""How the service is, for whatever watches over it. Nothing here is anybody's secret."""

import logging

from flask import Blueprint, Response, jsonify

from flows.definition import Flow
from store.database import Database
from store.errors import StoreError
from telephony.failure import describe

_log = logging.getLogger(__name__)


def make_blueprint(database: Database, flow: Flow, content: str) -> Blueprint:
    """`GET /healthz`: 200 where turns can be taken, else 503.

    The flow is sound wherever this runs: the process does not start with a problem in it.
    `content`: whether it is signed off, as it was when the process started. A new sign-off shows
    after the next start, and no look at the health asks the database for it.
    """
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/healthz")
    def healthz() -> tuple[Response, int]:
        store, migrations = _store(database)
        ok = store == "answers" and migrations == "current"
        body = {
            "status": "ok" if ok else "failing",
            "store": store,
            "migrations": migrations,
            "flow": "sound",
            "flow_id": flow.id,
            "flow_version": flow.version,
            "content": content,
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
