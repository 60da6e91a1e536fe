"""Fixtures for every test."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser import Visitor, chromium, visiting
from tests.postgres import PostgresServer

LONG = (
    "tests/flows/test_proof.py",
    "tests/clinic/test_pages_in_a_browser.py",
    "tests/clinic/test_in_the_browser.py",
    "tests/test_end_to_end.py",
    "tests/test_chaos.py",
    "tests/test_readme.py",
    "tests/handset/test_in_the_browser.py",
    "tests/app/test_cli.py",
    "tests/app/test_replay.py",
    "tests/test_bench.py",
    "tests/app/test_a_day.py",
)
"""The modules that take longest. They come first, so that no worker is left alone with one."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    place = {name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.nodeid.partition("::")[0], len(LONG)))


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
