"""Fixtures for every test."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser import Visitor, chromium, visiting
from tests.postgres import PostgresServer


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The tests' own PostgreSQL server, started by the first test that asks for it."""
    with PostgresServer() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """The URL of an empty database; a test may stop the server, the next one finds it running."""
    url = postgres.new_database()
    yield url
    postgres.start()
    postgres.drop_database(url)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real browser, started by the first test that asks for it."""
    with chromium() as started:
        yield started


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Visitor]:
    """Somebody at a browser with a wide window and no cookies; tests/browser.py has others."""
    with visiting(browser) as somebody:
        yield somebody
