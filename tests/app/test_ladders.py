"""Whoever is on call is told until somebody acknowledges: texts, calls, keys, the alarm's mail."""

from collections.abc import Iterator
from datetime import time, timedelta
from pathlib import Path

import pytest

from app.checkup import of_alerts
from app.finding import Verdict
from clinic.alarms import alarms_of
from duty.alert import Alert, How, Ladder
from duty.clinic import FIRST, ClinicSettings, Day, Telling
from duty.delivery import Stage
from duty.rota import Person, Shift
from store.alerts import acknowledge_conversation, alarms, alerts_of, daily_tests, open_alerts
from store.erasure import Erasure
from store.gauges import gauges
from store.rotas import RotaBook
from store.stuck import Stuck, stuck_alerts
from tests.flows.talk import SAFE
from tests.on_call import StaffCall
from tests.post_office import PostOffice
from tests.twilio_api import Refuse, Sent
from tests.twiml_player import Texter
from tests.works import ANN as PATIENT
from tests.works import CLINIC, LINE, NOON, Plant

ANN, BEN = "+12025550171", "+12025550172"
EMERGENCY = ("hello", "agree", "1")
SAME_DAY = ("hello", "agree", *SAFE[:10], "1")


@pytest.fixture
def plant(sqlite_file: Path) -> Iterator[Plant]:
    with Plant(f"sqlite:///{sqlite_file}") as plant:
        on_call(plant, "Ann Example", ANN, 1)
        on_call(plant, "Ben Example", BEN, 2)
        yield plant


def rotas(plant: Plant) -> RotaBook:
    return RotaBook(plant.works.database, plant.works.records.sealer)


def on_call(plant: Plant, name: str, phone: str, rung: int) -> Person:
    """Somebody more, who is always on call."""
    book = rotas(plant)
    book.write(book.adding(FIRST, name, phone, "", NOON))
    person = book.by_phone(FIRST, phone)
    assert person is not None
    shift = Shift(person.id, rung, frozenset(Day), time(0), time(0), "America/New_York")
    book.write(book.adding_shift(FIRST, shift))
    return person


def told(plant: Plant) -> list[tuple[str, str]]:
    """Who was texted and who was rung."""
    names = {ANN: "Ann", BEN: "Ben", CLINIC.phone: "clinic"}
    texts = [("text", names[text.to]) for text in plant.twilio.texts if text.to != PATIENT]
    return texts + [("call", names[call.to]) for call in plant.twilio.calls]


def rung(plant: Plant) -> list[str]:
    return [who for how, who in told(plant) if how == "call"]


def newest_call(plant: Plant) -> Sent:
    return plant.twilio.calls[-1]


def answer(plant: Plant, call: Sent) -> StaffCall:
    """Whoever was rung lifts the receiver."""
    path = call.form["Url"].removeprefix(plant.line.public_url)
    return StaffCall(plant.line, call.to, call.sid, path=path).answer()


def the_alert(plant: Plant, about: str = "T1") -> Alert:
    return next(
        one for one in alerts_of(plant.works.database, plant.stored().id) if one.about == about
    )


# --- Told -----------------------------------------------------------------------------------------


def test_a_t1_is_told_at_once_by_text_and_by_call(plant: Plant) -> None:
    plant.texts(*EMERGENCY)
    plant.passes(seconds=1)
    assert told(plant) == [("text", "Ann"), ("call", "Ann")]
    (text,) = (one for one in plant.twilio.texts if one.to == ANN)
    link = f"https://line.example/desk/conversations/{plant.stored().id}"
    assert text.body == (
        "Test Clinic: URGENT alert (T1). Ref 1001, 12:01. "
        f"Reply 1001 OK or press 1 on the call. {link}"
    )
    assert (text.form["From"], newest_call(plant).form["From"]) == (LINE, LINE)
    assert newest_call(plant).form["Url"] == "https://line.example/voice/alert?alert=1&rung=1"


def test_what_staff_are_told_holds_nothing_of_the_patient(plant: Plant) -> None:
    plant.texts("hello", "agree", "i am numb between my legs")
    for _ in range(6):
        plant.passes(minutes=4)
    sent = [
        value
        for one in (*plant.twilio.texts, *plant.twilio.calls)
        if one.to != PATIENT
        for value in one.form.values()
    ]
    assert len(sent) > 20
    assert not any("numb" in value or PATIENT in value for value in sent)


