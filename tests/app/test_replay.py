"""Replay: every stored turn is decided again, and nothing that was tampered with goes unseen."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace as changed
from sqlalchemy import NullPool, create_engine, text

from app import replay as module
from app.cli import main
from app.command import CLINIC
from app.eras import Era, eras_of
from app.heads import Heads, HeadsError
from app.player import Decide, Player
from app.replay import Lines, Tally, differences, replay
from app.settings import read_settings
from exports.transcript import CALL, TEXT, TranscriptError, read_act
from flows.conversation import Turn
from flows.line import Line, build_line
from flows.utterance import Medium
from flows.wording import Clinic
from store import sqlite
from store.clinics import StoredClinic, add_clinic, ensure_clinic, write_clinic
from store.database import Database
from store.erasure import Erasure
from store.history import history
from store.migrate import upgrade
from store.sealing import Sealer
from store.turns import CarrierKey, TurnLog
from tests.app.test_settings import CARRIER

CLINIC_OF_IT = Clinic("Harbour Clinic", "+442079460018", "020 7946 0018")
LINE = build_line("en-GB", CLINIC_OF_IT, 1.5)
SECRET = CARRIER["BACKLINE_SECRET_KEY"]

ACTS = (
    *("1", "2", "3", "1", "2", "2", "2", "2", "agree", "no", "nope", "yes", "not sure", "a bit"),
    *("skip", "more", "back", "again", "start over", "stop", "start", "checked", "clinic"),
    *("[junk]", "[silence]", "[picture] look", "[carrier STOP]", "[carrier HELP]", "hola", "sí"),
    *("[call]", "[text] hello", "[hang up]", "[say 0.2] no", "[press 9]", "[late 2]"),
    *("[clinic missed]", "[wait 2h]", "[wait 25h]", "[wait 15d]", "i wet myself", "i want to die"),
)


class Kept:
    """The real log, for one person."""

    def __init__(self, log: TurnLog, person: str) -> None:
        self.log, self.person = log, person

    def take(self, decide: Decide) -> Turn | None:
        return self.log.take(self.person, CarrierKey(f"SM{uuid4()}", None), decide)


@dataclass
class Logged:
    """A log in the database at `url`, and what replaying it says."""

    url: str
    line: Line = LINE

    def __post_init__(self) -> None:
        self.database = Database(self.url)
        self.sealer = Sealer(SECRET)
        ensure_clinic(self.database, CLINIC_OF_IT.name, "en-GB")

    def talk(self, person: str, channel: str, *acts: str, hours: int = 0) -> None:
        """One person's acts; what cannot be done just then is not done."""
        log = TurnLog(self.database, self.sealer, self.line.flow.id, self.line.flow.version, CLINIC)
        at = datetime(2026, 3, 2, 12, tzinfo=UTC) + timedelta(hours=hours)
        player = Player(self.line, channel, Kept(log, person), at)
        for act in acts:
            try:
                player.play(read_act(act))
            except TranscriptError:
                continue

    def replayed(self, heads: Heads | None = None) -> tuple[Tally, list[str]]:
        tally, lines = Tally(), {CLINIC: Lines(LINE, LINE)}
        return tally, list(replay(self.database, self.sealer, lines, tally, heads))

    def faults(self) -> list[str]:
        return self.replayed()[1]

    def sql(self, statement: str) -> None:
        engine = create_engine(self.url, poolclass=NullPool)
        with engine.begin() as connection:
            connection.execute(text(statement))


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    # What is tested here is what is read: nothing is lost if the machine stops.
    hasty = [p.replace("=FULL", "=OFF") for p in sqlite._PRAGMAS]  # noqa: SLF001
    monkeypatch.setattr(sqlite, "_PRAGMAS", hasty)
    url = f"sqlite:///{tmp_path}/line.sqlite3"
    upgrade(url)
    return url


@pytest.fixture
def logged(url: str) -> Iterator[Logged]:
    """Two people who have talked: the first twice, by text and by phone."""
    logged = Logged(url)
    logged.talk("+447700900001", TEXT, "hello", "1", "2", "[call]", "1", "no", "[wait 25h]", "2")
    logged.talk("+447700900002", TEXT, "hello", "1", "1", "thanks")
    yield logged
    logged.database.close()


