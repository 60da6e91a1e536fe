"""A day in fast time: what is urgent at night, what waits for the morning, what nobody answers."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from duty.alert import Alert, How, Ladder
from duty.clinic import FIRST, ClinicSettings
from store.alerts import alarms, alerts_of, daily_tests
from store.rungs import RungBook
from tests.app.test_ladders import ANN, BEN, answer, newest_call, on_call, rung
from tests.flows.talk import SAFE
from tests.post_office import PostOffice
from tests.twiml_player import Texter
from tests.works import LINE, Plant

NEW_YORK = ZoneInfo("America/New_York")
NIGHT = datetime(2026, 3, 3, 2, 40, tzinfo=NEW_YORK).astimezone(UTC)
SETTINGS = ClinicSettings(alarm_email="desk@clinic.example")
SAME_DAY = ("hello", "agree", *SAFE[:10], "1")
CAT = "+12025550198"
MINUTE, CLOSE = timedelta(minutes=1), timedelta(minutes=2)


def until(plant: Plant, hour: int, minute: int = 0) -> None:
    """Let time pass to that time of day: in leaps, and the last minutes one by one."""
    ends = plant.at.astimezone(NEW_YORK).replace(hour=hour, minute=minute, second=0)
    if ends <= plant.at:
        ends += timedelta(days=1)
    while plant.at < ends:
        left = ends - plant.at
        plant.passes(seconds=(left - CLOSE if left > CLOSE else min(left, MINUTE)).total_seconds())


def the(plant: Plant, conversation: str, about: str) -> Alert:
    [found] = [one for one in alerts_of(plant.works.database, conversation) if one.about == about]
    return found


@pytest.mark.timeout(300)  # some ninety rounds of everything
def test_a_day(postgres_emptied: str) -> None:
    url = postgres_emptied
    with PostOffice() as post, Plant(url, at=NIGHT, clinic=SETTINGS, smtp_url=post.url) as plant:
        plant.works.begin()
        on_call(plant, "Ann Example", ANN, 1)
        on_call(plant, "Ben Example", BEN, 2)
        database, rungs = plant.works.database, RungBook(plant.works.database)

        # 2:41 at night: the first does not answer, the second acknowledges with a key.
        plant.texts("hello", "agree", "1")
        plant.passes(seconds=1)
        assert rung(plant) == ["Ann"]
        plant.twilio.tell(plant.line, newest_call(plant), "ringing", "no-answer")
        plant.passes(seconds=1)
        assert rung(plant) == ["Ann", "Ben"]
        answer(plant, newest_call(plant)).press("1")
        plant.twilio.tell(plant.line, newest_call(plant), "in-progress", "completed")
        urgent = plant.stored().id
        t1 = the(plant, urgent, "T1")
        assert (t1.acknowledged_by, t1.acknowledged_how) == ("Ben Example", How.KEY)
        assert [one.outcome for one in rungs.read(t1.id)] == ["no-answer", None]

        # A quarter of an hour later, somebody else: help today. Nobody is rung before nine.
        until(plant, 3)
        other = Texter(plant.line, CAT, LINE)
        for words in SAME_DAY:
            plant.passes(seconds=5)
            other.text(words)
        same_day = plant.stored().id
        t2 = the(plant, same_day, "T2")
        until(plant, 8, 59)
        assert rungs.read(t2.id) == ()

        # From nine on everybody is told twice, and nobody answers: an alarm, and its mail.
        for minute in (0, 4, 8, 12, 17):
            until(plant, 9, minute)
        assert [one.at.astimezone(NEW_YORK).strftime("%H:%M") for one in rungs.read(t2.id)] == [
            *("09:00", "09:04", "09:08", "09:12"),
        ]
        t2 = the(plant, same_day, "T2")
        assert (t2.ladder, t2.acknowledged_at) == (Ladder.RAN_OUT, None)
        assert t2.id in [one.id for one in alarms(database, FIRST)]
        [mail] = [one for one in post.letters if t2.reference in one["Subject"]]
        assert mail["To"] == "desk@clinic.example"

        # At ten the test alert; the first on call acknowledges it by reply.
        until(plant, 10, 1)
        [test] = daily_tests(database, FIRST)
        Texter(plant.line, ANN, LINE).text(f"{test.reference} OK")
        [test] = daily_tests(database, FIRST)
        assert (test.about, test.acknowledged_by) == ("test:2026-03-03", "Ann Example")

        # The day after, the person of the night is asked whether they were seen: they were not.
        until(plant, 8)
        plant.passes(minutes=1)
        assert [text.body.split(".")[0] for text in plant.received][-1].startswith("We told")
        plant.texts("2")
        not_seen = the(plant, urgent, "not_seen")
        assert not_seen.acknowledged_at is None

        # All of it is on the record, conversation by conversation.
        kinds = {job.kind for job in plant.works.deliveries.outbox.of_conversation(same_day)}
        assert {"ladder", "alert_text", "alert_call", "alarm_mail"} <= kinds