def test_nobody_answers_so_the_next_one_is_told_and_round_again(plant: Plant) -> None:
    plant.texts(*EMERGENCY)
    for expected in (["Ann"], ["Ann", "Ben"], ["Ann", "Ben", "Ann"], ["Ann", "Ben", "Ann", "Ben"]):
        plant.passes(seconds=1)
        assert rung(plant) == expected
        plant.passes(minutes=3, seconds=55)
        assert rung(plant) == expected
        plant.passes(seconds=5)
    assert the_alert(plant).ladder is Ladder.RAN_OUT
    assert [one.about for one in alarms(plant.works.database, FIRST)] == ["T1"]
    before = len(told(plant))
    plant.passes(hours=5)
    assert len(told(plant)) == before


def test_who_is_busy_is_passed_at_once(plant: Plant) -> None:
    plant.texts(*EMERGENCY)
    plant.passes(seconds=1)
    plant.twilio.tell(plant.line, newest_call(plant), "busy")
    plant.passes(seconds=1)
    assert rung(plant) == ["Ann", "Ben"]
    rungs = plant.works.deliveries.handlers["ladder"].duty.rungs.read(1)  # type: ignore[attr-defined]
    assert [one.outcome for one in rungs] == ["busy", None]
    assert rungs[0].ended_at == plant.at


def test_a_number_that_cannot_be_called_is_passed_at_once(plant: Plant) -> None:
    plant.twilio.fault_of = lambda form: Refuse(400, 21211) if form.get("To") == ANN else None
    plant.texts(*EMERGENCY)
    plant.passes(seconds=1)
    assert rung(plant) == ["Ben"]


def test_nobody_on_call_rings_the_clinic(sqlite_file: Path) -> None:
    with Plant(f"sqlite:///{sqlite_file}") as plant:
        plant.texts(*EMERGENCY)
        plant.passes(seconds=1)
        assert told(plant) == [("text", "clinic"), ("call", "clinic")]
        answer(plant, newest_call(plant)).press("1")
        assert the_alert(plant).acknowledged_by == "Test Clinic"


def test_a_t2_has_some_minutes_on_the_page_first(plant: Plant) -> None:
    plant.texts(*SAME_DAY)
    plant.passes(minutes=9)
    assert told(plant) == []
    plant.passes(minutes=1)
    assert rung(plant) == ["Ann"]


def test_what_is_for_the_page_rings_nobody(sqlite_file: Path) -> None:
    settings = ClinicSettings(tell_t2=Telling.ON_PAGE)
    with Plant(f"sqlite:///{sqlite_file}", clinic=settings) as plant:
        plant.texts(*SAME_DAY)
        plant.passes(minutes=20)
        assert told(plant) == []
        assert the_alert(plant, "T2").ladder is Ladder.RESTS
        assert plant.alerts() == ["T2"]


def test_a_rise_from_t2_to_t1_tells_again(plant: Plant) -> None:
    plant.texts(*SAME_DAY)
    plant.passes(minutes=10)
    answer(plant, newest_call(plant)).press("1")
    plant.texts("i am numb between my legs")
    plant.passes(seconds=1)
    assert rung(plant) == ["Ann", "Ann"]
    assert plant.alerts() == ["T1"]


def test_the_same_tier_again_tells_nobody_again(plant: Plant) -> None:
    plant.texts(*EMERGENCY)
    plant.passes(seconds=1)
    answer(plant, newest_call(plant)).press("1")
    plant.texts("i am numb between my legs", "start over", "1")
    plant.passes(minutes=20)
    assert rung(plant) == ["Ann"]


def test_a_caller_who_is_told_by_text_only_once_when_the_worker_dies(plant: Plant) -> None:
    """The rung was noted and the row not yet moved on: the next worker tells nobody twice."""
    plant.texts(*EMERGENCY)
    works = plant.new_works()
    outbox = works.deliveries.outbox
    key = f"ladder:{plant.stored().id}:T1"
    job = outbox.of_key(key)
    assert job is not None
    works.deliveries.handlers["ladder"].prepare(job, plant.at)
    plant.passes(seconds=1)
    assert told(plant) == [("text", "Ann"), ("call", "Ann")]


# --- Acknowledged ---------------------------------------------------------------------------------


