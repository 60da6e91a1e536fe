"""Databases for the tests of what the application puts together."""

from tests.store.conftest import (
    postgres_emptied,
    postgres_shared,
    postgres_template,
    sqlite_file,
    sqlite_template,
    url,
)

__all__ = [
    "postgres_emptied",
    "postgres_shared",
    "postgres_template",
    "sqlite_file",
    "sqlite_template",
    "url",
]
