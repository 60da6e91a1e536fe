"""Fixtures for every test."""

from collections.abc import Iterator

import pytest

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