def test_a_key_ends_it(plant: Plant) -> None:
    plant.texts(*EMERGENCY)
    plant.passes(minutes=5)
    plant.passes(minutes=5)
    assert rung(plant) == ["Ann", "Ben"]
    call = answer(plant, newest_call(plant))
    plant.at += timedelta(seconds=20)
    call.press("1")
    alert = the_alert(plant)
    assert (alert.acknowledged_by, alert.acknowledged_how) == ("Ben Example", How.KEY)
    assert alert.acknowledged_at == plant.at
    plant.passes(hours=1)
    assert rung(plant) == ["Ann", "Ben"]
    job = plant.job("ladder")
    assert (job.stage, job.reason, job.due_at) == (Stage.DONE, "acknowledged", None)


def test_a_reply_ends_it_and_is_no_patients_turn(plant: Plant) -> None:
    plant.texts(*EMERGENCY)
    plant.passes(seconds=1)
    said = Texter(plant.line, ANN, LINE).text("1001 ok")
    assert said == ["Test Clinic: thank you. Alert 1001 is yours."]
    assert the_alert(plant).acknowledged_how is How.REPLY
    plant.passes(hours=1)
    assert rung(plant) == ["Ann"]
    assert len(list(plant.stored().turns)) == 3


def test_the_page_ends_it(plant: Plant) -> None:
    plant.texts(*EMERGENCY)
    database, id_ = plant.works.database, plant.stored().id
    assert acknowledge_conversation(database, id_, "Cat Example", How.PAGE, plant.at)
    plant.passes(hours=1)
    assert told(plant) == []


def test_what_is_under_way_when_somebody_acknowledges_is_not_sent(plant: Plant) -> None:
    plant.texts(*EMERGENCY)
    plant.twilio.fault_of = lambda form: Refuse(503)
    plant.passes(seconds=1)
    acknowledge_conversation(
        plant.works.database, plant.stored().id, "Cat Example", How.PAGE, plant.at
    )
    plant.twilio.fault_of = None
    plant.passes(hours=1)
    assert told(plant) == []


def test_an_erased_conversation_tells_nobody_any_more(plant: Plant) -> None:
    plant.texts(*EMERGENCY)
    records = plant.works.records
    Erasure(records.database, records.sealer, FIRST, "on request").contact(PATIENT, plant.at)
    plant.passes(hours=1)
    assert told(plant) == []


# --- Where nobody can be told --------------------------------------------------------------------


def alarms_on_the_page(plant: Plant) -> list[str]:
    return [one.key for one in alarms_of(plant.works.database, FIRST, plant.at)]


def test_alerts_that_do_not_go_out_are_an_alarm_within_minutes(
    plant: Plant, caplog: pytest.LogCaptureFixture
) -> None:
    plant.twilio.fault_of = lambda _: Refuse(503)
    plant.texts(*EMERGENCY)
    raised = plant.at
    plant.work()
    assert alarms_on_the_page(plant) == []
    plant.passes(minutes=2)
    assert alarms_on_the_page(plant) == ["stuck"]
    assert stuck_alerts(plant.works.database, plant.at) == Stuck(2, raised)
    assert stuck_alerts(plant.works.database, plant.at, clinic=FIRST + 1) is None
    waits = gauges(plant.works.database, plant.at).stuck["urgent"]
    assert (waits.count, waits.seconds) == (2, 120)
    finding = of_alerts(plant.settings(), plant.at)
    assert finding.verdict is Verdict.WRONG
    assert finding.sentence.startswith("2 to whoever is on call have not gone out since 17:01 UTC")
    assert "alert_text was not taken: no answer to go by" in caplog.text
    plant.twilio.fault_of = None
    plant.passes(minutes=1)
    assert alarms_on_the_page(plant) == []
    assert of_alerts(plant.settings(), plant.at).verdict is Verdict.OK


def test_where_nothing_goes_out_the_alarm_does_not_say_that_anybody_was_told(plant: Plant) -> None:
    plant.twilio.fault_of = lambda _: Refuse(400, 21606)
    plant.texts(*EMERGENCY)
    plant.work()
    for _ in range(8):
        plant.passes(minutes=5)
    assert "nobody_told" in alarms_on_the_page(plant)


def test_an_empty_rota_is_named_in_the_alarm(sqlite_file: Path) -> None:
    with Plant(f"sqlite:///{sqlite_file}") as plant:
        plant.texts(*EMERGENCY)
        plant.work()
        for _ in range(8):
            plant.passes(minutes=5)
        assert alarms_on_the_page(plant) == ["nobody_on_call"]


# --- The alarm ------------------------------------------------------------------------------------


