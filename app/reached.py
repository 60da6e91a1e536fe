"""Where a line that is tried out is reached: left beside its keys, for commands on this machine.

`PORT` may have been given to the server alone; the link that `staff add` prints must lead to it all
the same.
"""

from contextlib import suppress
from pathlib import Path
from typing import Final

from app.keys import FOLDER
from app.settings import Settings

FILE: Final = "address"


def reached_at(settings: Settings, folder: Path | None = None) -> str:
    """Where browsers reach the service, without a slash at its end.

    `folder`: where the server was started; None: the working folder.
    """
    with suppress(OSError):
        noted = _file(folder).read_text(encoding="ascii").strip()
        if noted and not settings.carrier and not settings.public_url:
            return noted
    return settings.public_url or _here(settings)


def leave_address(settings: Settings, folder: Path | None = None) -> None:
    """Say where this server is reached, if it has keys of its own; where it cannot, let it be."""
    if not settings.carrier:
        with suppress(OSError):
            _file(folder).write_text(f"{_here(settings)}\n", encoding="ascii")


def take_address(settings: Settings, folder: Path | None = None) -> None:
    """Take back what this server said, but not what another one has said since."""
    with suppress(OSError):
        if _file(folder).read_text(encoding="ascii").strip() == _here(settings):
            _file(folder).unlink()


def _here(settings: Settings) -> str:
    return f"http://localhost:{settings.port}"


def _file(folder: Path | None) -> Path:
    return (folder or Path.cwd()) / FOLDER / FILE
