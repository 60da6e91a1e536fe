"""The export: what a line of it holds, and how it is written."""

import csv
import io
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from app import export
from app.cli import main
from app.player import Decide, Player
from exports.transcript import read_act
from flows.conversation import Turn
from store.migrate import upgrade
from store.turns import TurnLog
from tests.app.test_settings import CARRIER
from tests.exports.models import faults
from tests.exports.talking import LINE, MONDAY, Kept, held, kept, talk

KEYS = [
    "id", "clinic", "channels", "language", "flow", "flow_version", "started_at", "ended_at",
    "disposition", "tier", "answers", "turns", "stands_at", "alerted_at",
]  # fmt: skip


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TurnLog]:
    """An empty log, and the environment in which the command finds it."""
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{tmp_path}/line.sqlite3"
    for name, value in {**CARRIER, "DATABASE_URL": url}.items():
        monkeypatch.setenv(name, value)
    upgrade(url)
    with kept(url) as (_, log):
        yield log


def exported(*options: str) -> list[dict[str, Any]]:
    done = CliRunner().invoke(main, ["export", "--format", "jsonl", *options])
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_conversation_that_has_ended(log: TurnLog) -> None:
    talk(log, "hello", "1", "2", "skip", "3", "no")
    talk(log, "hello", "1", "2", "1", "thanks", hour=10)
    _, line = exported()
    assert list(line) == KEYS
    assert line["clinic"] == "Harbour Clinic"
    assert (line["channels"], line["language"]) == (["sms"], "en")
    assert (line["flow"], line["flow_version"]) == ("red_flags", LINE.flow.version)
    assert line["started_at"] == "2026-03-02T10:00:20.000Z"
    assert line["ended_at"] == "2026-03-02T10:01:20.000Z"
    assert (line["disposition"], line["tier"]) == ("emergency", "T1")
    assert list(line["answers"].items()) == [("bladder", "no"), ("saddle", "yes")]
    assert line["turns"][3] == {
        "number": 4,
        "at": "2026-03-02T10:01:20.000Z",
        "channel": "sms",
        "asked": "saddle",
        "heard": "1",
        "understood": "yes",
        "said": [part.words for message in _emergency() for part in message],
    }
    assert [turn["number"] for turn in line["turns"]] == [1, 2, 3, 4, 5]


def _emergency() -> list[Any]:
    turn = Player(LINE, "text", Forgetful()).play(read_act("i cant pee"))
    assert turn is not None
    return list(turn.said)


class Forgetful:
    def take(self, decide: Decide) -> Turn | None:
        return decide(None)


def test_a_conversation_that_is_open(log: TurnLog) -> None:
    talk(log, "hello", "1", "skip", "3", "more")
    (line,) = exported()
    assert line["ended_at"] is line["disposition"] is line["tier"] is line["alerted_at"] is None
    assert line["stands_at"] == "bladder"
    assert line["answers"] == {"bladder": "unsure"}
    assert [turn["understood"] for turn in line["turns"]][1:] == [
        "yes",
        "skipped",
        "unsure",
        "more",
    ]
    assert "\n\n" in line["turns"][0]["said"][0]


def test_what_was_not_finished_is_t0(log: TurnLog) -> None:
    talk(log, "hello", "no")
    (line,) = exported()
    assert (line["disposition"], line["tier"], line["answers"]) == ("unfinished", "T0", {})


def test_a_call_that_began_as_a_text(log: TurnLog) -> None:
    talk(log, "hello", "1", "[picture]", "[call]", "1", "[silence]", "[hang up]")
    (line,) = exported()
    assert line["channels"] == ["sms", "voice"]
    heard = [(turn["channel"], turn["heard"], turn["understood"]) for turn in line["turns"]]
    assert heard[2:] == [
        ("sms", "", "no_match"),
        ("voice", "", None),
        ("voice", "1", "yes"),
        ("voice", "", "no_input"),
        ("voice", "", None),
    ]
    assert line["turns"][-1]["said"] == []
    assert "\n" not in line["turns"][3]["said"][0]


def test_what_was_checked_keeps_the_answer_that_led_there(log: TurnLog) -> None:
    talk(log, "hello", "1", "1", "checked")
    (line,) = exported()
    assert (line["tier"], line["answers"]) == ("T3", {"bladder": "yes"})


def test_starting_over_opens_it_again(log: TurnLog) -> None:
    talk(log, "hello", "no", "start over", "1")
    (line,) = exported()
    assert (line["ended_at"], line["tier"]) == (None, None)


def test_more_conversations_than_are_read_at_a_time(log: TurnLog) -> None:
    for number in range(120):
        Player(LINE, "text", Kept(log, f"+44770091{number:04}")).play(read_act(f"hello {number}"))
    heard = [line["turns"][0]["heard"] for line in exported()]
    assert sorted(heard) == sorted(f"hello {number}" for number in range(120))


def test_an_empty_log_is_an_empty_file(log: TurnLog, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["export", "--output", "all.jsonl"])
    assert (done.exit_code, (tmp_path / "all.jsonl").read_text()) == (0, "")
    assert done.stderr == "Written to all.jsonl: 0 conversations.\n"
    assert CliRunner().invoke(main, ["export"]).stderr == "Written: 0 conversations.\n"


def test_a_file_is_for_its_owner_alone(log: TurnLog, tmp_path: Path) -> None:
    (tmp_path / "all.jsonl").write_text("an older one")
    talk(log, "hello")
    done = CliRunner().invoke(main, ["export", "--output", "all.jsonl"])
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == "Written to all.jsonl: 1 conversation.\n"
    assert json.loads((tmp_path / "all.jsonl").read_text()) == exported()[0]
    assert stat.S_IMODE((tmp_path / "all.jsonl").stat().st_mode) == 0o600


