"""The heads of the chain: for each contact how many turns there were, and the chain at the last.

Kept away from the database, they tell when the newest turns of a contact were cut off, which the
chain by itself cannot.
"""

from pathlib import Path
from typing import Final

from store.history import Kept

_TITLE: Final = "# backline heads: contact, turns, chain at the last of them"


class HeadsError(Exception):
    """A file of heads that cannot be read or written; the message is a sentence."""


class Heads:
    """Compares the heads in a file with the log as it passes, and then writes the new ones."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._noted = _read(path)
        self._found: dict[int, tuple[int, str]] = {}

    def see(self, kept: Kept) -> str:
        """What the head at this row says against it; "" for nothing."""
        chain = kept.chain.hex()
        self._found[kept.contact] = (kept.ordinal, chain)
        ordinal, noted = self._noted.get(kept.contact, (0, ""))
        if ordinal != kept.ordinal:
            return ""
        del self._noted[kept.contact]
        return "" if noted == chain else "its chain is not the one that was noted"

    def missing(self) -> list[str]:
        """The contacts whose noted turn has not passed."""
        return [
            f"contact {contact}: turn {ordinal} was there and is not"
            for contact, (ordinal, _) in self._noted.items()
        ]

    def write(self) -> None:
        """Note what has passed. HeadsError: it could not be written."""
        lines = [_TITLE, *(f"{c} {ordinal} {chain}" for c, (ordinal, chain) in self._found.items())]
        part = self._path.with_name(f"{self._path.name}.part")
        try:
            part.write_text("\n".join([*lines, ""]), encoding="ascii")
            part.replace(self._path)
        except OSError as error:
            raise HeadsError(f"{self._path} cannot be written: {error.strerror}.") from None


def _read(path: Path) -> dict[int, tuple[int, str]]:
    try:
        title, *lines = path.read_text(encoding="ascii").splitlines()
        rows = [line.split() for line in lines]
        if title != _TITLE:
            raise HeadsError(f"{path} holds no heads: name another file.")
        return {int(contact): (int(ordinal), chain) for contact, ordinal, chain in rows}
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise HeadsError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise HeadsError(f"{path} holds no heads: name another file.") from None
