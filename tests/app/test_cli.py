"""The command `backline`, as it is typed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app import check, serve
from app.cli import main
from app.serve import CannotServe
from app.settings import read_settings
from app.welcome import welcome
from flows.definition import Problem
from tests.app.server import Server
from tests.app.test_settings import CARRIER, read
from tests.flows.broken import question, smallest, with_flow


def run(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(main, arguments, input=typed)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with nothing in it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_names_its_commands() -> None:
    shown = run("--help").output
    for name in ("serve", "simulate", "check", "evaluate", "export", "db"):
        assert name in shown


def test_what_it_does_not_know_is_a_sentence() -> None:
    done = run("sreve")
    assert done.exit_code == 2
    assert "No such command 'sreve'" in done.output


def test_it_can_be_run_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app", "evaluate", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("Usage: ")


# --- check ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [(), ("--walk", "short")])
def test_a_safe_flow_is_proved_and_counted(
    how: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "line_to_walk", lambda: with_flow(smallest()))
    monkeypatch.setattr(check, "EVERYTHING", 1)
    monkeypatch.setattr(check, "SHORT", 1)
    done = run("check", *how)
    assert done.exit_code == 0
    assert "21 questions" in done.output
    assert "not signed off" in done.output
    assert "Proved: 19 invariants hold in" in done.output


def test_an_unsafe_flow_is_shown_by_the_shortest_conversation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken = question("bladder", yes=("see_doctor",))(monkeypatch)
    monkeypatch.setattr(check, "line_to_walk", lambda: broken)
    monkeypatch.setattr(check, "SHORT", 0)
    done = run("check", "--walk", "short")
    assert done.exit_code == 1
    assert "> text: yes\n< question.bladder\n> text: yes\n< see_doctor safety_net\n" in done.output
    assert "Unsafe: " in done.output


def test_every_problem_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    problems = (Problem("bladder", "leads nowhere"), Problem("en.saddle", "is empty"))
    monkeypatch.setattr(check, "read_problems", lambda: problems)
    done = run("check")
    assert done.exit_code == 1
    assert "bladder: leads nowhere\nen.saddle: is empty\n" in done.output
    assert "2 problems." in done.output


# --- serve, db ------------------------------------------------------------------------------------


def test_wrong_settings_are_said_and_nothing_starts(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", "none")
    monkeypatch.setenv("BACKLINE_LOCAL", "en-US")
    for command in (["serve"], ["db", "upgrade"], ["export"]):
        done = run(*command)
        assert done.exit_code == 2
        assert "PORT is not a number" in done.output
        assert "did you mean BACKLINE_LOCALE?" in done.output
    assert not list(folder.iterdir())


def test_the_tables_are_made_once(folder: Path) -> None:
    for _ in range(2):
        done = run("db", "upgrade")
        assert (done.exit_code, done.output) == (0, "The tables are up to date.\n")
    assert (folder / "backline.sqlite3").exists()


def test_a_database_that_is_away_is_a_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://nobody@/none?host={folder}")
    done = run("db", "upgrade")
    assert done.exit_code == 1
    assert "DATABASE_URL" in done.output
    assert "Traceback" not in done.output


def test_it_does_not_start_without_its_tables(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "backline.sqlite3").write_text("not a database at all, but long enough to be one")
    done = subprocess.run(
        [sys.executable, "-m", "app", "serve"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "does not start without its tables" in done.stderr
    assert "Traceback" not in done.stderr


def test_why_it_cannot_start_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise CannotServe("The port is taken.")

    monkeypatch.setattr(serve, "serve", fail)
    done = run("serve")
    assert (done.exit_code, done.output) == (1, "Error: The port is taken.\n")


def test_without_a_carrier_it_runs_with_keys_of_its_own(tmp_path: Path) -> None:
    """The first command of the README, on a machine with nothing set."""
    server = Server(tmp_path)
    names = ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "PUBLIC_URL", "BACKLINE_LOCALE"]
    names += ["BACKLINE_CLINIC_NAME", "BACKLINE_CLINIC_PHONE", "BACKLINE_SECRET_KEY"]
    server.environ = dict.fromkeys(names, "")
    with server:
        assert (tmp_path / ".backline" / "keys.env").exists()
        answer = server.wire.request("GET", "/healthz")
        assert json.loads(answer.data)["status"] == "ok"
        assert server.wire.request("POST", "/sms", b"Body=hello").status_code == 403
        # The port was given to the server alone.
        server.environ["PORT"] = ""
        words = ("--name", "Ann Example", "--login", "ann", "--role", "admin")
        done = server.command("staff", "add", *words)
        assert f"\n  http://localhost:{server.port}/desk/welcome/" in done.stdout, done.stderr
        assert server.stop() == 0
        done = server.command("staff", "reset", "ann")
        assert "\n  http://localhost:8000/desk/welcome/" in done.stdout


def test_it_says_what_to_do_next(tmp_path: Path) -> None:
    said = welcome(read(tmp_path), "backline")
    for path in ("/sms", "/sms/fallback", "/voice", "/voice/fallback", "/voice/status"):
        assert f"{CARRIER['PUBLIC_URL']}{path}\n" in said
    assert "backline simulate --as call" in said
    assert "not signed off" in said
    assert "/try" not in said


def test_it_says_where_it_can_be_tried_out(tmp_path: Path) -> None:
    said = welcome(read_settings({}, tmp_path), "backline")
    assert "\n  http://localhost:8000/try\n" in said


# --- simulate -------------------------------------------------------------------------------------


def test_a_conversation_by_text() -> None:
    done = run("simulate", typed="hello\nagree\n/more\nno\n\n/quit\n")
    assert done.exit_code == 0
    assert "= 3 segments, 458 septets" in done.output
    assert "asks saddle (T1, 2 of 21)" in done.output
    assert "There is no '/more'" in done.output
    assert "no_match by no_words" in done.output


def test_a_call_and_back_to_text() -> None:
    typed = "1\n/say 0.2 no\n1\n\n/press 9\n/hangup\nhello\n/text\n2\n/picture look\n/call\n1\n0\n"
    done = run("simulate", "--as", "call", "--locale", "en-GB", typed=typed)
    assert done.exit_code == 0
    for shown in (
        "Welcome to the back and neck massage check for Demo Clinic.",
        "I heard no. Press 1 if that is right",
        "waits for confirmation",
        "(nothing)",
        "nobody is on the line for 'hello': begin with /call",
        "By text from here on.",
        "| Any new loss of control of poo or wind",
        "You had begun by phone.",
        "the call is put through to the clinic",
    ):
        assert shown in done.output


def test_an_answer_that_is_none_is_said_to_be_none() -> None:
    """A text before its question can have been read; a key to a question that has gone."""
    done = run("simulate", typed="hello\nagree\n/wait 0.1s\n2\n")
    assert "-- no by digit.2; not taken as an answer: it came too soon" in done.output
    done = run("simulate", "--as", "call", typed="1\n2\n2\n/late 2\n")
    assert "not taken as an answer: that question is not asked any more" in done.output


def test_an_end_is_shown_with_its_tier() -> None:
    done = run("simulate", typed="i cant feel my bum\n/help\n")
    assert "flag: saddle by saddle." in done.output
    assert "ends: T1 emergency; the clinic is told: T1" in done.output
    assert "/wait 25h" in done.output


def test_what_is_saved_can_be_played(tmp_path: Path) -> None:
    saved = tmp_path / "saved.txt"
    typed = "hello\n1\n\nno\n/wait 0.1s\n2\n/call\n1\n/say 0.3 yes\n1\n/hangup\n/text\nthanks\n"
    assert run("simulate", "--save", str(saved), typed=typed).exit_code == 0
    done = run("simulate", "--script", str(saved))
    assert (done.exit_code, done.output) == (0, f"{saved}, by text: 12 steps as written.\n")


def test_a_script_is_played_on_each_of_its_channels() -> None:
    script = "tests/transcripts/t1_sticky.txt"
    done = run("simulate", "--script", script)
    assert done.output.splitlines() == [
        f"{script}, by text: 7 steps as written.",
        f"{script}, by phone: 7 steps as written.",
    ]
    assert run("simulate", "--script", script, "--as", "call").output.count("as written") == 1


def test_the_first_difference_ends_a_script(tmp_path: Path) -> None:
    script = tmp_path / "wrong.txt"
    script.write_text(
        "> hello\n< intro_1 intro_2 intro_3\n> 1\n< question.saddle\n= T1 emergency\n> 2\n"
    )
    done = run("simulate", "--script", str(script))
    assert done.exit_code == 1
    assert (
        "line 3, by text: > 1\n"
        "  - < question.saddle\n"
        "  - = T1 emergency\n"
        "  + < question.bladder\n"
        "(- as written, + as it went)\n"
    ) in done.output
    assert "Any new trouble peeing?" in done.output


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "nothing to play"),
        ("< intro_1\n", "line 1: '< intro_1' is no line of a transcript"),
        ("> hello\nwhat\n", "line 2: 'what' is no line"),
        ("> hello\n<\n", "line 2: '<' is no line"),
        ("> [nothing]\n", "line 1: '[nothing]' is no act: silence"),
        ("> [press]\n", "is no act"),
        ("> [call 9]\n", "is no act"),
        ("channels: fax\n> hello\n", "line 1: channels are text and call"),
        ("> hello\n< intro_1 intro_2 intro_3\n> [wait long]\n", "line 3: [wait long] is no time"),
        ("> hello\n= T1 emergency\n= T2 same_day\n", "line 3: it has ended already"),
        ("locale: xx-XX\n> hello\n", "there is no locale xx-XX"),
        ("channels: text\n> [press 9]\n", "by phone alone"),
        ("channels: text\n> [carrier NO] no\n", "[carrier NO] is no keyword"),
        ("channels: call\n> [silence]\n", "nobody is on the line"),
        (
            "channels: call\n> hi\n< intro_1 intro_2 intro_3\n> [say high] no\n",
            "[say high] is no confidence",
        ),
    ],
)
def test_a_script_that_cannot_be_played_says_where(text: str, fault: str, tmp_path: Path) -> None:
    (tmp_path / "script.txt").write_text(text)
    done = run("simulate", "--script", str(tmp_path / "script.txt"))
    assert done.exit_code == 1
    assert fault in done.output


def test_a_script_is_not_saved_while_it_is_played(tmp_path: Path) -> None:
    script = "tests/transcripts/t1_sticky.txt"
    done = run("simulate", "--script", script, "--save", str(tmp_path / "x"))
    assert done.exit_code == 2
