"""What is shipped: the wheel is built, unpacked elsewhere, and used from there."""

import shlex
import subprocess
import sys
import tomllib
import zipfile
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]


def python(*arguments: str, cwd: Path) -> str:
    """Run the Python of the tests in `cwd` and return what it prints."""
    answer = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's contents, which is all that installing a wheel of Python does."""
    built, site = tmp_path_factory.mktemp("built"), tmp_path_factory.mktemp("site")
    python("-m", "hatchling", "build", "--target", "wheel", "--directory", str(built), cwd=ROOT)
    [wheel] = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return site


@pytest.mark.parametrize("package", PACKAGES)
def test_the_wheel_holds_every_file(site: Path, package: str) -> None:
    """Flow data, migrations, templates: each file in a package is shipped, whatever its kind."""
    files = (path for path in (ROOT / package).rglob("*") if path.is_file())
    written = {path.relative_to(ROOT) for path in files if "__pycache__" not in path.parts}
    shipped = {path.relative_to(site) for path in (site / package).rglob("*") if path.is_file()}
    assert shipped == written


def test_the_wheel_holds_nothing_else(site: Path) -> None:
    """Neither tests nor benchmark nor anybody's keys are shipped."""
    metadata = f"backline-{PROJECT['project']['version']}.dist-info"
    assert {path.name for path in site.iterdir()} == {*PACKAGES, metadata}


def test_the_wheel_cannot_be_published(site: Path) -> None:
    """An index refuses what carries this classifier."""
    [metadata] = site.glob("*.dist-info/METADATA")
    assert "Classifier: Private :: Do Not Upload" in metadata.read_text()


def test_the_command_runs_from_the_wheel(site: Path, tmp_path: Path) -> None:
    """The command that the wheel installs starts, and from the wheel's files alone."""
    entry_points = ConfigParser()
    entry_points.read(next(site.glob("*.dist-info/entry_points.txt")))
    module, _, function = entry_points["console_scripts"]["backline"].partition(":")
    program = f"""
import sys
sys.path.insert(0, {str(site)!r})
import {module}
assert all(sys.modules[name].__file__.startswith({str(site)!r}) for name in {PACKAGES!r}
           if name in sys.modules)
{module}.{function}(["--help"])
"""
    assert python("-c", program, cwd=tmp_path).startswith("Usage:")


@pytest.mark.parametrize("line", (ROOT / "Procfile").read_text().splitlines())
def test_the_procfile_names_what_exists(line: str) -> None:
    """Each process of the Procfile is a command that can be started with these options."""
    _, _, command = line.partition(": ")
    program, *arguments = shlex.split(command.replace("${PORT:-8000}", "8000"))
    if program == "python":
        python(*arguments, "--help", cwd=ROOT)
    else:
        python("-m", program, *arguments, "--help", cwd=ROOT)
        module, _, function = arguments[-1].partition(":")
        python("-c", f"import {module}; assert callable({module}.{function})", cwd=ROOT)
