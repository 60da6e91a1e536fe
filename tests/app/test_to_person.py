"""What a person is owed beside the answers that they get: sent once, and only where it may be."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from app import clock_turns
from app.deliveries import LEASE
from duty.clinic import FIRST, ClinicSettings
from duty.delivery import Lane, Stage
from flows.utterance import Kind
from store.blocking import Blocked, block
from store.database import Database
from store.tables import conversations
from store.timeline import read_newest
from tests.flows.talk import SAFE
from tests.twilio_api import Refuse, Sent
from tests.twiml_player import Call
from tests.works import ANN, LINE, NOON, Plant

MINUTE = timedelta(minutes=1)
BEGIN = ("hello", "agree")
EMERGENCY = (*BEGIN, "1")
SAME_DAY = (*BEGIN, *SAFE[:10], "1")


@pytest.fixture
def plant(sqlite_file: Path) -> Iterator[Plant]:
    with Plant(f"sqlite:///{sqlite_file}") as plant:
        yield plant


def emergency_by_phone(plant: Plant, *, agreed: bool = True) -> None:
    """A call that reaches T1 and is over, the advice heard to its end."""
    call = plant.calls()
    if agreed:
        plant.presses(call, "1", "1")
    else:
        call.say("i cannot pee")
    plant.at += 3 * MINUTE
    call.hang_up()


# --- The clock ------------------------------------------------------------------------------------


def test_a_question_left_open_is_put_once_more(plant: Plant) -> None:
    plant.texts(*BEGIN)
    assert plant.passes(minutes=29) == 0
    plant.passes(minutes=2)
    assert plant.sent() == ["Still there?"]
    (text,) = plant.received
    assert (text.to, text.form["From"], text.form["ValidityPeriod"]) == (ANN, LINE, "14400")
    assert text.form["StatusCallback"].startswith("https://line.example/sms/status?job=")
    assert plant.last.utterance.kind is Kind.CLOCK
    assert plant.passes(minutes=60) == 0


def test_who_answers_is_not_nudged(plant: Plant) -> None:
    plant.texts(*BEGIN)
    plant.passes(minutes=29)
    plant.texts("2")
    plant.passes(minutes=29)
    assert plant.sent() == []
    plant.passes(minutes=2)
    assert plant.sent() == ["Still there?"]


def test_an_answer_that_comes_while_the_clock_looks_wins(plant: Plant) -> None:
    """The clock had claimed its row when the answer came: it takes no turn on what it saw."""
    plant.texts(*BEGIN)
    plant.passes(minutes=29)
    claimed = plant.new_works().deliveries
    plant.at += 2 * MINUTE
    (job,) = claimed.outbox.claim(Lane.CLOCK, "a clock", plant.at, LEASE)
    plant.texts("2")
    claimed.work(job)
    plant.work()
    assert plant.sent() == []
    assert plant.last.utterance.kind is Kind.TEXT
    plant.passes(minutes=31)
    assert plant.sent() == ["Still there?"]


def test_an_answer_that_only_puts_it_off_leaves_the_clocks_row_alone(plant: Plant) -> None:
    """Each turn would write it otherwise; the clock that comes too early waits as long as due."""
    plant.texts(*BEGIN)
    before = plant.job("clock")
    plant.passes(minutes=10)
    plant.texts("2")
    assert plant.job("clock") == before
    answered = plant.at
    assert plant.passes(minutes=20) == 1
    assert plant.sent() == []
    assert plant.job("clock").due_at == answered + 30 * MINUTE


def test_an_answer_that_comes_right_after_the_clock_has_looked_wins(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant.texts(*BEGIN)
    plant.at += 31 * MINUTE

    def look(database: Database, conversation: str) -> tuple[int, datetime] | None:
        monkeypatch.setattr(clock_turns, "read_newest", read_newest)
        found = read_newest(database, conversation)
        plant.texts("2")
        return found

    monkeypatch.setattr(clock_turns, "read_newest", look)
    plant.work()
    assert plant.job("clock").reason == "overtaken"
    plant.passes(minutes=29)
    assert plant.sent() == []
    plant.passes(minutes=2)
    assert plant.sent() == ["Still there?"]


def test_the_clocks_row_is_written_anew_where_the_flow_is_another_since(plant: Plant) -> None:
    """What was due under its older version is not known, or whether anything was."""
    plant.texts(*BEGIN)
    before = plant.job("clock")
    older = plant.works.database.query(update(conversations).values(flow_version="1.0.0"))
    with plant.works.database.link() as link:
        link.write([(older, {})])
    plant.texts("2")
    assert plant.job("clock").due_at == plant.at + 30 * MINUTE != before.due_at


def test_at_the_limit_it_ends_with_the_safety_net(plant: Plant) -> None:
    plant.texts(*BEGIN)
    plant.passes(minutes=31)
    plant.passes(hours=24)
    assert plant.last.state.position == "unfinished"
    assert len(plant.received) == 2
    assert "911" in plant.received[1].body
    assert plant.passes(hours=48) == 0


def test_at_night_it_waits_for_the_morning(sqlite_file: Path) -> None:
    """A nudge at three in the night helps nobody; the record says what it waits for."""
    night = NOON.replace(hour=2, minute=40)
    with Plant(f"sqlite:///{sqlite_file}", at=night) as plant:
        plant.texts(*BEGIN)
        plant.passes(minutes=31)
        assert plant.sent() == []
        assert plant.job("clock").reason == "quiet_hours"
        plant.passes(hours=9, minutes=48)
        assert plant.sent() == []
        plant.passes(minutes=1)
        assert plant.sent() == ["Still there?"]


def test_the_day_after_they_are_asked_whether_they_were_seen(plant: Plant) -> None:
    plant.texts(*EMERGENCY)
    plant.twilio.tell(plant.line, reply_of(plant), "delivered")
    plant.passes(hours=23)
    assert plant.sent() == []
    plant.passes(hours=1, minutes=1)
    plant.passes(seconds=10)  # behind what staff are told at the same moment
    assert plant.sent() == ["We told"]
    plant.texts("2")
    assert plant.alerts() == ["T1", "not_seen"]


def test_who_was_seen_raises_nothing(plant: Plant) -> None:
    plant.texts(*SAME_DAY)
    plant.twilio.tell(plant.line, reply_of(plant), "delivered")
    plant.passes(hours=24)
    plant.texts("1")
    assert plant.alerts() == ["T2"]


def test_the_clock_goes_on_with_either_database(url: str) -> None:
    """Nudge, limit, advice and alarm: each is in its turn's transaction, on PostgreSQL too."""
    with Plant(url) as plant:
        plant.texts(*BEGIN)
        plant.passes(minutes=31)
        call = plant.calls()
        plant.presses(call, "1", "1")
        call.hang_up()
        plant.passes(seconds=3)
        plant.passes(hours=24)
        plant.passes(seconds=10)  # behind what staff are told at the same moment
        assert plant.sent() == ["Still there?", "DANGER SIGN.", "A clinic", "We told"]
        plant.texts("3")
        assert plant.alerts() == ["T1", "not_seen", "undelivered:T1"]
        assert plant.last.number == len(plant.stored().turns)