def test_an_alarm_is_mailed(sqlite_file: Path) -> None:
    settings = ClinicSettings(alarm_email="desk@clinic.example", rounds=1)
    with (
        PostOffice() as post,
        Plant(f"sqlite:///{sqlite_file}", clinic=settings, smtp_url=post.url) as plant,
    ):
        on_call(plant, "Ann Example", ANN, 1)
        plant.texts(*EMERGENCY)
        for _ in range(4):
            plant.passes(minutes=2)
        [mail] = post.letters
        assert (mail["From"], mail["To"]) == ("line@clinic.example", "desk@clinic.example")
        assert mail["Subject"] == "Test Clinic: nobody has acknowledged alert 1001"
        body = mail.get_content()
        assert "Ann Example" in body
        assert plant.stored().id in body
        assert PATIENT not in body
        plant.passes(hours=2)
        assert len(post.letters) == 1


def test_a_mail_server_that_is_away_is_asked_again(sqlite_file: Path) -> None:
    settings = ClinicSettings(alarm_email="desk@clinic.example", rounds=1)
    with (
        PostOffice() as post,
        Plant(f"sqlite:///{sqlite_file}", clinic=settings, smtp_url=post.url) as plant,
    ):
        plant.texts(*EMERGENCY)
        post.answers.append("451 later")
        for _ in range(3):
            plant.passes(minutes=2)
        assert not post.answers
        assert post.letters == []
        plant.passes(minutes=1)
        assert len(post.letters) == 1


def test_a_mail_that_is_refused_is_on_the_record(sqlite_file: Path) -> None:
    settings = ClinicSettings(alarm_email="nobody@clinic.example", rounds=1)
    with (
        PostOffice() as post,
        Plant(f"sqlite:///{sqlite_file}", clinic=settings, smtp_url=post.url) as plant,
    ):
        post.answers.append("550 no such mailbox")
        plant.texts(*EMERGENCY)
        for _ in range(6):
            plant.passes(minutes=4)
        job = plant.job("alarm_mail")
        assert (job.stage, job.reason) == (Stage.FAILED, "refused")
        assert post.letters == []
        assert the_alert(plant).ladder is Ladder.RAN_OUT


def test_without_a_mail_server_the_record_says_so(sqlite_file: Path) -> None:
    settings = ClinicSettings(alarm_email="desk@clinic.example", rounds=1)
    with Plant(f"sqlite:///{sqlite_file}", clinic=settings) as plant:
        plant.texts(*EMERGENCY)
        for _ in range(4):
            plant.passes(minutes=4)
        job = plant.job("alarm_mail")
        assert (job.stage, job.reason) == (Stage.FAILED, "no_mail")


def test_without_a_carrier_the_alarm_comes_all_the_same(sqlite_file: Path) -> None:
    with Plant(f"sqlite:///{sqlite_file}", carrier=False) as plant:
        on_call(plant, "Ann Example", ANN, 1)
        plant.texts(*EMERGENCY)
        for _ in range(4):
            plant.passes(minutes=4)
        assert the_alert(plant).ladder is Ladder.RAN_OUT
        assert told(plant) == []


# --- The daily test -------------------------------------------------------------------------------


def test_the_first_on_call_gets_a_test_each_day(plant: Plant) -> None:
    """NOON is noon in New York, and the test is at ten."""
    plant.texts("hello")
    plant.works.begin()
    plant.works.begin()
    plant.passes(hours=21)
    assert told(plant) == []
    plant.passes(hours=1)
    plant.passes(seconds=1)
    assert told(plant) == [("text", "Ann"), ("call", "Ann")]
    assert "TEST alert, no patient." in plant.twilio.texts[-1].body
    assert plant.alerts() == []
    answer(plant, newest_call(plant)).press("1")
    [test] = daily_tests(plant.works.database, FIRST)
    assert (test.about, test.acknowledged_by) == ("test:2026-03-03", "Ann Example")
    plant.passes(hours=1)
    assert rung(plant) == ["Ann"]
    for _ in range(3):
        plant.passes(hours=8)
    assert len(daily_tests(plant.works.database, FIRST)) == 2


def test_a_test_that_nobody_acknowledges_is_on_the_record(plant: Plant) -> None:
    plant.texts("hello")
    plant.works.begin()
    plant.passes(hours=22)
    plant.passes(minutes=4)
    plant.passes(minutes=4)
    [test] = daily_tests(plant.works.database, FIRST)
    assert (test.came_of, test.acknowledged_at) == ("unanswered", None)
    assert rung(plant) == ["Ann"]
    assert open_alerts(plant.works.database, FIRST) == []
