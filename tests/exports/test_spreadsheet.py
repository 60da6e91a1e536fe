"""CSV: what a row holds, and that no cell of it is ever run."""

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exports import spreadsheet
from store.database import Database
from store.turns import TurnLog
from tests.exports.talking import LINE, stored, talk


def rows(database: Database, *, numbers: bool = False) -> list[dict[str, str]]:
    text = spreadsheet.header(LINE.flow, numbers=numbers)
    text += "".join(spreadsheet.row(one, LINE.flow) for one in stored(database, numbers=numbers))
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_a_row_is_a_conversation(log: TurnLog, database: Database) -> None:
    talk(log, "hello", "1", "2", "1", "[call]")
    talk(log, "hello", "1", hour=10)
    ended, open_ = rows(database)
    assert (ended["tier"], ended["disposition"]) == ("T1", "emergency")
    assert (ended["channels"], ended["turns"]) == ("sms voice", "5")
    assert (ended["bladder"], ended["saddle"], ended["bowel"]) == ("no", "yes", "")
    assert ended["heard"].splitlines() == ["hello", "1", "2", "1"]
    assert ended["alerted_at"] == ended["ended_at"] == "2026-03-02T09:01:20.000Z"
    assert (open_["tier"], open_["ended_at"], open_["stands_at"]) == ("", "", "bladder")


def test_a_number_is_there_only_when_it_is_asked_for(log: TurnLog, database: Database) -> None:
    talk(log, "hello")
    assert "phone" not in rows(database)[0]
    assert rows(database, numbers=True)[0]["phone"] == "'+447700900009"


@pytest.mark.parametrize(
    "words",
    [
        '=HYPERLINK("http://example.org")', "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1",
        "  =1", "\uff1d1", "%0A=1", "|calc",
    ],
)  # fmt: skip
def test_a_formula_is_never_run(log: TurnLog, database: Database, words: str) -> None:
    talk(log, words)
    (row,) = rows(database)
    assert row["heard"] == f"'{words}"


@given(st.text(min_size=1))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_words_come_back_in_their_cell(words: str) -> None:
    line = spreadsheet._line(["a", words, "z"])  # noqa: SLF001
    ((first, cell, last),) = csv.reader(io.StringIO(line, newline=""), strict=True)
    assert (first, last) == ("a", "z")
    assert cell.removeprefix("'") == words.removeprefix("'")
    assert not cell.lstrip().startswith(("=", "+", "-", "@"))
