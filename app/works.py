"""What the worker and the clock are made of, put together once for each process."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from app.clock_turns import ClockTurns
from app.deliveries import Deliveries, Handler
from app.ladders import AlarmMails, Calls, Climbs, DailyTests, Duty, Texts, patrol_due
from app.mail import Mailbox, mailbox_of
from app.nights import NIGHTS, Nights, nights_due
from app.patient import Records, Spoken, ToPerson
from app.settings import Settings
from app.sites import AllSites
from duty.climbing import PATROL, Climb
from duty.clinic import FIRST
from duty.delivery import Lane
from duty.patient import Owed
from store.blocking import BlockList
from store.database import Database
from store.follows import CLOCK
from store.outbox import Outbox
from store.sealing import Sealer
from store.senders import Senders

SENDING: Final = (Lane.URGENT, Lane.ORDINARY)
TIMING: Final = (Lane.CLOCK,)


def handlers(
    records: Records, public_url: str | None = None, mailbox: Mailbox | None = None
) -> dict[str, Handler]:
    """Who handles which kind of row: every kind that the product puts into the outbox."""
    to_person, duty = ToPerson(records), Duty(records, public_url)
    return {
        Climb.LADDER.value: Climbs(duty),
        Climb.TEXT.value: Texts(duty),
        Climb.CALL.value: Calls(duty),
        Climb.MAIL.value: AlarmMails(duty, mailbox),
        PATROL: DailyTests(duty),
        NIGHTS: Nights(records),
        CLOCK: ClockTurns(records),
        Owed.SPOKEN.value: Spoken(records),
        Owed.SAID.value: to_person,
        Owed.REPLY.value: to_person,
        Owed.ADVICE.value: to_person,
    }


@dataclass(frozen=True, slots=True)
class Works:
    """One process's own: its database, and what works off the outbox in it."""

    database: Database
    records: Records
    deliveries: Deliveries

    def begin(self) -> None:
        """Put in what is there from the start, unless it is. StoreError: it is not known to be."""
        now = self.deliveries.now()
        self.deliveries.outbox.put(patrol_due(FIRST, now), nights_due(now))


def put_together(
    settings: Settings, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Works:
    """Everything for these settings; nothing is connected yet."""
    database, sealer = Database(settings.database_url), Sealer(settings.secret_key)
    sites, blocks = AllSites(settings, database, sealer), BlockList(database, sealer)
    records = Records(database, sealer, sites, blocks)
    carrier = None
    if settings.carrier:
        # Not at the top: it is a quarter of a second and much memory, and no clock needs it.
        from telephony.client import Carrier  # noqa: PLC0415

        carrier = Carrier(settings.account_sid, settings.auth_tokens[0], settings.api_url)
    deliveries = Deliveries(
        outbox=Outbox(database),
        senders=Senders(database),
        handlers=handlers(records, settings.public_url, mailbox_of(settings)),
        carrier=carrier,
        public_url=settings.public_url,
        rate=lambda clinic: _rates(records).get(clinic, 1.0),
        now=now,
    )
    return Works(database, records, deliveries)


def _rates(records: Records) -> Mapping[int, float]:
    return {one.id: one.settings.parts_per_second for one in records.sites.clinics()}
