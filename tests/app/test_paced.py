"""Caps, the loop stop and the block list around the real log, and what replaying it says."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from app.cli import main
from app.paced import PacedLog
from app.replay import Lines, Tally, replay
from duty.caps import Caps
from flows.conversation import Conversation, Turn, take_turn
from flows.utterance import Channel, Kind, Medium, Utterance
from store.blocking import Blocked, BlockList, block
from store.clinics import ensure_clinic
from store.database import Database
from store.link import Link
from store.migrate import upgrade
from store.pace import Watch
from store.sealing import Sealer
from store.turns import CarrierKey, TurnLog
from tests.doors import a_line

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LINE = a_line()
SMS = Channel("sms", Medium.TEXT)
ANN = "+12025550143"
AUTOMATIC = "I am driving right now and will call you back."


@dataclass
class Desk:
    """A clinic's log as one process has it, and somebody who writes to it."""

    database: Database
    sealer: Sealer
    clinic: int
    caps: Caps
    told: list[str] = field(default_factory=list)
    at: datetime = NOON
    sent: int = 0

    def __post_init__(self) -> None:
        flow = LINE.flow
        log = TurnLog(self.database, self.sealer, flow.id, flow.version, self.clinic)
        self.log = self.process(log)

    def process(self, log: TurnLog) -> PacedLog:
        watch = Watch(self.database, self.sealer, self.clinic, "US", self.caps)
        blocks = BlockList(self.database, self.sealer)
        return PacedLog(
            log, self.clinic, LINE, watch, blocks, self.told.append, now=lambda: self.at
        )

    def text(self, words: str, number: str = ANN, seconds: float = 5) -> list[str]:
        """The keys of what comes back."""
        self.at += timedelta(seconds=seconds)
        self.sent += 1

        def decide(before: Conversation | None) -> Turn:
            return take_turn(LINE, before, Utterance(SMS, Kind.TEXT, words), self.at)

        turn = self.log.take(number, CarrierKey(f"SM{self.sent}", None), decide)
        assert turn is not None
        return [part.key for message in turn.said for part in message]

    def replayed(self) -> list[str]:
        return list(replay(self.database, self.sealer, {self.clinic: Lines(LINE, LINE)}, Tally()))


def desk_in(folder: Path, **caps: Any) -> Iterator[Desk]:
    url = f"sqlite:///{folder}/line.sqlite3"
    upgrade(url)
    database = Database(url)
    clinic = ensure_clinic(database, "Harbour Clinic", "en-US", ANN)
    yield Desk(database, Sealer("s" * 32), clinic, Caps(**caps))
    database.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    yield from desk_in(tmp_path, hour=30, day=50, openings=16, foreign=2, alike=4)


def test_two_machines_stop_talking_to_each_other(desk: Desk) -> None:
    """A machine that answers each message with the same words gets the safety net, then nothing."""
    said = [desk.text(AUTOMATIC) for _ in range(12)]
    assert all(said[:4])
    assert ["safety_net"] in said
    after = said[said.index(["safety_net"]) + 1 :]
    assert len(after) >= 5
    assert not any(after)
    assert set(desk.told) == {"loop"}
    assert desk.replayed() == []


def test_what_a_person_says_twice_is_no_loop(desk: Desk) -> None:
    desk.text("hello")
    for words in ("agree", "2", "2", "2", "2", "2", "2", "2"):
        assert desk.text(words)
    assert desk.told == []


def test_who_answers_every_question_in_the_same_words_is_asked_the_next(desk: Desk) -> None:
    """One of the twelve is not understood, and is asked again like any other."""
    desk.text("hello")
    desk.text("agree")
    asked = [desk.text("no, nothing like that") for _ in range(12)]
    assert all(asked)
    assert ["safety_net"] not in asked
    assert desk.told == []
    assert desk.replayed() == []


def test_a_machine_in_the_middle_of_the_questions_is_stopped(desk: Desk) -> None:
    desk.text("hello")
    desk.text("agree")
    assert ["safety_net"] in [desk.text(AUTOMATIC) for _ in range(6)]
    assert set(desk.told) == {"loop"}


def test_a_number_is_capped_by_the_hour_and_goes_on_where_it_was(desk: Desk) -> None:
    desk.text("hello")
    for number in range(40):
        desk.text(f"what is this about, number {number}?")
    assert desk.told[0] == "hour"
    assert desk.text("more") == []
    assert "emergency" in desk.text("i cant feel my bum")
    assert desk.text("thank you") == []
    assert desk.text("thank you", seconds=3700)
    assert desk.replayed() == []


