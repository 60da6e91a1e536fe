"""Keys of one's own, for a line that is tried out without a carrier's account.

They are made at the first start and kept, so that what was written can be read after the next one.
The folder that they stand in tells git to ignore it.
"""

import fcntl
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from app.environment import WrongSettings, read_env_file

FOLDER = ".backline"
FILE = "keys.env"


@dataclass(frozen=True, slots=True)
class Keys:
    """What stands in for a carrier's account and for the clinic's key."""

    account_sid: str
    auth_token: str = field(repr=False)
    secret_key: str = field(repr=False)


def own_keys(folder: Path) -> Keys:
    """The keys kept under `folder`, made there first if there are none.

    Safe when several processes ask at once: one makes them, all get the same. WrongSettings is
    raised where they cannot be kept or read.
    """
    try:
        path = _kept(folder)
        values, faults = read_env_file(path)
    except OSError as error:
        reason = f"Keys cannot be kept in {folder / FOLDER} ({error.strerror})"
        raise WrongSettings([f"{reason}: let Backline write there."]) from error
    found = [values.get(name, "") for name in ("ACCOUNT_SID", "AUTH_TOKEN", "SECRET_KEY")]
    if faults or not all(found):
        remedy = "put its copy back, or remove it: new keys cannot read older conversations."
        raise WrongSettings([f"{path} is damaged: {remedy}"])
    account_sid, auth_token, secret_key = found
    return Keys(account_sid, auth_token, secret_key)


def _kept(folder: Path) -> Path:
    """The file of keys, which is made if it is not there."""
    home = folder / FOLDER
    home.mkdir(mode=0o700, exist_ok=True)
    path = home / FILE
    with (home / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            _write(home / ".gitignore", "*\n")
            _write(path, _new())
    path.chmod(0o600)
    return path


def _new() -> str:
    return (
        "# Made by Backline for a line without a carrier's account. Keep it: with other keys\n"
        "# the conversations in the database cannot be read.\n"
        f"ACCOUNT_SID=AC{secrets.token_hex(16)}\n"
        f"AUTH_TOKEN={secrets.token_hex(16)}\n"
        f"SECRET_KEY={secrets.token_urlsafe(48)}\n"
    )


def _write(path: Path, text: str) -> None:
    """Write a file that only its owner may read, wholly or not at all."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(path)
