"""The figures for Prometheus, from the real server with its two workers."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from duty.delivery import Due, Lane
from store.database import Database
from store.heartbeats import WORKER, beat, this_process
from store.outbox import Outbox
from tests.app.server import Answer, Server
from tests.twiml_player import Texter

TOKEN = "a-token-of-the-tests"
NUMBER = "+12025550177"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("metrics")
    with Server(folder, {"BACKLINE_METRICS_TOKEN": TOKEN}) as server:
        yield server


def read(server: Server, token: str = TOKEN) -> Answer:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return server.wire.request("GET", "/metrics", headers=headers)


def figures(server: Server) -> dict[tuple[str, tuple[str, ...]], float]:
    """Each sample's value by its name and the values of its labels."""
    answer = read(server)
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.data.decode())
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }


def test_turns_are_counted_over_all_workers(server: Server) -> None:
    """By channel and tier, with their time; a request that comes again is no turn."""
    texter = Texter(server.carrier(), NUMBER)
    texter.text("hello")
    texter.text("agree")
    texter.text("i cant feel my bum")
    form = {"MessageSid": "SM-again", "From": "+12025550178", "To": "+12025550143", "Body": "hi"}
    for _ in range(2):
        server.carrier().post(f"{server.public_url}/sms", form)
    found = figures(server)
    assert found["backline_turns_total", ("sms", "open")] == 3
    assert found["backline_turns_total", ("sms", "T1")] == 1
    assert found["backline_repeated_requests_total", ()] == 1
    assert found["backline_turn_seconds_count", ("sms",)] == 4
    assert 0 < found["backline_turn_seconds_sum", ("sms",)] < 10
    assert found["backline_database_up", ()] == 1
    assert found["backline_unacknowledged_alerts", ("T1",)] == 1
    assert found["backline_unacknowledged_alerts_oldest_seconds", ("T1",)] >= 0


def test_no_word_and_no_number_is_in_it(server: Server) -> None:
    Texter(server.carrier(), NUMBER).text("my leg is numb")
    said = read(server).data.decode()
    assert "numb " not in said
    assert NUMBER[1:] not in said
    assert "Harbour" not in said


def test_what_waits_is_read_from_the_database(server: Server) -> None:
    database, now = Database(f"sqlite:///{server.folder}/backline.sqlite3"), datetime.now(UTC)
    early = now - timedelta(minutes=5)
    due = [
        Due(f"test:{number}", 1, "advice", now, due_at=at, lane=Lane.URGENT)
        for number, at in enumerate((early, now, now + timedelta(hours=1)))
    ]
    queue = ("backline_queue", ("urgent",))
    before = figures(server).get(queue, 0)  # the ladder of a T1, where somebody has had one
    Outbox(database).put(*due)
    beat(database, this_process(WORKER, now), now)
    database.close()
    found = figures(server)
    assert found[queue] == before + 2
    assert 299 < found["backline_queue_oldest_seconds", ("urgent",)] < 400
    assert found["backline_deliveries", ("advice", "waiting")] == 3
    assert found["backline_processes", ("worker",)] == 1


@pytest.mark.parametrize("token", ["", "another-token-of-tests", "ünknown"])
def test_only_who_has_the_token_reads_them(server: Server, token: str) -> None:
    """On this machine too: behind a proxy on it, everybody is on it."""
    answer = read(server, token)
    assert answer.status_code == 401
    assert answer.data == b""


def test_without_a_token_there_are_none(tmp_path_factory: pytest.TempPathFactory) -> None:
    with Server(tmp_path_factory.mktemp("none")) as server:
        assert read(server).status_code == 404
