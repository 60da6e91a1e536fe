"""Whatever the carrier does, nothing is lost, and nothing is sent twice that can be known."""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.deliveries import LEASE, Deliveries, Late, Over, Wait
from app.rounds import Rounds
from app.works import SENDING
from duty.delivery import Due, Job, Lane, Stage
from flows.wording import length
from store.alerts import raise_writes
from store.link import Write
from telephony.outgoing import Call, DeliveryError, Outgoing, Taken, Text
from tests.twilio_api import Break, Fault, Lose, Refuse
from tests.works import ANN, LINE, Plant

NEWS = "https://line.example/sms/status?job="


@dataclass
class Says:
    """A handler that says what it is told to; `told`: why what did not arrive."""

    plant: Plant
    says: Outgoing | Wait | Over | Late | Exception | None = None
    told: list[str] = field(default_factory=list)

    def prepare(self, job: Job, at: datetime) -> Outgoing | Wait | Over | Late:
        if isinstance(self.says, Exception):
            raise self.says
        return self.says or Text(ANN, LINE, f"About {job.key}.")

    def failed(self, job: Job, reason: str, at: datetime) -> Iterable[Write]:
        self.told.append(reason)
        yield from raise_writes(self.plant.works.database, 1, None, f"undelivered:{job.key}", at)


@dataclass
class Desk:
    """A plant whose outbox holds what a test puts there."""

    plant: Plant
    handler: Says
    deliveries: Deliveries

    def put(self, *keys: str, lane: Lane = Lane.URGENT) -> None:
        outbox, at = self.deliveries.outbox, self.plant.at
        outbox.put(*(Due(key, 1, "test", at, lane=lane) for key in keys))

    def passes(self, **time: float) -> int:
        """Let time pass, then work off what is due; how many rows that was."""
        self.plant.at += timedelta(**time)
        return Rounds(self.deliveries, SENDING).once()

    def job(self, key: str = "a") -> Job:
        job = self.deliveries.outbox.of_key(key)
        assert job is not None
        return job

    @property
    def sent(self) -> list[str]:
        return [text.body for text in self.plant.twilio.texts]


@pytest.fixture
def desk(sqlite_file: Path) -> Iterator[Desk]:
    with Plant(f"sqlite:///{sqlite_file}") as plant:
        handler = Says(plant)
        yield Desk(plant, handler, replace(plant.works.deliveries, handlers={"test": handler}))


def test_what_is_due_is_sent_once(desk: Desk) -> None:
    desk.put("a")
    assert desk.passes() == 1
    assert desk.sent == ["About a."]
    job = desk.job()
    assert (job.stage, job.attempts, job.carrier_state) == (Stage.SENT, 1, "queued")
    assert job.carrier_sid == desk.plant.twilio.texts[0].sid
    assert desk.plant.twilio.texts[0].form["StatusCallback"] == f"{NEWS}{job.id}"
    assert desk.passes(minutes=1) == 0


def test_a_call_is_placed(desk: Desk) -> None:
    desk.handler.says = Call(ANN, LINE, "https://line.example/alert")
    desk.put("a")
    desk.passes()
    (call,) = desk.plant.twilio.calls
    assert call.form["StatusCallback"] == f"https://line.example/voice/status?job={desk.job().id}"
    assert desk.plant.twilio.tell(desk.plant.line, call, "completed", "ringing") == [204, 204]
    assert desk.job().stage is Stage.DELIVERED


def test_what_is_refused_for_good_is_told(desk: Desk) -> None:
    desk.plant.twilio.faults.append(Refuse(400, 21211))
    desk.put("a")
    desk.passes()
    desk.passes(hours=1)
    assert (desk.job().stage, desk.job().error_code) == (Stage.FAILED, 21211)
    assert (desk.job().reason, desk.handler.told) == ("refused", ["refused"])
    assert desk.plant.alerts() == ["undelivered:a"]


@pytest.mark.parametrize(
    "fault", [Refuse(429, 20429), Refuse(400, 21611), Refuse(401, 20003), Refuse(403)]
)
def test_what_may_be_taken_later_is_tried_again(desk: Desk, fault: Fault) -> None:
    desk.plant.twilio.faults += [fault, fault]
    desk.put("a")
    desk.passes()
    assert desk.job().stage is Stage.WAITING
    desk.passes(seconds=4)
    desk.passes(seconds=8)
    assert desk.sent == ["About a."]
    assert (desk.job().stage, desk.job().attempts) == (Stage.SENT, 3)
    assert "GET Messages.json" not in desk.plant.twilio.requests


def test_the_carrier_says_how_long_to_wait(desk: Desk) -> None:
    desk.plant.twilio.faults.append(Refuse(429, 20429, retry_after=300))
    desk.put("a")
    desk.passes()
    assert desk.passes(seconds=299) == 0
    assert desk.passes(seconds=1) == 1
    assert desk.sent == ["About a."]