def test_the_safety_net_comes_again_after_an_hour(desk: Desk) -> None:
    desk.text("hello")
    for number in range(51):
        desk.text(f"what is this about, number {number}?", seconds=130)
    assert desk.text("more") == []
    assert desk.told[-1] == "day"
    assert desk.text("more", seconds=3700) == ["safety_net"]


def test_another_process_counts_the_same_turns(desk: Desk) -> None:
    """The log is what is counted; a process that is new has only to look."""
    desk.text("hello")
    for number in range(40):
        desk.text(f"what is this about, number {number}?")
    flow = LINE.flow
    log = TurnLog(desk.database, desk.sealer, flow.id, flow.version, desk.clinic)
    desk.log = desk.process(log)
    said = [desk.text("more") for _ in range(32)]
    assert said[-1] == []


def test_another_country_is_capped_and_the_clinics_own_is_not(desk: Desk) -> None:
    """Pumping comes from many numbers of one country that never called before."""
    french = [f"+3361234567{number}" for number in range(5)]
    said = [desk.text("bonjour", number) for number in french]
    assert [keys == ["safety_net"] for keys in said] == [False, False, True, True, True]
    assert desk.text("bonjour", french[4]) == []
    assert desk.text("hello", "+447700900123") != ["safety_net"]
    assert desk.text("hello") != ["safety_net"]
    assert desk.text("agree", french[0]) != ["safety_net"]
    assert "emergency" in desk.text("i cant feel my bum", french[4])
    assert desk.text("bonjour", french[3], seconds=3700)[:1] == ["intro_1"]
    assert desk.replayed() == []


def test_a_crowd_of_new_people_is_capped_and_who_has_begun_goes_on(desk: Desk) -> None:
    desk.text("hello")
    for number in range(20):
        desk.text("hello", f"+1202555{number:04}")
    assert desk.told[-1] == "clinic"
    assert desk.text("agree")[-1].startswith("question.")
    assert desk.text("hello", "+12025559999") == ["safety_net"]


def test_a_blocked_number_gets_nothing_but_what_must_be_said_once(desk: Desk) -> None:
    desk.text("hello")
    entry = Blocked(ANN, "Ann Example", "only adverts", desk.at)
    block(desk.database, desk.sealer, desk.clinic, entry)
    desk.log = desk.process(
        TurnLog(desk.database, desk.sealer, LINE.flow.id, LINE.flow.version, desk.clinic)
    )
    assert desk.text("agree") == []
    assert "emergency" in desk.text("i cant feel my bum")
    assert desk.text("i cant feel my bum") == []
    assert desk.text("hello", "+12025550199")
    assert desk.replayed() == []


def test_an_ordinary_turn_reads_nothing_more(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a whole conversation by text, no turn asks the database for the pace."""
    desk.log.blocks.since(desk.clinic, ANN)
    reads: list[str] = []
    with desk.database.link() as link:
        kind: type[Link] = type(link)
    original = kind.read

    def counted(self: Link, query: Any, values: Any) -> Any:
        reads.append(query.text)
        return original(self, query, values)

    monkeypatch.setattr(kind, "read", counted)
    for words in ("hello", "agree", *["2"] * 13, "1", "1"):
        desk.text(words)
    assert len(reads) == desk.sent


def test_what_cannot_be_counted_is_answered(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reply too many is better than one too few."""
    desk.text("hello")
    for number in range(40):
        desk.text(f"what is this about, number {number}?")
    monkeypatch.setattr(desk.log.watch, "_recent", desk.database.query(_broken()))
    assert desk.text("more")


def _broken() -> Any:
    from sqlalchemy import column, select, table  # noqa: PLC0415  only here

    return select(column("nothing")).select_from(table("nowhere"))


def test_the_command_blocks_lists_and_releases(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def run(*typed: str) -> str:
        done = CliRunner().invoke(main, list(typed))
        assert done.exit_code == 0, done.output
        return done.output

    run("db", "upgrade")
    assert run("block") == "No number is blocked.\n"
    given = ("--phone", ANN, "--by", "Ann Example")
    assert run("block", *given, "--reason", "adverts") == "It is blocked.\n"
    assert run("block", *given, "--reason", "adverts") == "It was blocked already.\n"
    assert f"{ANN}  since " in run("block")
    assert "by Ann Example: adverts" in run("block")
    assert run("block", *given, "--release") == "It is blocked no longer.\n"
    assert run("block", *given, "--release") == "It was not blocked.\n"
    assert CliRunner().invoke(main, ["block", "--phone", ANN]).exit_code == 2
    assert CliRunner().invoke(main, ["block", "--release"]).exit_code == 2
