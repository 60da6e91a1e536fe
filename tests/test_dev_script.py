"""./dev and its lock files: with stand-ins for uv and Python, so that nothing is downloaded."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
LOCKS = ["requirements.txt", "requirements-dev.txt"]
COPIED = ["dev", "pyproject.toml", *LOCKS]
NEEDED = ["sh", "cat", "cut", "dirname", "flock", "mktemp", "rm", "sha256sum"]

# Writes down how it was called, and makes what the real one would.
UV = """#!/bin/sh
echo "$@" >>uv-calls
case $1 in venv) mkdir -p .venv/bin && cp "$0" .venv/bin/python ;; esac
[ ! -e uv-fails ] || exit 1
"""

# A Debian Python: it has no ensurepip, so it cannot make a virtual environment.
BARE_PYTHON = """#!/bin/sh
case $2 in venv) exit 1 ;; esac
"""


class Clone:
    """A copy of what ./dev reads, on a machine that has only the programs it is given."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.programs = folder / "programs"
        self.programs.mkdir()
        for name in COPIED:
            shutil.copy(ROOT / name, folder)
        for name in NEEDED:
            (self.programs / name).symlink_to(shutil.which(name) or name)

    def give(self, name: str, script: str) -> None:
        path = self.programs / name
        path.write_text(script)
        path.chmod(0o755)

    def dev(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        environment = {"PATH": str(self.programs), "TMPDIR": str(self.folder)}
        return subprocess.run(
            [f"{self.folder}/dev", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
        )

    def uv_calls(self) -> list[str]:
        """What uv was asked since the last look."""
        calls = self.folder / "uv-calls"
        lines = calls.read_text().splitlines() if calls.exists() else []
        calls.unlink(missing_ok=True)
        return lines


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    clone = Clone(tmp_path)
    clone.give("uv", UV)
    clone.give("mkdir", f'#!/bin/sh\nexec {shutil.which("mkdir")} "$@"\n')
    clone.give("cp", f'#!/bin/sh\nexec {shutil.which("cp")} "$@"\n')
    return clone


def installed(lock: str) -> list[str]:
    python = "--quiet --python .venv/bin/python"
    return [
        f"pip sync {python} --require-hashes {lock}",
        f"pip install {python} --no-deps --no-build-isolation --editable .",
    ]


MADE = "venv --quiet --python >=3.11 .venv"


def test_it_is_a_shell_script_that_can_be_run() -> None:
    """Whoever clones the repository can type ./dev at once."""
    assert os.access(ROOT / "dev", os.X_OK)
    subprocess.run(["sh", "-n", ROOT / "dev"], check=True)


def test_an_unknown_command_prints_the_usage(clone: Clone) -> None:
    """A slip of the finger costs nothing: nothing is installed."""
    answer = clone.dev("tset")
    assert answer.returncode == 2
    assert answer.stderr.startswith("Usage: ./dev COMMAND")
    assert clone.uv_calls() == []


def test_help_prints_the_usage(clone: Clone) -> None:
    """Asked for, the usage is an answer and no error."""
    assert clone.dev("help").returncode == 0
    assert clone.dev().stdout == clone.dev("--help").stdout


def test_a_second_set_up_does_nothing(clone: Clone) -> None:
    """What stands is not set up again, from whatever folder ./dev is called."""
    assert clone.dev("setup").returncode == 0
    assert clone.uv_calls() == [MADE, *installed("requirements-dev.txt")]
    assert clone.dev("setup").returncode == 0
    assert clone.uv_calls() == []


def test_running_needs_no_more_than_developing_has(clone: Clone) -> None:
    """The development lock holds all of the other: ./dev run after ./dev test installs nothing."""
    clone.dev("setup")
    clone.uv_calls()
    clone.dev("run")
    assert clone.uv_calls() == []


def test_running_installs_the_small_lock(clone: Clone) -> None:
    """Who only runs Backline gets no test tools; who then develops gets them."""
    clone.dev("run")
    assert clone.uv_calls() == [MADE, *installed("requirements.txt")]
    clone.dev("setup")
    assert clone.uv_calls() == installed("requirements-dev.txt")


def test_a_set_up_that_broke_off_begins_anew(clone: Clone) -> None:
    """Half an environment is never used: the next call starts from nothing."""
    (clone.folder / "uv-fails").touch()
    answer = clone.dev("setup")
    assert answer.returncode == 3
    assert answer.stderr.splitlines()[-1].endswith("then type the same command again.")
    (clone.folder / "uv-fails").unlink()
    (clone.folder / ".venv" / "left-over").touch()
    clone.uv_calls()
    assert clone.dev("setup").returncode == 0
    assert clone.uv_calls() == [MADE, *installed("requirements-dev.txt")]
    assert not (clone.folder / ".venv" / "left-over").exists()


@pytest.mark.parametrize(
    ("name", "rebuilt"), [("pyproject.toml", False), ("requirements.txt", True)]
)
def test_a_change_is_noticed(clone: Clone, name: str, rebuilt: bool) -> None:
    """After a git pull the next call installs what has changed, and only that."""
    clone.dev("setup")
    clone.uv_calls()
    with (clone.folder / name).open("a") as changed:
        changed.write("# changed\n")
    clone.dev("setup")
    assert clone.uv_calls() == [MADE] * rebuilt + installed("requirements-dev.txt")


def test_without_any_pip_one_line_says_what_to_type(tmp_path: Path) -> None:
    """Where Python has no pip and none can be borrowed, the way out is one command."""
    clone = Clone(tmp_path)
    clone.give("python3", BARE_PYTHON)
    answer = clone.dev("setup")
    assert answer.returncode == 3
    assert "type 'sudo apt-get install -y python3-venv'" in answer.stderr.splitlines()[-1]


def test_without_a_python_one_line_says_what_is_needed(tmp_path: Path) -> None:
    """The version needed is said before anything is made."""
    answer = Clone(tmp_path).dev("setup")
    assert answer.returncode == 3
    assert "needs Python 3.11 or newer" in answer.stderr.splitlines()[-1]


def pins(lock: str) -> dict[str, list[str]]:
    """Return the hashes of each pinned requirement, by the requirement."""
    text = re.sub(r"^ *#.*\n?", "", (ROOT / lock).read_text(), flags=re.MULTILINE)
    entries = text.replace("\\\n", " ").splitlines()
    return {entry.split("--hash")[0].strip(): entry.split("--hash=")[1:] for entry in entries}


@pytest.mark.parametrize("lock", LOCKS)
def test_everything_locked_is_pinned_and_hashed(lock: str) -> None:
    """What is installed is, byte for byte, what was locked."""
    for requirement, hashes in pins(lock).items():
        assert re.match(r"[a-z0-9.-]+(\[[a-z0-9,-]+\])?==[^ ]+( ; .*)?$", requirement)
        assert hashes
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64} *", one) for one in hashes)


@pytest.mark.parametrize("lock", LOCKS)
def test_the_locks_name_no_index(lock: str) -> None:
    """Where packages come from is each machine's own affair."""
    assert "://" not in (ROOT / lock).read_text()


def test_the_locks_agree() -> None:
    """The tests run on the very versions that run in front of patients."""
    runtime, dev = (pins(lock) for lock in LOCKS)
    assert runtime.items() <= dev.items()


def test_the_locks_are_up_to_date() -> None:
    """Each dependency in pyproject.toml is locked at a version that it allows."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    locked = {
        name.partition("[")[0]: version  # an extra is named with what it is one of
        for requirement in pins("requirements-dev.txt")
        for name, version in [requirement.split(" ")[0].split("==")]
    }
    groups = project["dependency-groups"].values()
    wanted = project["project"]["dependencies"] + [
        one for group in groups for one in group if isinstance(one, str)
    ]
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(locked[requirement.name])