def test_a_thousand_conversations_replay_without_a_difference(url: str) -> None:
    logged = Logged(url)
    chance = random.Random(20260302)  # noqa: S311
    for person in range(950):
        channel = chance.choice((TEXT, CALL))
        acts = ["hello" if channel == TEXT else "[call]", "agree"]
        acts += chance.choices(ACTS, k=chance.randint(2, 14))
        logged.talk(f"+4477009{person:05}", channel, *acts)
    tally, faults = logged.replayed()
    assert faults == []
    assert tally.conversations >= 1000, str(tally)
    assert tally.replayed == tally.turns > 5000, str(tally)
    logged.database.close()


def test_it_replays_on_postgresql(postgres_url: str) -> None:
    upgrade(postgres_url)
    logged = Logged(postgres_url)
    for person, channel in enumerate((TEXT, CALL, TEXT, CALL)):
        first = "hello" if channel == TEXT else "[call]"
        logged.talk(f"+4477009{person:05}", channel, first, *ACTS[person * 9 : person * 9 + 12])
    tally, faults = logged.replayed()
    assert faults == []
    assert tally.replayed == tally.turns > 30
    logged.sql("UPDATE turns SET hang_up = NOT hang_up WHERE number = 2")
    assert len(logged.faults()) == len([f for f in logged.faults() if "turn 2: " in f]) >= 4
    assert all("its content was changed; reply not as decided" in f for f in logged.faults())
    logged.database.close()


# --- Tampering ------------------------------------------------------------------------------------

FIRST = "WHERE contact_id = 1 AND ordinal ="


def test_a_changed_state(logged: Logged) -> None:
    logged.sql(f"UPDATE turns SET state = replace(state, 'saddle', 'retention') {FIRST} 3")  # noqa: S608
    [changed, after] = logged.faults()
    assert ", turn 3: its content was changed; state not as decided again" in changed
    assert ", turn 4: " in after


@pytest.mark.parametrize("column", ["said", "heard"])
def test_changed_words(logged: Logged, column: str) -> None:
    kept = list(history(logged.database, logged.sealer, CLINIC))[2]
    words = logged.sealer.seal(
        "[]" if column == "said" else "yes", f"{kept.conversation}/3/{column}"
    )
    logged.sql(f"UPDATE turns SET {column} = X'{words.hex()}' {FIRST} 3")  # noqa: S608
    [fault] = logged.faults()
    assert ", turn 3: its content was changed" in fault
    assert ("reply" if column == "said" else "understanding") in fault


def test_a_removed_row(logged: Logged) -> None:
    logged.sql(f"DELETE FROM turns {FIRST} 3")  # noqa: S608
    [fault] = logged.faults()
    assert ", turn 4: a turn before it is missing" in fault
    assert "its chain does not follow" in fault


def test_two_swapped_rows(logged: Logged) -> None:
    for old, new in ((2, 9), (3, 2), (9, 3)):
        logged.sql(f"UPDATE turns SET number = {new}, ordinal = {new} {FIRST} {old}")  # noqa: S608
    faults = "\n".join(logged.faults())
    assert ", turn 2: " in faults
    assert ", turn 3: " in faults


def test_a_conversation_whose_turns_were_all_removed(logged: Logged) -> None:
    logged.sql("DELETE FROM turns WHERE contact_id = 2")
    conversation, contact = logged.faults()
    assert conversation.endswith("none of its turns is there")
    assert contact == "contact 2: none of its turns is there"


def test_the_newest_turns_cut_off_are_missed_by_the_heads(logged: Logged, tmp_path: Path) -> None:
    path = tmp_path / "heads"
    heads = Heads(path)
    assert logged.replayed(heads)[1] == []
    heads.write()
    logged.talk("+447700900002", TEXT, "[text] and more", hours=1)
    assert logged.replayed(Heads(path))[1] == []
    logged.sql("DELETE FROM turns WHERE contact_id = 2 AND ordinal >= 4")
    assert logged.faults() == []
    [fault] = logged.replayed(Heads(path))[1]
    assert fault == "contact 2: turn 4 was there and is not"
    # Somebody else's turn in its place does not help.
    logged.talk("+447700900002", TEXT, "[text] another", hours=2)
    [fault] = logged.replayed(Heads(path))[1]
    assert "its chain is not the one that was noted" in fault


