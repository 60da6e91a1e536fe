"""When a page cannot be shown: why, in a sentence, and what to do."""

import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from flask import current_app, g, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from clinic.guard import NAME
from clinic.passwords import BusyError
from clinic.rendering import page
from store.errors import StoreError
from telephony.failure import describe

if TYPE_CHECKING:
    from clinic.office import Office

EXPIRED: Final = 419
"""No standard number: the form is of a session that has ended."""

UNREACHABLE: Final = 503

KNOWN: Final = (400, 403, 404, 405, 413, 419, 429, 500, 503)
"""Those that have words of their own, under `failure` in `words/`."""

_log = logging.getLogger(__name__)


def failed(error: Exception) -> tuple[str, int]:
    """The page for whatever went wrong. Nothing of the error itself is on it."""
    status = _status(error)
    if status in (500, UNREACHABLE):
        _log.error("%s failed: %s", request.endpoint, describe(error))
    known = status if status in KNOWN else 500 if status >= 500 else 400  # noqa: PLR2004
    if "desk_session" not in g and status != UNREACHABLE:
        # No page was found, so nobody has looked who asks.
        office: Office = current_app.extensions[NAME]
        with suppress(StoreError):
            g.desk_session = office.whoever()
    return page("failure", status, status=known)


def _status(error: Exception) -> int:
    if isinstance(error, CSRFError):
        return EXPIRED
    if isinstance(error, StoreError):
        return UNREACHABLE
    if isinstance(error, BusyError):
        return 429
    if isinstance(error, HTTPException) and error.code:
        return error.code
    return 500
