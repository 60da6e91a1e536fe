"""The heads of the chains: for each contact how many turns there were, and the chain at the last.

For each clinic's audit log the same of its entries. Kept away from the database, they tell when
the newest turns of a contact, or entries of a log, were cut off, which a chain by itself cannot.
"""

from pathlib import Path
from typing import Final

from store.audit import Checked
from store.history import Kept

_TITLE: Final = "# backline heads: contact, turns, chain at the last of them"
_AUDIT: Final = "audit-"


class HeadsError(Exception):
    """A file of heads that cannot be read or written; the message is a sentence."""


class Heads:
    """Compares the heads in a file with the log as it passes, and then writes the new ones."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._noted = _read(path)
        self._found: dict[str, tuple[int, str]] = {}

    def see(self, kept: Kept) -> str:
        """What the head at this row says against it; "" for nothing."""
        return self._see(str(kept.contact), kept.ordinal, kept.chain)

    def see_entry(self, clinic: int, entry: Checked) -> str:
        """As `see`, of an entry of a clinic's audit log."""
        return self._see(f"{_AUDIT}{clinic}", entry.number, entry.chain)

    def _see(self, whose: str, ordinal: int, chain: bytes) -> str:
        self._found[whose] = (ordinal, chain.hex())
        noted, head = self._noted.get(whose, (0, ""))
        if noted != ordinal:
            return ""
        del self._noted[whose]
        return "" if head == chain.hex() else "its chain is not the one that was noted"

    def missing(self) -> list[str]:
        """Whose noted turn or entry has not passed."""
        return [
            f"{_named(whose)} {ordinal} was there and is not"
            for whose, (ordinal, _) in self._noted.items()
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


def _named(whose: str) -> str:
    clinic = whose.removeprefix(_AUDIT)
    return f"contact {whose}: turn" if clinic == whose else f"audit log of clinic {clinic}: entry"


def _read(path: Path) -> dict[str, tuple[int, str]]:
    try:
        title, *lines = path.read_text(encoding="ascii").splitlines()
        rows = [line.split() for line in lines]
        if title != _TITLE:
            raise HeadsError(f"{path} holds no heads: name another file.")
        return {whose: (int(ordinal), chain) for whose, ordinal, chain in rows}
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise HeadsError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise HeadsError(f"{path} holds no heads: name another file.") from None
