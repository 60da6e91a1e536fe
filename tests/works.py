"""A line with its worker and its clock, in a test, on a clock of the test's own.

with Plant(url) as plant:
plant.texts("hello", "agree", "1")     # one person, by text
plant.passes(minutes=30)               # the clock and the worker do what came due
plant.twilio.texts                     # what the carrier took
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Self
from unittest.mock import patch

from app import sites
from app.rounds import Rounds
from app.settings import Settings
from app.works import SENDING, TIMING, Works, put_together
from duty.alert import Alert
from duty.clinic import FIRST, ClinicSettings
from duty.delivery import Job
from flows.conversation import Turn
from flows.line import build_line as build
from flows.wording import Clinic
from store.acknowledging import Acknowledging
from store.alerts import open_alerts
from store.clinics import StoredClinic, ensure_clinic, write_clinic
from store.review import StoredConversation, conversations
from telephony.door import Door
from telephony.signature import Verifier
from tests.doors import make_app
from tests.twilio_api import Sent, TwilioApi
from tests.twiml_player import Call, Carrier, Texter

PUBLIC_URL = "https://line.example"
ANN, LINE = "+12025550199", "+12025550100"
NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
"""In New York: a Monday."""
_STEP = timedelta(seconds=20)
CLINIC = Clinic("Test Clinic", "+12025550143", "(202) 555-0143")


build_line = cache(build)


@dataclass
class Plant:
    """The line at `url`, a migrated database, with everything that works beside it.

    `carrier`: whether one is connected.
    """

    url: str
    carrier: bool = True
    smtp_url: str | None = None
    at: datetime = NOON
    clinic: ClinicSettings = field(default_factory=ClinicSettings)
    twilio: TwilioApi = field(default_factory=TwilioApi)

    def __enter__(self) -> Self:
        self.twilio.now = self.now
        self.twilio.__enter__()
        self.works = self.new_works()
        database = self.works.database
        ensure_clinic(database, CLINIC.name, "en-US", CLINIC.phone)
        zone = "America/New_York"
        numbers = (LINE,)
        write_clinic(
            database,
            StoredClinic(FIRST, CLINIC.name, "en-US", CLINIC.phone, zone, numbers, self.clinic),
        )
        verifier = Verifier([self.twilio.token], PUBLIC_URL)
        door = Door(self.works.records.sites, verifier, self.works.deliveries.outbox, self.now)
        staff = Acknowledging(database, self.works.records.sealer)
        self.line = Carrier(make_app(door, staff).test_client(), self.twilio.token)
        self.texter = Texter(self.line, ANN, LINE)
        return self

    def __exit__(self, *_: object) -> None:
        self.works.database.close()
        self.twilio.__exit__()
        assert self.twilio.violations == []

    def now(self) -> datetime:
        return self.at

    def new_works(self) -> Works:
        """What another process of this installation has."""
        settings = self.settings()
        # A line is a third of a second, and the same each time.
        with patch.object(sites, "build_line", build_line):
            return put_together(settings, self.now)

    def settings(self) -> Settings:
        return Settings(
            carrier=self.carrier,
            account_sid=self.twilio.account,
            auth_tokens=(self.twilio.token,),
            database_url=self.url,
            public_url=PUBLIC_URL,
            locale="en-US",
            clinic=CLINIC,
            secret_key="q" * 32,
            reading_seconds=0,
            api_url=self.twilio.url,
            smtp_url=self.smtp_url,
            mail_from="line@clinic.example",
        )

    # --- Somebody does something ------------------------------------------------------------------

    def texts(self, *bodies: str) -> list[str]:
        """Text the line, some seconds apart; what came back to the last one."""
        messages: list[str] = []
        for body in bodies:
            self.at += _STEP
            messages = self.texter.text(body)
        return messages

    def calls(self) -> Call:
        """Ring the line."""
        self.at += _STEP
        return Call(self.line, ANN, LINE).ring()

    def presses(self, call: Call, *keys: str) -> None:
        """Press keys, one for each question, some seconds apart."""
        for key in keys:
            self.at += _STEP
            call.press(key)

    def passes(self, **time: float) -> int:
        """Let time pass; then the clock and the worker do what is due, and say how much it was."""
        self.at += timedelta(**time)
        return self.work()

    def work(self) -> int:
        """Do what is due now: as the clock and the worker would, turn and turn about."""
        done = 0
        while found := Rounds(self.works.deliveries, (*TIMING, *SENDING)).once():
            done += found
        return done

    # --- What came of it --------------------------------------------------------------------------

    def stored(self) -> StoredConversation:
        records = self.works.records
        *_, newest = conversations(records.database, records.sealer, FIRST, numbers=True)
        return newest

    @property
    def last(self) -> Turn:
        return self.stored().turns[-1]

    def jobs(self, kind: str) -> list[Job]:
        found = self.works.deliveries.outbox.of_conversation(self.stored().id)
        return [job for job in found if job.kind == kind]

    def job(self, kind: str) -> Job:
        (job,) = self.jobs(kind)
        return job

    def alerts(self) -> list[str]:
        """What is open, in any order."""
        return sorted(alert.about for alert in self._alerts())

    def _alerts(self) -> Iterator[Alert]:
        yield from open_alerts(self.works.database, FIRST)

    @property
    def received(self) -> list[Sent]:
        """The texts that the carrier took for the person; what staff are told is none of them."""
        return [text for text in self.twilio.texts if text.to.endswith(ANN)]

    def sent(self) -> list[str]:
        """The first words of each of these."""
        return [" ".join(text.body.split()[:2]) for text in self.received]