@pytest.mark.parametrize("fault", [Lose(), Break()])
@pytest.mark.parametrize("lane", SENDING)
def test_what_was_taken_without_an_answer_is_not_sent_again(
    desk: Desk, fault: Fault, lane: Lane
) -> None:
    desk.plant.twilio.faults.append(fault)
    desk.put("a", lane=lane)
    desk.passes()
    assert (desk.job().stage, desk.job().reason) == (Stage.SENDING, "unknown")
    desk.passes(seconds=10)
    assert desk.sent == ["About a."]
    assert desk.job().stage is Stage.SENT
    assert desk.job().carrier_sid == desk.plant.twilio.texts[0].sid


@pytest.mark.parametrize("lane", SENDING)
def test_what_was_not_taken_is_sent_after_looking(desk: Desk, lane: Lane) -> None:
    desk.plant.twilio.faults.append(Refuse(503))
    desk.put("a", lane=lane)
    desk.passes()
    assert desk.passes(seconds=10) == 1
    assert desk.sent == ["About a."]
    assert desk.plant.twilio.requests == [
        "POST Messages.json",
        "GET Messages.json",
        "POST Messages.json",
    ]


def killed_while(desk: Desk, *, taken: bool) -> None:
    """A worker that dies after it has noted that it asks, before or after the carrier took it."""
    (job,) = desk.deliveries.outbox.claim(Lane.URGENT, "killed", desk.plant.at, LEASE)
    assert desk.deliveries.outbox.trying(job, desk.plant.at)
    if taken:
        form = {"To": ANN, "From": LINE, "Body": f"About {job.key}."}
        desk.plant.twilio.take("Messages", form)


@pytest.mark.parametrize("taken", [True, False])
def test_a_killed_worker_is_followed_up(desk: Desk, taken: bool) -> None:
    desk.put("a")
    killed_while(desk, taken=taken)
    assert desk.passes(seconds=59) == 0
    assert desk.passes(seconds=2) == 1
    assert desk.sent == ["About a."]
    assert desk.job().stage is Stage.SENT


def test_the_news_of_a_lost_answer_settles_it(desk: Desk) -> None:
    desk.plant.twilio.faults.append(Lose())
    desk.put("a")
    desk.passes()
    (text,) = desk.plant.twilio.texts
    desk.plant.twilio.tell(desk.plant.line, text, "delivered", "sent", "delivered")
    assert desk.passes(minutes=5) == 0
    assert (desk.job().stage, desk.job().carrier_sid) == (Stage.DELIVERED, text.sid)
    assert len(desk.sent) == 1


def test_two_that_say_the_same_are_not_taken_for_one(desk: Desk) -> None:
    desk.handler.says = Text(ANN, LINE, "The same.")
    desk.put("a")
    desk.passes()
    desk.plant.twilio.faults.append(Refuse(500))
    desk.put("b")
    desk.passes()
    desk.passes(seconds=10)
    assert len(desk.sent) == 2
    assert desk.job().carrier_sid != desk.job("b").carrier_sid


class NoLookUp:
    """A carrier that takes nothing back: its lists may not be read."""

    def __init__(self, carrier: Deliveries, error: DeliveryError) -> None:
        self._carrier, self._error = carrier.carrier, error

    def take(self, outgoing: Outgoing) -> Taken:
        assert self._carrier is not None
        return self._carrier.take(outgoing)

    def find(self, outgoing: Outgoing, since: datetime) -> list[Taken]:
        raise self._error

    def text(self, sid: str) -> Taken:
        raise self._error


@pytest.mark.parametrize(("lane", "times"), [(Lane.URGENT, 2), (Lane.ORDINARY, 1)])
def test_where_nothing_can_be_known_only_what_is_urgent_is_doubled(
    desk: Desk, lane: Lane, times: int
) -> None:
    refuses = NoLookUp(desk.deliveries, DeliveryError(permanent=True, code=20404))
    desk.deliveries = replace(desk.deliveries, carrier=refuses)
    desk.plant.twilio.faults.append(Lose())
    desk.put("a", lane=lane)
    desk.passes()
    desk.passes(seconds=10)
    assert desk.sent == ["About a."] * times
    assert desk.handler.told == ([] if lane is Lane.URGENT else ["unknown"])


def test_where_the_carrier_cannot_be_asked_it_is_asked_later(desk: Desk) -> None:
    away = NoLookUp(desk.deliveries, DeliveryError())
    desk.plant.twilio.faults.append(Lose())
    desk.put("a")
    desk.passes()
    with_it = desk.deliveries
    desk.deliveries = replace(desk.deliveries, carrier=away)
    desk.passes(seconds=10)
    desk.deliveries = with_it
    desk.passes(minutes=1)
    assert desk.sent == ["About a."]
    assert desk.job().stage is Stage.SENT


def test_after_a_day_it_is_given_up_and_told(desk: Desk) -> None:
    desk.plant.twilio.fault_of = lambda _: Refuse(401, 20003)
    desk.put("a")
    for _ in range(30):
        desk.passes(hours=1)
    assert (desk.job().stage, desk.job().reason) == (Stage.FAILED, "gave_up")
    assert desk.handler.told == ["gave_up"]
    assert desk.job().error_code == 20003


