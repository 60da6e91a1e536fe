"""The log of a clinic in a database of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.database import Database
from store.migrate import upgrade
from store.turns import TurnLog
from tests.exports.talking import kept


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[tuple[Database, TurnLog]]:
    url = f"sqlite:///{tmp_path}/line.sqlite3"
    upgrade(url)
    with kept(url) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest) -> Iterator[tuple[Database, TurnLog]]:
    """As `shelf`, on both kinds of database."""
    if request.param == "sqlite":
        yield request.getfixturevalue("shelf")
        return
    url: str = request.getfixturevalue("postgres_url")
    upgrade(url)
    with kept(url) as opened:
        yield opened


@pytest.fixture
def database(shelf: tuple[Database, TurnLog]) -> Database:
    return shelf[0]


@pytest.fixture
def log(shelf: tuple[Database, TurnLog]) -> TurnLog:
    return shelf[1]
