"""What the import contracts in pyproject.toml cannot say."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
    "root_packages"
]
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
FLOWS = [path for path in MODULES if path.is_relative_to(ROOT / "flows")]

LINES_AT_MOST = 400  # aim at 250; beyond 400 a module holds two subjects

# The core decides from what it is given, so that a turn can be repeated, replayed and proved.
WORLD = {
    *("asyncio", "concurrent", "ctypes", "multiprocessing", "signal", "subprocess", "threading"),
    *("builtins", "inspect", "importlib", "logging", "os", "sys", "warnings"),
    *("fcntl", "glob", "io", "pathlib", "shutil", "tempfile"),
    *("http", "select", "socket", "ssl", "urllib"),
    *("random", "secrets", "time", "uuid", "zoneinfo"),
    *("pickle", "sqlite3"),
}
CLOCKS = {"now", "today", "utcnow"}
READERS = {"definition.py", "vocabulary.py"}  # they read the data that ships beside them
THIRD_PARTY = {"machine.py": {"transitions"}, "wording.py": {"smsutil"}}  # and msgspec for all

# A folder for whatever has no place: these names say nothing about what is inside.
VAGUE = {"base", "common", "helper", "helpers", "manager", "misc", "util", "utils"}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(path: Path) -> Iterator[str]:
    """Every module that is imported, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield f"{'.' * node.level}{node.module or ''}"


def calls(path: Path) -> Iterator[str]:
    """The last word of every call: `datetime.now()` and `now()` are both "now"."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            yield node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id


def test_modules_are_small() -> None:
    """A module is read in one sitting."""
    lines = {name(path): path.read_text(encoding="utf-8").count("\n") for path in MODULES}
    assert not {module: count for module, count in lines.items() if count > LINES_AT_MOST}


def test_imports_are_absolute() -> None:
    """An import says from which package it takes, so that the layers show in every file."""
    assert not {name(path) for path in MODULES if any(one.startswith(".") for one in imports(path))}


def test_a_module_is_called_after_what_it_is_about() -> None:
    """A drawer for odds and ends is where the next one would go, too."""
    assert not {name(path) for path in MODULES if path.stem in VAGUE}


@pytest.mark.parametrize("path", FLOWS, ids=name)
def test_the_core_needs_little(path: Path) -> None:
    """The core is standard library and msgspec, and in one module each one library more."""
    allowed = {"flows", "msgspec"} | THIRD_PARTY.get(path.name, set()) | sys.stdlib_module_names
    assert {module.partition(".")[0] for module in imports(path)} <= allowed


@pytest.mark.parametrize("path", FLOWS, ids=name)
def test_the_core_does_not_touch_the_world(path: Path) -> None:
    """No clock, no chance, no file, no network, no process: all it knows is handed to it."""
    found = {module for module in imports(path) if module.partition(".")[0] in WORLD}
    forbidden = {"open", "print", "input", "read_text", "read_bytes", *CLOCKS}
    if path.name in READERS:
        found -= {"importlib", "importlib.resources"}
        forbidden -= {"read_text", "read_bytes"}
    assert not found
    assert not forbidden & set(calls(path))
