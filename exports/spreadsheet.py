"""A conversation as a row of CSV (RFC 4180), for a spreadsheet.

The columns are those of the record, with one for each question and the number of turns. What the
person said is in one cell, each thing heard on a line of its own; what the line said is left out,
since it follows from the answers.

A spreadsheet takes a cell that begins with certain marks for a formula and runs it, and the words
are a stranger's. Such a cell is given an apostrophe before it, as OWASP advises ("CSV Injection"):
a spreadsheet then shows text.
"""

import csv
import io
from collections.abc import Iterable
from typing import Any

from exports.record import record
from flows.definition import Flow
from store.review import StoredConversation

_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")  # noqa: RUF001  these are taken for the plain ones
_BEFORE = (
    "id", "clinic", "channels", "language", "flow", "flow_version", "started_at", "ended_at",
    "disposition", "tier", "stands_at", "alerted_at",
)  # fmt: skip


def header(flow: Flow, *, numbers: bool) -> str:
    """The first line: the names of the columns; `numbers`: with the phone number."""
    phone = ("phone",) if numbers else ()
    return _line([*phone, *_BEFORE, *flow.question, "turns", "heard"])


def row(stored: StoredConversation, flow: Flow) -> str:
    """The line of a conversation; one with a phone number begins with it."""
    of = record(stored, flow)
    phone = [of["phone"]] if "phone" in of else []
    heard = "\n".join(turn["heard"] for turn in of["turns"] if turn["heard"])
    cells = [*phone, *(of[name] for name in _BEFORE)]
    cells += [of["answers"].get(question, "") for question in flow.question]
    return _line([*cells, len(of["turns"]), heard])


def _line(cells: Iterable[Any]) -> str:
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL).writerow([_cell(cell) for cell in cells])
    return written.getvalue()


def _cell(value: Any) -> str:
    """`value` as a cell that is never run."""
    if value is None:
        return ""
    words = " ".join(value) if isinstance(value, list) else str(value)
    risky = words.startswith(_RISKY) or words.lstrip().startswith(_RISKY)
    return f"'{words}" if risky else words
