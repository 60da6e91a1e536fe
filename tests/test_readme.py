"""Every command of the README is run, and what it shows is what comes out."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from app.player import InMemory, Player
from exports.transcript import TEXT, read_act
from flows.line import build_line
from flows.wording import Clinic, length

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
COMMANDS = [block.strip() for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)]

RUN_ELSEWHERE = {
    "./dev run": "tests/test_dev_script.py",
    "./dev test": "this very run",
    "./dev bench": "tests/test_bench.py",
    "./dev chaos": "tests/test_chaos.py",
    ".venv/bin/backline serve": "tests/test_end_to_end.py",
    ".venv/bin/backline serve --only-web": "tests/app/test_beside.py",
    ".venv/bin/backline worker": "tests/app/test_beside.py",
    ".venv/bin/backline clock": "tests/app/test_beside.py",
    ".venv/bin/backline twilio connect --dry-run": "tests/app/test_connect.py",
    ".venv/bin/backline doctor": "tests/app/test_doctor.py",
    '.venv/bin/backline sign --name "Ann Example" --role "Clinical safety officer"'
    ' --registration "GMC 0000000"': "tests/app/test_sign.py",
    ".venv/bin/backline evaluate tests/answers/answers.tsv": "tests/app/test_evaluate.py",
}
"""Commands that set a machine up, need a carrier or this folder, or do not end by themselves."""

SHOWN = {
    command.strip(): shown.splitlines()
    for command, shown in re.findall(r"```sh\n([^`]*?)```\n\n```text\n([^`]*?)```", README)
    if "> " not in shown
}
"""What the README shows below a command that asks nothing back."""

NEEDS_TABLES = (
    "export",
    "replay",
    "erase",
    "block",
    "db rebuild",
    "staff",
    "retention",
    "rota",
    '-c "import sqlite3',
)

FAST = [command for command in COMMANDS if command not in RUN_ELSEWHERE]


def run(command: str, folder: Path, typed: str = "") -> str:
    """The command as it stands, in an empty folder that has the same `.venv`."""
    (folder / ".venv").symlink_to(ROOT / ".venv")
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TWILIO_", "BACKLINE_", "DATABASE_URL", "PUBLIC_URL", "COV"))
    }
    done = subprocess.run(
        shlex.split(command),
        cwd=folder,
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_readme_has_its_commands() -> None:
    assert set(RUN_ELSEWHERE) <= set(COMMANDS)
    assert FAST


@pytest.mark.parametrize("command", FAST)
def test_each_command_does_what_it_says(command: str, tmp_path: Path) -> None:
    if command.partition(" ")[2].startswith(NEEDS_TABLES):
        run(".venv/bin/backline db upgrade", tmp_path)
        (tmp_path / ".venv").unlink()
    printed = run(command, tmp_path).splitlines()
    assert [line for line in SHOWN.get(command, ()) if line not in printed] == []


def test_the_conversation_that_is_shown_is_the_one_that_comes_out(tmp_path: Path) -> None:
    shown = re.search(r"```text\n(.*?)```", README, re.DOTALL)
    assert shown is not None
    lines = shown.group(1).splitlines()
    typed = "".join(line.removeprefix("> ") + "\n" for line in lines if line.startswith("> "))
    printed = run(".venv/bin/backline simulate --as text", tmp_path, typed)
    for line in lines:
        assert line in printed.splitlines()


@pytest.mark.parametrize(
    ("locale", "name", "segments"),
    [
        *(("en-US", 12, 3), ("en-US", 13, 4), ("en-GB", 12, 3), ("en-GB", 40, 4)),
        *(("es-ES", 4, 4), ("es-ES", 40, 4)),
    ],
)
def test_a_name_costs_what_is_said(locale: str, name: int, segments: int) -> None:
    line = build_line(locale, Clinic("C" * name, "+12025550143", "(202) 555-0143"), 0)
    turn = Player(line, TEXT, InMemory(line)).play(read_act("hello"))
    assert turn is not None
    (message,) = turn.said
    assert length("\n\n".join(part.words for part in message)).parts == segments


def test_every_link_leads_somewhere() -> None:
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md")):
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_every_page_of_the_docs_is_linked() -> None:
    """From the README, or from a page that is."""
    found, wanted = {ROOT / "README.md"}, [ROOT / "README.md"]
    while wanted:
        page = wanted.pop()
        for link in re.findall(r"\]\(([^)#:]+\.md)\)", page.read_text()):
            there = (page.parent / link).resolve()
            if there not in found:
                found.add(there)
                wanted.append(there)
    # The list of decisions is their folder.
    listed = {page.parent for page in found if page.name == "README.md"}
    pages = {page for page in ROOT.glob("docs/**/*.md") if page.parent not in listed}
    assert pages - found == set()