@pytest.mark.parametrize("content", ["", "not heads", "# backline heads\n1 2"])
def test_a_file_that_holds_no_heads(tmp_path: Path, content: str) -> None:
    path = tmp_path / "heads"
    path.write_text(content)
    with pytest.raises(HeadsError, match="name another file"):
        Heads(path)
    with pytest.raises(HeadsError, match="cannot be read"):
        Heads(tmp_path)
    with pytest.raises(HeadsError, match="cannot be written"):
        Heads(tmp_path / "none" / "heads").write()


# --- What is not replayed -------------------------------------------------------------------------


def test_what_is_erased_is_counted(logged: Logged) -> None:
    erasure = Erasure(logged.database, logged.sealer, CLINIC, "on request")
    [first, *_] = history(logged.database, logged.sealer, CLINIC)
    erasure.conversations([first.conversation], datetime.now(UTC))
    tally, faults = logged.replayed()
    assert faults == []
    assert tally.erased > 0
    assert tally.uncertain == 1  # the turn that opened the next conversation, from a state now gone
    assert tally.replayed == tally.turns - tally.erased - 1
    # And whoever writes after an erasure begins anew.
    newest = [kept for kept in history(logged.database, logged.sealer, CLINIC) if kept.contact == 1]
    erasure.conversations([newest[-1].conversation], datetime(2026, 1, 1, tzinfo=UTC))
    logged.talk("+447700900001", TEXT, "[text] hello again", hours=99)
    tally, faults = logged.replayed()
    assert faults == []
    assert tally.uncertain == 0


def test_another_version_of_the_flow_is_counted(logged: Logged) -> None:
    older = replace(LINE, flow=changed(LINE.flow, version="0.9.0"))
    Logged(logged.url, older).talk("+447700900003", TEXT, "hello", "1")
    tally, faults = logged.replayed()
    assert (faults, tally.other_version) == ([], 2)


def test_another_flow_gives_another_turn(logged: Logged) -> None:
    """What a clinic is named is part of a reply: settings must be those of the time."""
    other = build_line("en-US", Clinic("Other Clinic", "+12025550143", "(202) 555-0143"), 1.5)
    found = list(replay(logged.database, logged.sealer, {CLINIC: Lines(other, other)}, Tally()))
    assert found
    assert all("reply" in fault for fault in found if "turn 1" in fault)


def test_a_clinic_that_was_renamed_had_its_old_name_then(logged: Logged) -> None:
    """Turns under the old name are no fault, unless they came before anybody had named it so."""
    other = build_line("en-US", Clinic("Other Clinic", "+12025550143", "(202) 555-0143"), 1.5)
    first = datetime(2026, 3, 2, 12, tzinfo=UTC)

    def faults(since: datetime) -> list[str]:
        lines = {CLINIC: Lines(other, other, [Era(since, LINE, LINE)])}
        return list(replay(logged.database, logged.sealer, lines, Tally()))

    assert faults(first) == []
    assert faults(first + timedelta(days=900))


def test_what_a_clinic_was_named_is_kept(logged: Logged, tmp_path: Path) -> None:
    """Each name has its line; not from when nobody knew its phone, nor of an odd country."""
    settings = read_settings(CARRIER | {"DATABASE_URL": logged.url}, tmp_path)
    ensure_clinic(logged.database, "Harbour Clinic", "en-GB", "+442079460000")
    hill = StoredClinic(0, "Hill Clinic", "en-IE", "+35312345678", "Europe/Dublin")
    id_ = add_clinic(logged.database, hill)
    write_clinic(logged.database, replace(hill, id=id_, name="Hall Clinic"))
    write_clinic(logged.database, replace(hill, id=id_, locale="en-ZZ"))
    write_clinic(logged.database, replace(hill, id=id_))
    eras = eras_of(logged.database, settings)
    (harbour,) = eras[CLINIC]
    assert "Harbour Clinic" in harbour.line.words["en"].of("intro_3", Medium.TEXT)
    assert len(eras[id_]) == 2
    assert eras[id_][-1].since < eras[id_][0].since
    assert {era.line.locale for era in eras[id_]} == {"en-IE"}


