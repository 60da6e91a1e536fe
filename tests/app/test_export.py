"""The export: what a line of it holds, and how it is written."""

import json
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from app.cli import main
from app.command import CLINIC
from app.player import Decide, Player
from app.transcript import read_act
from flows.conversation import Turn
from flows.line import Line, build_line
from flows.wording import Clinic
from store.clinics import ensure_clinic
from store.database import Database
from store.migrate import upgrade
from store.sealing import Sealer
from store.turns import CarrierKey, TurnLog
from tests.app.test_settings import CARRIER

LINE = build_line("en-GB", Clinic("Harbour Clinic", "+442079460018", "020 7946 0018"), 0)
KEYS = [
    "id", "clinic", "channels", "language", "flow", "flow_version", "started_at", "ended_at",
    "disposition", "tier", "answers", "turns",
]  # fmt: skip


class Kept:
    """The real log, for one person."""

    def __init__(self, log: TurnLog, person: str) -> None:
        self.log, self.person, self.taken = log, person, 0

    def take(self, decide: Decide) -> Turn | None:
        self.taken += 1
        return self.log.take(self.person, CarrierKey(f"{self.person}/{self.taken}", None), decide)


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TurnLog]:
    """An empty log, and the environment in which the command finds it."""
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{tmp_path}/line.sqlite3"
    for name, value in {**CARRIER, "DATABASE_URL": url}.items():
        monkeypatch.setenv(name, value)
    upgrade(url)
    database = Database(url)
    ensure_clinic(database, "Harbour Clinic", "en-GB")
    sealer = Sealer(CARRIER["BACKLINE_SECRET_KEY"])
    yield TurnLog(database, sealer, LINE.flow.id, LINE.flow.version, CLINIC)
    database.close()


def talk(log: TurnLog, *acts: str, channel: str = "text", line: Line = LINE, hour: int = 9) -> None:
    """One person's acts, from that hour on."""
    at = datetime(2026, 3, 2, hour, tzinfo=UTC)
    player = Player(line, channel, Kept(log, f"+4477009000{hour:02}"), at)
    for act in acts:
        player.play(read_act(act))


def exported() -> list[dict[str, Any]]:
    done = CliRunner().invoke(main, ["export", "--format", "jsonl"])
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
    assert line["ended_at"] is line["disposition"] is line["tier"] is None
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


def test_a_file_is_for_its_owner_alone(log: TurnLog, tmp_path: Path) -> None:
    (tmp_path / "all.jsonl").write_text("an older one")
    talk(log, "hello")
    assert CliRunner().invoke(main, ["export", "--output", "all.jsonl"]).exit_code == 0
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
