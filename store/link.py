"""One connection to a database: what its kinds have in common."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from store.query import Query, Row

Write = tuple[Query, Mapping[str, Any]]
"""A statement, and the values of its parameters by name."""


class Link(Protocol):
    """One connection, used by one thread at a time.

    Every method raises `StoreError` when the database fails, and `Lost` when the connection
    broke under it; after either of them a link is closed and not used again.
    """

    def read(self, query: Query, values: Mapping[str, Any]) -> list[Row]:
        """The rows that `query` finds."""

    def write(self, writes: Sequence[Write]) -> None:
        """Do all of `writes` in one transaction, on the disk when this returns, or none.

        `Conflict`: a unique key is taken, by somebody who wrote first.
        """

    def change(self, query: Query, values: Mapping[str, Any]) -> list[Row]:
        """Do one write that returns rows, in a transaction of its own, and give these.

        On the disk when this returns, or not done. Conflict: as for `write`.
        """

    def usable(self) -> bool:
        """Whether it still leads to the database; costs no round trip, so it may be mistaken."""

    def durability(self) -> str:
        """Why a committed turn would not survive a power cut; "" where it does."""

    def close(self) -> None:
        """Let go of everything; never raises."""