# --- STOP -----------------------------------------------------------------------------------------


def test_stop_stops_everything(plant: Plant) -> None:
    plant.texts(*BEGIN, "STOP")
    plant.passes(hours=1)
    plant.passes(hours=24)
    assert plant.sent() == []


def test_what_waits_when_stop_comes_is_not_sent(plant: Plant) -> None:
    plant.texts(*BEGIN)
    plant.at += 31 * MINUTE
    plant.twilio.faults.append(Refuse(503))
    plant.work()
    plant.texts("STOP")
    plant.passes(minutes=10)
    assert plant.sent() == []
    assert (plant.job("said").stage, plant.job("said").reason) == (Stage.DROPPED, "opted_out")


def test_the_t1_that_is_due_is_sent_after_stop(plant: Plant) -> None:
    plant.texts(*BEGIN, "STOP")
    call = plant.calls()
    plant.presses(call, "1", "1")
    assert plant.last.state.opted_out
    call.hang_up()
    plant.work()
    assert plant.sent()[0] == "DANGER SIGN."


def test_the_carrier_says_that_they_have_sent_stop(plant: Plant) -> None:
    plant.texts(*BEGIN)
    plant.twilio.faults.append(Refuse(400, 21610))
    plant.passes(minutes=31)
    assert plant.last.state.opted_out
    assert (plant.job("said").stage, plant.job("said").error_code) == (Stage.FAILED, 21610)


# --- Advice by text -------------------------------------------------------------------------------


