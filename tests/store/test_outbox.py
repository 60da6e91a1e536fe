"""Each thing in the outbox is there once, is worked off by one at a time, and not forgotten."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import bindparam, update

from duty.delivery import Due, Job, Lane, Receipt, Stage
from store.erasure import Erasure
from store.link import Write
from store.outbox import Outbox
from store.tables import clinics
from tests.store.shelf import ANN, NOON, Shelf, at_once, key, saying

MINUTE = timedelta(minutes=1)
ALL = 100


@pytest.fixture
def outbox(shelf: Shelf) -> Outbox:
    return Outbox(shelf.database)


def due(key: str, minutes: float = 0, lane: Lane = Lane.ORDINARY) -> Due:
    return Due(key, 1, "text", NOON, NOON + minutes * MINUTE, lane, payload={"turn": 7})


def claimed(outbox: Outbox, minutes: float = 0, by: str = "me", at_most: int = ALL) -> list[Job]:
    return outbox.claim(Lane.ORDINARY, by, NOON + minutes * MINUTE, MINUTE, at_most)


def the_one(outbox: Outbox, minutes: float = 0, by: str = "me") -> Job:
    (job,) = claimed(outbox, minutes, by)
    return job


def now(outbox: Outbox, key: str = "a") -> Job:
    job = outbox.of_key(key)
    assert job is not None
    return job


def receipt(state: str, rank: int, stage: Stage, sid: str = "SM1") -> Receipt:
    return Receipt(sid, state, rank, stage, 30003 if stage is Stage.FAILED else None)


SENT = receipt("sent", 3, Stage.SENT)
DELIVERED = receipt("delivered", 9, Stage.DELIVERED)
FAILED = receipt("undelivered", 9, Stage.FAILED)


def write(shelf: Shelf, one: Write) -> None:
    with shelf.database.link() as link:
        link.write([one])


def claimed_few(outbox: Outbox, number: int) -> list[Job]:
    return claimed(outbox, by=f"worker {number}", at_most=5)


# --- In ---------------------------------------------------------------------------------------


def test_what_is_put_in_comes_out_when_it_is_due(outbox: Outbox) -> None:
    outbox.put(due("a", 5))
    assert claimed(outbox, 4.9) == []
    job = the_one(outbox, 5)
    assert (job.key, job.clinic, job.kind, job.payload) == ("a", 1, "text", {"turn": 7})
    assert (job.stage, job.attempts, job.due_at) == (Stage.WAITING, 0, NOON + 5 * MINUTE)
    assert job.created_at == NOON


def test_what_is_put_in_twice_is_there_once(outbox: Outbox) -> None:
    outbox.put(due("a"))
    outbox.put(due("a", 5), due("b"))
    assert [job.key for job in claimed(outbox)] == ["a", "b"]


def test_it_is_there_if_its_turn_is(shelf: Shelf, outbox: Outbox) -> None:
    """The turn and what follows from it: both are kept, or neither."""
    clash = shelf.database.query(update(clinics).values(name=bindparam("nothing")))

    log = shelf.new_log(lambda _: outbox.writes(due("kept")))
    log.take(ANN, key("SM1"), saying("no"))
    broken = shelf.new_log(lambda _: [*outbox.writes(due("lost")), (clash, {"nothing": None})])
    with pytest.raises(Exception, match=r"NotNull|NOTNULL"):
        broken.take(ANN, key("SM2"), saying("no"))
    assert [job.key for job in claimed(outbox)] == ["kept"]


def test_what_is_moved_waits_for_its_new_moment(shelf: Shelf, outbox: Outbox) -> None:
    outbox.put(due("a", 1))
    write(shelf, outbox.move_write(due("a", 9)))
    assert claimed(outbox, 8) == []
    assert the_one(outbox, 9).key == "a"
    write(shelf, outbox.move_write(due("new", 9)))
    assert the_one(outbox, 9).key == "new"


def test_who_holds_what_is_moved_has_lost_it(shelf: Shelf, outbox: Outbox) -> None:
    """A turn has come while the clock was looking: what it saw is no longer so."""
    outbox.put(due("a"))
    job = the_one(outbox)
    write(shelf, outbox.move_write(due("a", 30)))
    assert not outbox.close(job, Stage.DONE, NOON)
    assert now(outbox).due_at == NOON + 30 * MINUTE


def test_what_is_cancelled_is_not_sent(shelf: Shelf, outbox: Outbox) -> None:
    outbox.put(due("a"), due("b"))
    (a, b) = claimed(outbox)
    assert outbox.trying(b, NOON)
    for name in "ab":
        write(shelf, outbox.cancel_write(name, "opted_out"))
    assert not outbox.trying(a, NOON)
    assert (now(outbox).stage, now(outbox).reason) == (Stage.DROPPED, "opted_out")
    assert now(outbox, "b").stage is Stage.SENDING


# --- Out --------------------------------------------------------------------------------------


def test_the_oldest_comes_first_and_no_more_than_asked_for(outbox: Outbox) -> None:
    outbox.put(due("c", 3), due("a", 1), due("b", 2))
    assert [job.key for job in claimed(outbox, 3, at_most=2)] == ["a", "b"]
    assert [job.key for job in claimed(outbox, 3)] == ["c"]


def test_lanes_do_not_wait_for_each_other(outbox: Outbox) -> None:
    outbox.put(*(due(f"nudge {i}") for i in range(5)), due("T1", 1, Lane.URGENT))
    found = outbox.claim(Lane.URGENT, "me", NOON + MINUTE, MINUTE)
    assert [job.key for job in found] == ["T1"]


def test_two_never_hold_the_same(outbox: Outbox) -> None:
    outbox.put(*(due(f"{i}") for i in range(40)))
    found = at_once(4, lambda i: [job.key for _ in range(4) for job in claimed_few(outbox, i)])
    keys = [key for keys in found for key in keys]
    assert sorted(keys, key=int) == [f"{i}" for i in range(40)]


def test_after_the_lease_somebody_else_takes_it(outbox: Outbox) -> None:
    """A process that was killed keeps nothing."""
    outbox.put(due("a"))
    mine = the_one(outbox, by="killed")
    assert claimed(outbox, 0.9, by="other") == []
    theirs = the_one(outbox, 1, by="other")
    assert not outbox.trying(mine, NOON)
    assert not outbox.close(mine, Stage.DONE, NOON)
    assert outbox.trying(theirs, NOON)


def test_what_is_given_back_comes_again(outbox: Outbox) -> None:
    outbox.put(due("a"))
    job = the_one(outbox)
    assert outbox.later(job, NOON + 2 * MINUTE, "quiet_hours")
    assert claimed(outbox, 1.9) == []
    again = the_one(outbox, 2)
    assert (again.stage, again.reason, again.attempts) == (Stage.WAITING, "quiet_hours", 0)


def test_what_was_begun_before_a_crash_is_known_to_have_been(outbox: Outbox) -> None:
    outbox.put(due("a"))
    assert outbox.trying(the_one(outbox), NOON)
    again = the_one(outbox, 1, by="other")
    assert (again.stage, again.attempts, again.tried_at) == (Stage.SENDING, 1, NOON)


def test_what_is_sent_is_looked_at_when_it_was_said(outbox: Outbox) -> None:
    outbox.put(due("a"))
    job = the_one(outbox)
    outbox.trying(job, NOON)
    assert outbox.sent(job, "SM1", "queued", NOON, NOON + 9 * MINUTE)
    job = now(outbox)
    assert (job.stage, job.carrier_sid, job.carrier_state) == (Stage.SENT, "SM1", "queued")
    assert job.sent_at == NOON
    assert outbox.of_sid("SM1") == job
    assert outbox.of_id(job.id) == job
    assert claimed(outbox, 8.9) == []
    assert the_one(outbox, 9).stage is Stage.SENT


def test_what_is_closed_stays_as_the_record(shelf: Shelf, outbox: Outbox) -> None:
    outbox.put(due("a"), due("b"))
    (a, b) = claimed(outbox)
    assert outbox.close(a, Stage.FAILED, NOON, "refused", code=21211)
    rename = shelf.database.query(update(clinics).values(name=bindparam("new")))
    assert outbox.close(b, Stage.DONE, NOON, also=[(rename, {"new": "Renamed"})])
    assert claimed(outbox, 1000) == []
    a = now(outbox)
    assert (a.stage, a.reason, a.error_code) == (Stage.FAILED, "refused", 21211)
    assert a.settled_at == NOON
    assert shelf.rows("SELECT name FROM clinics") == [("Renamed",)]


# --- Receipts ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("receipts", "stage", "state"),
    [
        ([SENT, DELIVERED], Stage.DELIVERED, "delivered"),
        ([DELIVERED, SENT], Stage.DELIVERED, "delivered"),
        ([FAILED, SENT], Stage.FAILED, "undelivered"),
        ([DELIVERED, FAILED], Stage.DELIVERED, "delivered"),
        ([SENT, SENT], Stage.SENT, "sent"),
        ([replace(DELIVERED, sid="SM2")], Stage.SENT, "queued"),
    ],
)
def test_receipts_move_forwards_only(
    outbox: Outbox, receipts: list[Receipt], stage: Stage, state: str
) -> None:
    outbox.put(due("a"))
    job = the_one(outbox)
    outbox.trying(job, NOON)
    outbox.sent(job, "SM1", "queued", NOON, NOON + MINUTE)
    for one in receipts:
        outbox.receive(job.id, one, NOON)
    job = now(outbox)
    assert (job.stage, job.carrier_state) == (stage, state)
    assert (job.error_code == 30003) == (stage is Stage.FAILED)
    assert (job.settled_at is None) == (stage is Stage.SENT)
    assert job.due_at == {Stage.SENT: NOON + MINUTE, Stage.FAILED: NOON}.get(stage)


@pytest.mark.parametrize("one", [SENT, DELIVERED])
def test_a_receipt_may_be_quicker_than_the_answer(outbox: Outbox, one: Receipt) -> None:
    """It names the row by its id, so it counts before the carrier's key was written down."""
    outbox.put(due("a"))
    job = the_one(outbox)
    outbox.trying(job, NOON)
    outbox.receive(job.id, one, NOON)
    outbox.sent(job, "SM1", "queued", NOON, NOON + MINUTE)
    found = now(outbox)
    assert (found.stage, found.carrier_state, found.carrier_sid) == (one.stage, one.state, "SM1")
    assert (found.due_at is None) is (one is DELIVERED)