def test_a_turn_that_cannot_be_decided_any_more(
    logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> Turn:
        raise KeyError("hello")

    monkeypatch.setattr(module, "take_turn", fail)
    faults = logged.faults()
    assert len(faults) == 11
    assert all("the whole turn (KeyError) not as decided again" in fault for fault in faults)


def test_a_difference_is_named(logged: Logged) -> None:
    kept = [one for one in history(logged.database, logged.sealer, CLINIC) if one.contact == 2]
    first, urgent = kept[0].turn, kept[2].turn
    assert first is not None
    assert urgent is not None
    assert differences(urgent, urgent, LINE.flow) == []
    assert differences(urgent, changed(urgent, alerts=()), LINE.flow) == ["alerts"]
    assert differences(urgent, changed(urgent, number=9), LINE.flow) == ["place"]
    assert differences(urgent, changed(urgent, state=first.state), LINE.flow) == [
        "state",
        "tier",
    ]


# --- As it is typed -------------------------------------------------------------------------------


@pytest.fixture
def typed(logged: Logged, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Logged:
    monkeypatch.chdir(tmp_path)
    for name, value in {**CARRIER, "DATABASE_URL": logged.url}.items():
        monkeypatch.setenv(name, value)
    return logged


def run(*arguments: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(main, arguments, input=answer)


def test_replay_says_how_many(typed: Logged) -> None:
    done = run("replay", "--heads", "heads")
    assert done.exit_code == 0, done.output
    assert "3 conversations, 11 turns: 11 replayed, 0 erased" in done.output
    assert "No difference, and the chain is whole." in done.output
    assert Path("heads").read_text().count("\n") == 3
    assert run("replay", "--heads", "line.sqlite3").exit_code == 1


def test_replay_fails_at_a_fault_and_names_nobody(typed: Logged) -> None:
    typed.sql("UPDATE turns SET confidence = 0.1")
    done = run("replay")
    assert done.exit_code == 1
    assert "11 faults." in done.output
    for secret in ("hello", "thanks", "7700900"):
        assert secret not in done.output


def test_replay_with_another_key_says_so(typed: Logged, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKLINE_SECRET_KEY", "another-key-Zr5LwK9dHj3Yb7NcF4sPg6")
    done = run("replay")
    assert done.exit_code == 1
    assert "give the BACKLINE_SECRET_KEY" in done.output


@pytest.mark.parametrize("command", ["replay", "erase", "sign"])
def test_a_database_without_tables_is_a_sentence(
    command: str, typed: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///none.sqlite3")
    more = {
        "erase": ["--phone", "+447700900001", "--reason", "request", "--yes"],
        "sign": ["--name", "A", "--role", "B", "--registration", "C 1", "--yes"],
    }
    done = run(command, *more.get(command, []))
    assert done.exit_code == 1
    assert "DATABASE_URL says which one" in done.output


def test_erase_asks_first(typed: Logged) -> None:
    before = len(typed.faults())
    done = run("erase", "--phone", "+44 7700 900001", "--reason", "request", answer="n\n")
    assert done.exit_code == 1
    assert typed.replayed()[0].erased == before == 0
    done = run("erase", "--phone", "+44 7700 900001", "--reason", "request", answer="y\n")
    assert done.exit_code == 0
    assert "Erased: 2 conversations, 7 turns." in done.output
    assert typed.replayed()[0].erased == 7
    assert typed.faults() == []
    assert "Erased: 0" not in run("replay").output
    done = run("erase", "--phone", "+447700900001", "--reason", "request", "--yes")
    assert (done.exit_code, done.output) == (0, "Nothing is kept of that.\n")


def test_erase_one_conversation(typed: Logged) -> None:
    id_ = next(iter(history(typed.database, typed.sealer, CLINIC))).conversation
    done = run("erase", "--conversation", id_, "--reason", "request", "--yes")
    assert "Erased: 1 conversation, " in done.output
    assert run("export").output.count("\n") == 2


@pytest.mark.parametrize("which", [[], ["--phone", "12"], ["--phone", "+1", "--conversation", "x"]])
def test_erase_needs_to_know_what(typed: Logged, which: list[str]) -> None:
    assert run("erase", *which, "--reason", "request", "--yes").exit_code == 2