def reply_of(plant: Plant) -> Sent:
    """The carrier's text that the last answer came to, with the address for its news."""
    url, form = plant.line.sent[-1]
    assert url.endswith("/sms")
    about = f"https://line.example/sms/status?reply={form['MessageSid']}"
    return Sent("SM" + "f" * 32, {"To": ANN, "From": LINE, "StatusCallback": about}, "sent", NOON)


def test_advice_that_arrives_needs_nothing_more(plant: Plant) -> None:
    plant.texts(*EMERGENCY)
    assert plant.twilio.tell(plant.line, reply_of(plant), "sent", "delivered") == [204, 204]
    plant.passes(hours=1)
    assert plant.sent() == []
    assert plant.job("reply").stage is Stage.DELIVERED
    assert plant.alerts() == ["T1"]


def test_advice_that_does_not_arrive_is_an_alarm(plant: Plant) -> None:
    plant.texts(*EMERGENCY)
    plant.twilio.tell(plant.line, reply_of(plant), "undelivered", code=30003)
    plant.passes(seconds=1)
    assert plant.alerts() == ["T1", "undelivered:T1"]
    assert plant.job("reply").error_code == 30003


def test_advice_that_never_reached_the_carrier_is_sent(plant: Plant) -> None:
    """The answer to the webhook was lost, so there is no text at the carrier, and no news."""
    (first, *_) = plant.texts(*EMERGENCY)
    plant.passes(minutes=3)
    (text,) = plant.received
    assert (text.body, text.form["ValidityPeriod"]) == (first, "600")
    assert text.to == ANN
    plant.twilio.tell(plant.line, text, "sent", "delivered")
    plant.passes(hours=1)
    assert plant.received == [text]
    assert plant.alerts() == ["T1"]


def test_advice_without_news_is_found_at_the_carrier(plant: Plant) -> None:
    (first, *_) = plant.texts(*EMERGENCY)
    plant.twilio.take("Messages", {"To": ANN, "From": LINE, "Body": first})
    plant.received[0].status = "delivered"
    plant.passes(minutes=3)
    plant.passes(minutes=3)
    assert len(plant.received) == 1
    assert plant.job("reply").stage is Stage.DELIVERED


def test_advice_without_news_is_found_however_late_it_is_looked_for(plant: Plant) -> None:
    """No worker ran for hours, and no news came: it is no alarm that nobody could look."""
    (first, *_) = plant.texts(*EMERGENCY)
    plant.twilio.take("Messages", {"To": ANN, "From": LINE, "Body": first})
    plant.received[0].status = "delivered"
    plant.passes(hours=5)
    plant.passes(minutes=3)
    assert plant.alerts() == ["T1"]
    assert plant.job("reply").stage is Stage.DELIVERED


def test_advice_that_nobody_could_send_in_time_is_an_alarm(plant: Plant) -> None:
    plant.texts(*EMERGENCY)
    plant.passes(hours=5)
    assert plant.received == []
    assert plant.alerts() == ["T1", "undelivered:T1"]


def test_advice_that_expires_is_an_alarm(plant: Plant) -> None:
    plant.texts(*SAME_DAY)
    plant.passes(minutes=3)
    plant.twilio.tell(plant.line, plant.received[0], "failed", code=30036)
    plant.work()
    assert plant.alerts() == ["T2", "undelivered:T2"]


def test_without_news_the_end_is_asked_for(plant: Plant) -> None:
    plant.texts(*EMERGENCY)
    plant.passes(minutes=3)
    plant.received[0].status, plant.received[0].error_code = "undelivered", 30005
    plant.passes(minutes=3)
    assert plant.alerts() == ["T1", "undelivered:T1"]


# --- Advice of a call -----------------------------------------------------------------------------


def test_the_advice_of_a_call_is_texted_after_it(plant: Plant) -> None:
    emergency_by_phone(plant)
    plant.passes(seconds=3)
    assert plant.sent() == ["DANGER SIGN.", "A clinic"]
    assert plant.alerts() == ["T1"]


def test_who_did_not_agree_gets_no_text(plant: Plant) -> None:
    emergency_by_phone(plant, agreed=False)
    plant.passes(hours=1)
    assert plant.sent() == []
    assert plant.alerts() == ["T1"]


def test_without_news_of_its_end_a_call_is_taken_to_be_over(plant: Plant) -> None:
    call = plant.calls()
    plant.presses(call, "1", "1")
    plant.passes(minutes=14)
    assert plant.sent() == []
    plant.passes(minutes=2)
    assert plant.sent()[0] == "DANGER SIGN."
    assert plant.alerts() == ["T1", "undelivered:T1"]