def test_another_key_is_a_sentence_and_no_half_file(
    log: TurnLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk(log, "hello")
    (tmp_path / "all.jsonl").write_text("an older one")
    monkeypatch.setenv("BACKLINE_SECRET_KEY", "another-key-Zr5LwK9dHj3Yb7NcF4sPg6")
    done = CliRunner().invoke(main, ["export", "--output", "all.jsonl"])
    assert done.exit_code == 1
    assert "another BACKLINE_SECRET_KEY" in done.output
    assert (tmp_path / "all.jsonl").read_text() == "an older one"
    assert not (tmp_path / "all.jsonl.part").exists()


@pytest.mark.parametrize("output", ["nowhere/all.jsonl", "."])
def test_a_file_that_cannot_be_written_is_a_sentence(log: TurnLog, output: str) -> None:
    done = CliRunner().invoke(main, ["export", "--output", output])
    assert done.exit_code in (1, 2)
    assert "Traceback" not in done.output


def test_a_database_without_tables_is_a_sentence(
    log: TurnLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///none.sqlite3")
    done = CliRunner().invoke(main, ["export"])
    assert done.exit_code == 1
    assert "DATABASE_URL says which one" in done.output


# --- What is chosen ---------------------------------------------------------------------------


def test_one_conversation_alone(log: TurnLog) -> None:
    talk(log, "hello")
    talk(log, "good morning", hour=10)
    _, second = exported()
    assert exported("--conversation", second["id"]) == [second]


@pytest.mark.parametrize("format_", ["csv", "jsonl", "fhir"])
def test_a_conversation_that_is_not_there_is_a_sentence(log: TurnLog, format_: str) -> None:
    talk(log, "hello")
    done = CliRunner().invoke(main, ["export", "--format", format_, "--conversation", "none"])
    assert done.exit_code == 1
    assert done.stdout == ""
    assert "No conversation none is kept." in done.output


def test_the_days_on_which_they_began(log: TurnLog) -> None:
    for day in (2, 3, 4, 5):
        held(log, f"+44770090000{day}", MONDAY.replace(day=day), f"day {day}")
    begun = [line["turns"][0]["heard"] for line in exported("--from", "2026-03-03")]
    assert begun == ["day 3", "day 4", "day 5"]
    begun = [line["turns"][0]["heard"] for line in exported("--to", "2026-03-03")]
    assert begun == ["day 2", "day 3"]
    lines = exported("--from", "2026-03-03", "--to", "2026-03-03")
    assert [line["turns"][0]["heard"] for line in lines] == ["day 3"]
    assert len(exported("--from", "0001-01-01", "--to", "9999-12-31")) == 4


@pytest.mark.parametrize("options", [["--from", "yesterday"], ["--to", "2026-03-01"]])
def test_days_that_cannot_be_are_a_sentence(log: TurnLog, options: list[str]) -> None:
    done = CliRunner().invoke(main, ["export", "--from", "2026-03-02", *options])
    assert done.exit_code == 2
    assert options[0] in done.output


def test_numbers_are_there_only_when_they_are_asked_for(log: TurnLog) -> None:
    talk(log, "hello")
    assert "phone" not in exported()[0]
    assert exported("--with-numbers")[0]["phone"] == "+447700900009"


# --- The other formats ------------------------------------------------------------------------


def test_csv_has_the_same_conversations(log: TurnLog) -> None:
    talk(log, "hello", "1", "1")
    talk(log, "hello", hour=10)
    done = CliRunner().invoke(main, ["export", "--format", "csv"])
    assert done.exit_code == 0, done.output
    text = done.stdout.removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    for row, line in zip(rows, exported(), strict=True):
        assert row["id"] == line["id"]
        assert row["tier"] == (line["tier"] or "")


def test_fhir_is_a_questionnaire_and_a_bundle_for_each_conversation(log: TurnLog) -> None:
    talk(log, "hello", "1", "1")
    talk(log, "hello", hour=10)
    done = CliRunner().invoke(main, ["export", "--format", "fhir"])
    assert done.exit_code == 0, done.output
    resources = [json.loads(line) for line in done.stdout.splitlines()]
    kinds = [resource["resourceType"] for resource in resources]
    assert kinds == ["Questionnaire", "Bundle", "Bundle"]
    assert resources[0]["status"] == "draft"
    assert [fault for resource in resources for fault in faults(resource)] == []


def test_a_signed_flow_is_an_active_questionnaire(log: TurnLog) -> None:
    name = ["--name", "A Clinician", "--role", "safety", "--registration", "R 1", "--yes"]
    assert CliRunner().invoke(main, ["sign", *name]).exit_code == 0
    done = CliRunner().invoke(main, ["export", "--format", "fhir"])
    assert json.loads(done.stdout)["status"] == "active"


def test_half_a_character_stops_no_export(log: TurnLog) -> None:
    talk(log, "hello \ud83d")
    assert exported()[0]["turns"][0]["heard"] == "hello \ufffd"


def test_a_long_export_says_how_far_it_is(log: TurnLog, monkeypatch: pytest.MonkeyPatch) -> None:
    for hour in (9, 10, 11):
        talk(log, "hello", hour=hour)
    quiet = CliRunner().invoke(main, ["export"])
    assert quiet.stderr == ""
    monkeypatch.setattr(export, "_QUIET_SECONDS", 0)
    done = CliRunner().invoke(main, ["export"])
    assert done.stdout == quiet.stdout
    assert done.stderr.splitlines() == [
        f"Written so far: {number} of 3 conversations." for number in (1, 2, 3)
    ]
