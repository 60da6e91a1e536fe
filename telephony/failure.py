"""When anything fails in a webhook: the safety net, from memory, and a line in the log.

The person gets words that need no database, no decision and no clock. The log gets what failed
and where, and nothing of what the exception says: a database's message holds the values of the
statement, and those are a caller's words and number.
"""

import logging
from collections.abc import Callable
from traceback import walk_tb
from types import CodeType
from typing import Final

from flask import Blueprint, Response, request

_CAUSES: Final = 5
"""As many as are worth a line; and causes may go round in a circle."""

_log = logging.getLogger(__name__)


def answer_failures(blueprint: Blueprint, in_memory: Callable[[], Response]) -> None:
    """From here on, whatever a route of `blueprint` raises is answered with `in_memory`.

    Its status is 200, because the carrier speaks its own "application error" over anything else.
    """

    @blueprint.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        _log.error("%s failed: %s", request.endpoint, describe(error))
        return in_memory()


def describe(error: BaseException) -> str:
    """What failed and where, without the exception's own words; then what caused it."""
    found: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(found) < _CAUSES:
        found.append(f"{type(cause).__module__}.{type(cause).__qualname__}{_place(cause)}")
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return ", caused by ".join(found)


def _place(error: BaseException) -> str:
    """The two innermost places in code, from the outer one to the one that raised."""
    places = [(frame.f_code, line) for frame, line in walk_tb(error.__traceback__)]
    return "".join(f" at {_name(code)}:{line}" for code, line in places[-2:])


def _name(code: CodeType) -> str:
    return f"{'/'.join(code.co_filename.split('/')[-2:])}:{code.co_qualname}"
