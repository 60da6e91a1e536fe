"""A real server without a carrier, which several tests try out."""

from collections.abc import Iterator

import pytest

from tests.app.server import Server


@pytest.fixture(scope="session")
def trying(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A line that no carrier is connected to, with two processes that answer."""
    with Server(tmp_path_factory.mktemp("trial"), environ=WITHOUT_CARRIER) as server:
        yield server


WITHOUT_CARRIER = {"TWILIO_ACCOUNT_SID": "", "TWILIO_AUTH_TOKEN": ""}