def test_texts_keep_to_the_speed_of_their_number(desk: Desk) -> None:
    """One part a second: what is sent faster waits at the carrier, where nothing can pass it."""
    desk.handler.says = Text(ANN, LINE, "x" * 200)
    assert length("x" * 200).parts == 2
    desk.put("a", "b", "c", lane=Lane.ORDINARY)
    desk.passes()
    assert len(desk.sent) == 1
    desk.passes(seconds=1.9)
    assert len(desk.sent) == 1
    desk.passes(seconds=0.2)
    assert len(desk.sent) == 2
    desk.passes(seconds=2)
    assert len(desk.sent) == 3


def test_what_is_urgent_passes_the_queue(desk: Desk) -> None:
    desk.put("a", "b", lane=Lane.ORDINARY)
    desk.put("T1", "T2")
    desk.passes()
    assert desk.sent == ["About T1.", "About T2."]
    desk.passes(seconds=2)
    desk.passes(seconds=1)
    assert desk.sent[2:] == ["About a.", "About b."]


def test_one_that_cannot_be_worked_off_does_not_stop_the_others(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.handler.says = ValueError(f"about {ANN}")
    desk.put("a")
    assert desk.passes() == 1
    assert ANN not in caplog.text
    assert "ValueError" in caplog.text
    desk.handler.says = None
    assert desk.passes(seconds=59) == 0
    desk.passes(seconds=1)
    assert desk.sent == ["About a."]


def test_nothing_need_be_sent(desk: Desk) -> None:
    desk.put("a")
    desk.handler.says = Wait(desk.plant.at + timedelta(minutes=1), "quiet_hours")
    desk.passes()
    assert desk.job().reason == "quiet_hours"
    desk.handler.says = Over(Stage.DROPPED, "superseded")
    desk.passes(minutes=1)
    assert (desk.job().stage, desk.job().reason) == (Stage.DROPPED, "superseded")
    assert desk.handler.told == []
    assert desk.sent == []


def test_what_comes_too_late_failed(desk: Desk) -> None:
    desk.put("a")
    desk.handler.says = Over(Stage.FAILED, "expired")
    desk.passes()
    assert desk.handler.told == ["expired"]
    assert desk.plant.alerts() == ["undelivered:a"]


@pytest.mark.parametrize("taken", [True, False])
def test_what_was_begun_and_is_too_late_is_looked_up(desk: Desk, *, taken: bool) -> None:
    """A worker was killed, and none came for hours: what the carrier has did not fail."""
    desk.put("a")
    killed_while(desk, taken=taken)
    late = Text(ANN, LINE, "About a.")
    desk.handler.says = Late(late, Over(Stage.FAILED, "expired"))
    desk.passes(hours=3)
    assert desk.sent == (["About a."] if taken else [])
    assert desk.handler.told == ([] if taken else ["expired"])
    assert desk.job().stage is (Stage.SENT if taken else Stage.FAILED)


def test_without_a_carrier_nothing_is_sent(desk: Desk) -> None:
    desk.deliveries = replace(desk.deliveries, carrier=None)
    desk.put("a")
    desk.passes()
    assert (desk.job().stage, desk.job().reason) == (Stage.DROPPED, "no_carrier")
    assert desk.handler.told == ["no_carrier"]


def test_without_an_address_for_news_it_is_asked_how_it_went(desk: Desk) -> None:
    desk.deliveries = replace(desk.deliveries, public_url=None)
    desk.put("a")
    desk.passes()
    (text,) = desk.plant.twilio.texts
    assert "StatusCallback" not in text.form
    text.status = "sent"
    desk.passes(minutes=2)
    assert desk.job().carrier_state == "sent"
    text.status, text.error_code = "undelivered", 30008
    desk.passes(minutes=3)
    assert (desk.job().stage, desk.job().error_code) == (Stage.FAILED, 30008)
    assert desk.handler.told == ["undelivered"]


def test_nobody_looks_for_ever(desk: Desk) -> None:
    desk.put("a")
    desk.passes()
    for _ in range(30):
        desk.passes(minutes=3)
    assert desk.passes(hours=24) == 0
    assert desk.job().stage is Stage.SENT


def test_a_stopped_worker_gives_back_what_it_holds(desk: Desk) -> None:
    desk.put("a", "b")
    rounds = Rounds(desk.deliveries, SENDING)
    rounds.stop()
    rounds.run()
    assert desk.sent == []
    assert desk.passes() == 2


def test_a_database_that_is_away_is_waited_for(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker does not end, and goes on when it is back."""
    monkeypatch.setattr("app.rounds.AWAY_SECONDS", (0.01, 0.02))
    monkeypatch.setattr("app.rounds.POLL_SECONDS", 0.01)
    desk.put("a")
    path = Path(desk.plant.url.removeprefix("sqlite:///"))
    away = path.rename(path.with_suffix(".away"))
    rounds = Rounds(desk.deliveries, SENDING)
    desk.plant.twilio.fault_of = lambda _: rounds.stop()
    threading.Timer(0.1, lambda: away.rename(path)).start()
    rounds.run()
    assert desk.sent == ["About a."]