def test_who_hangs_up_before_the_advice_is_an_alarm(plant: Plant) -> None:
    call = plant.calls()
    plant.presses(call, "1", "1")
    call.hang_up()
    plant.passes(seconds=1)
    assert plant.alerts() == ["T1", "undelivered:T1"]
    assert plant.job("spoken").reason == "not_heard"


def test_who_answers_after_the_advice_has_heard_it(plant: Plant) -> None:
    call = plant.calls()
    plant.presses(call, "1", "1", "9")
    call.hang_up()
    plant.passes(seconds=1)
    assert plant.alerts() == ["T1"]


def test_a_landline_that_has_heard_the_advice_is_no_alarm(plant: Plant) -> None:
    emergency_by_phone(plant)
    plant.twilio.faults += [Refuse(400, 21614), Refuse(400, 21614)]
    plant.passes(seconds=3)
    assert [job.stage for job in plant.jobs("advice")] == [Stage.FAILED, Stage.FAILED]
    assert plant.alerts() == ["T1"]


def test_a_hidden_caller_cannot_be_texted(plant: Plant) -> None:
    call = Call(plant.line, "anonymous", LINE).ring()
    plant.presses(call, "1", "1", "9")
    call.hang_up()
    plant.passes(seconds=5)
    assert plant.sent() == []
    assert plant.alerts() == ["T1"]


# --- Where it is sent from, and where it is not ---------------------------------------------------


def test_it_is_sent_from_the_number_that_was_texted(plant: Plant) -> None:
    plant.texter.to = "+12025550177"
    plant.texts(*BEGIN)
    plant.passes(minutes=31)
    assert plant.received[0].form["From"] == "+12025550177"


def test_a_clinic_may_choose_the_number(sqlite_file: Path) -> None:
    chosen = ClinicSettings(text_from="MG" + "a" * 32)
    with Plant(f"sqlite:///{sqlite_file}", clinic=chosen) as plant:
        plant.texts(*BEGIN)
        plant.passes(minutes=31)
        assert plant.received[0].form["MessagingServiceSid"] == "MG" + "a" * 32


def test_without_a_carrier_it_is_noted(sqlite_file: Path) -> None:
    with Plant(f"sqlite:///{sqlite_file}", carrier=False) as plant:
        plant.texts(*BEGIN)
        plant.passes(minutes=31)
        assert plant.last.utterance.kind is Kind.CLOCK
        assert (plant.job("said").stage, plant.job("said").reason) == (Stage.DROPPED, "no_carrier")
        plant.texts("1")
        plant.passes(minutes=3)
        assert plant.alerts() == ["T1"]


def test_whatsapp_is_answered_by_whatsapp(plant: Plant) -> None:
    plant.texter.number, plant.texter.to = f"whatsapp:{ANN}", f"whatsapp:{LINE}"
    plant.texts(*BEGIN)
    plant.passes(minutes=31)
    (text,) = plant.received
    assert (text.to, text.form["From"]) == (f"whatsapp:{ANN}", f"whatsapp:{LINE}")


# --- Whoever is blocked ---------------------------------------------------------------------------


def blocked(plant: Plant) -> None:
    entry = Blocked(ANN, "Ann Example", "only adverts", plant.at)
    block(plant.works.database, plant.works.records.sealer, FIRST, entry)


def test_who_is_blocked_is_asked_nothing_and_it_still_ends(plant: Plant) -> None:
    """No nudge, and at the limit the conversation ends without a text."""
    plant.texts(*BEGIN)
    blocked(plant)
    plant.passes(minutes=31)
    assert plant.last.state.position == "bladder"
    plant.passes(hours=24)
    assert plant.last.state.position == "unfinished"
    assert plant.sent() == []


def test_who_is_blocked_is_not_asked_whether_they_were_seen(plant: Plant) -> None:
    plant.texts(*EMERGENCY)
    blocked(plant)
    plant.passes(hours=48)
    assert plant.sent() == []


def test_who_is_blocked_still_gets_the_advice_of_a_call(plant: Plant) -> None:
    """T1 is told once, by whichever way."""
    blocked(plant)
    emergency_by_phone(plant)
    plant.work()
    assert any("DANGER SIGN" in text.body for text in plant.received)