def test_a_receipt_settles_what_was_not_known(outbox: Outbox) -> None:
    """The answer was lost, but the receipt came: it was sent, and is not sent again."""
    outbox.put(due("a"))
    job = the_one(outbox)
    outbox.trying(job, NOON)
    outbox.receive("a", DELIVERED, NOON)
    assert not outbox.later(job, NOON)
    assert claimed(outbox, 1000) == []


def test_what_failed_is_due_at_once(outbox: Outbox) -> None:
    """Somebody must be told, and that is not for whoever answers the carrier."""
    outbox.put(due("a"))
    outbox.trying(the_one(outbox), NOON)
    outbox.receive("a", FAILED, NOON + MINUTE)
    failed = the_one(outbox, 1)
    assert (failed.stage, failed.error_code) == (Stage.FAILED, 30003)
    assert outbox.close(failed, Stage.FAILED, NOON, "undelivered")
    assert claimed(outbox, 1000) == []


def test_news_of_what_is_not_there_is_no_news(outbox: Outbox) -> None:
    outbox.receive(7, DELIVERED, NOON)
    outbox.receive("reply:SM7", DELIVERED, NOON)
    assert claimed(outbox, 1000) == []


def test_of_what_is_erased_stays_that_it_was(shelf: Shelf, outbox: Outbox) -> None:
    """Neither the carrier's keys, which lead to its copy, nor where the conversation ended."""
    log = shelf.new_log(
        lambda appended: outbox.writes(
            replace(due("sent"), conversation=appended.conversation),
            replace(due("waits", 9), conversation=appended.conversation),
        )
    )
    log.take(ANN, key("SM1"), saying("no"))
    job = the_one(outbox)
    outbox.trying(job, NOON)
    outbox.sent(job, "SM9", "queued", NOON)
    Erasure(shelf.database, shelf.sealer, shelf.clinic, "on request").contact(ANN, NOON)
    assert claimed(outbox, 1000) == []
    (sent, waited) = outbox.of_conversation(job.conversation or "")
    assert (sent.carrier_sid, sent.payload, sent.stage) == (None, {}, Stage.SENT)
    assert (waited.stage, waited.reason) == (Stage.DROPPED, "erased")
    assert {"sent", "waits"}.isdisjoint({sent.key, waited.key})


def test_what_stands_in_an_answer_is_looked_up_first(outbox: Outbox) -> None:
    """A reply that goes out with a webhook's answer: nobody knows whether it was received."""
    outbox.put(replace(due("a", 2), begun=True))
    assert claimed(outbox, 1.9) == []
    job = the_one(outbox, 2)
    assert (job.stage, job.attempts, job.tried_at) == (Stage.SENDING, 1, NOON)
