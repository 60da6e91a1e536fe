"""One running desk for the tests of pages that only look, and those that change by themselves."""

from collections.abc import Iterator

import pytest

from tests.clinic.running import Desk, desk

WELL = ("hello", "agree", *["no"] * 13, "yes", "yes", *["no"] * 5, "yes")


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk with a few conversations; tests of it leave others' conversations alone."""
    with desk(tmp_path_factory.mktemp("desk")) as started:
        started.text("hello", "agree", "no", number="+12025550101")
        started.text(*WELL, number="+12025550102")
        started.text("hola", "acepto", "no", number="+12025550103")
        started.text("hello", "agree", "not sure", "purple", "elephant", "x", number="+12025550104")
        yield started
