"""Telling whoever is on call (`duty.ladder`), as the outbox's rows come due.

A ladder is a row that comes due again and again until somebody acknowledges its alert. Each time
the next step is decided anew, from what is stored. A call that is busy or not answered makes it
due at once. A ladder that runs out is an alarm: on the page, and by mail.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from app.deliveries import Over, Wait
from app.mail import Letter, Mailbox, MailError
from app.patient import Records
from duty.alert import TEST, Alert, Ladder
from duty.climbing import PATROL, ladder_due, mail_due, rung_due
from duty.daily_test import due_test
from duty.delivery import Due, Job, Lane, Stage
from duty.ladder import Hold, Rest, Rung, RunOut, Tell, next_step
from duty.rota import on_call
from duty.wording import Letterhead, mail_of, text_of
from store.alerts import came_of_write, find_alert, raise_alert, read_alert
from store.clinics import StoredClinic
from store.link import Write
from store.outbox import Outbox
from store.rotas import RotaBook
from store.rungs import RungBook
from store.senders import newest_sender
from telephony.outgoing import Call, Outgoing, Text
from voice.alert import alert_url

PATROL_EVERY: Final = timedelta(minutes=1)
UNANSWERED: Final = "unanswered"
"""What came of a daily test that nobody acknowledged."""

_OUTCOMES: Final = ("busy", "no-answer", "failed", "canceled")
_TEXT_HOLDS_SECONDS: Final = 3600
_SERVICE: Final = "MG"
_MAIL_AGAIN: Final = (timedelta(seconds=30), timedelta(minutes=15))
_MAIL_GIVES_UP: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Duty:
    """What the handlers read. `public_url`: where the line is reached, or None."""

    records: Records
    public_url: str | None
    rotas: RotaBook = field(init=False)
    rungs: RungBook = field(init=False)

    def __post_init__(self) -> None:
        put = object.__setattr__  # frozen from here on
        put(self, "rotas", RotaBook(self.records.database, self.records.sealer))
        put(self, "rungs", RungBook(self.records.database))

    def alert(self, job: Job) -> Alert | None:
        return read_alert(self.records.database, int(job.payload["alert"] or 0))

    def letterhead(self, alert: Alert, clinic: StoredClinic) -> Letterhead:
        """In whose name staff are told of it, and where the desk shows it."""
        page = f"/conversations/{alert.conversation}" if alert.conversation else ""
        link = f"{self.public_url}/desk{page}" if self.public_url else ""
        return Letterhead(clinic.locale.partition("-")[0], clinic.name, clinic.time_zone, link)

    def sender(self, job: Job, clinic: StoredClinic, *, calls: bool) -> str | None:
        """Our number to reach staff from; a messaging service cannot call."""
        chosen = clinic.settings.text_from
        if chosen and not (calls and chosen.startswith(_SERVICE)):
            return chosen
        at_hand = job.sender or next(iter(clinic.numbers), None)
        return at_hand or newest_sender(self.records.database, clinic.id)

    def phone(self, alert: Alert, rung: int, clinic: StoredClinic) -> str | None:
        """The number of whoever is told on that rung; None where they have left the rota."""
        told = next((one for one in self.rungs.read(alert.id) if one.number == rung), None)
        if told is None:
            return None
        if told.person is None:
            return clinic.phone or None
        people = self.rotas.read(clinic.id).people
        return next((one.phone for one in people if one.id == told.person), None)


@dataclass(frozen=True, slots=True)
class Climbs:
    """Decides whom to tell next."""

    duty: Duty

    def prepare(self, job: Job, at: datetime) -> Wait | Over:
        records, clinic = self.duty.records, self.duty.records.clinic(job)
        about = str(job.payload["about"])
        alert = find_alert(records.database, job.clinic, job.conversation, about)
        if alert is None:
            return Over(Stage.DROPPED, "erased")
        settings, zone = clinic.settings, clinic.time_zone
        while True:
            rota, rungs = self.duty.rotas.read(clinic.id), self.duty.rungs.read(alert.id)
            match next_step(alert, settings, zone, rota, rungs, at):
                case Tell(number, person):
                    rung = Rung(number, person.id if person else None, at)
                    self.duty.rungs.climb(alert.id, rung, rung_due(alert, rung, job.sender))
                case Hold(until):
                    return Wait(until, "told" if rungs else "waits")
                case RunOut():
                    return self._ran_out(alert, clinic, at)
                case Rest():
                    return self._rests(alert)

    def failed(self, job: Job, reason: str, at: datetime) -> Iterable[Write]:  # noqa: ARG002
        return ()

    def _rests(self, alert: Alert) -> Over:
        if alert.acknowledged_at is not None:
            return Over(Stage.DONE, "acknowledged")
        if alert.ladder is Ladder.WAITS:
            return Over(Stage.DONE, "on_page", (self._stands(alert, Ladder.RESTS),))
        return Over(Stage.DONE, "over")

    def _stands(self, alert: Alert, ladder: Ladder) -> Write:
        return self.duty.rungs.stands_write(alert.id, ladder)

    def _ran_out(self, alert: Alert, clinic: StoredClinic, at: datetime) -> Over:
        database = self.duty.records.database
        if alert.kind == TEST:
            unanswered = came_of_write(database, alert.id, UNANSWERED)
            return Over(Stage.DONE, UNANSWERED, (self._stands(alert, Ladder.RESTS), unanswered))
        mail: list[Write] = []
        if clinic.settings.alarm_email:
            mail = Outbox(database).writes(mail_due(alert, at))
        return Over(Stage.DONE, "ran_out", (self._stands(alert, Ladder.RAN_OUT), *mail))


@dataclass(frozen=True, slots=True)
class Texts:
    """The text of a rung."""

    duty: Duty

    def prepare(self, job: Job, at: datetime) -> Outgoing | Over:  # noqa: ARG002
        duty, clinic, alert = self.duty, self.duty.records.clinic(job), self.duty.alert(job)
        if alert is None or alert.acknowledged_at is not None:
            return Over(Stage.DROPPED, "acknowledged")
        to = duty.phone(alert, int(job.payload["rung"] or 0), clinic)
        sender = duty.sender(job, clinic, calls=False)
        if to is None or sender is None:
            return Over(Stage.FAILED, "no_number" if to is None else "no_sender")
        body = text_of(alert, duty.letterhead(alert, clinic))
        return Text(to, sender, body, valid_seconds=_TEXT_HOLDS_SECONDS)

    def failed(self, job: Job, reason: str, at: datetime) -> Iterable[Write]:  # noqa: ARG002
        # The call that goes with it says when the next one is told.
        return ()


@dataclass(frozen=True, slots=True)
class Calls:
    """The call of a rung."""

    duty: Duty

    def prepare(self, job: Job, at: datetime) -> Outgoing | Over:  # noqa: ARG002
        duty, clinic, alert = self.duty, self.duty.records.clinic(job), self.duty.alert(job)
        if alert is None or alert.acknowledged_at is not None:
            return Over(Stage.DROPPED, "acknowledged")
        rung = int(job.payload["rung"] or 0)
        to, sender = duty.phone(alert, rung, clinic), duty.sender(job, clinic, calls=True)
        if to is None or sender is None:
            return Over(Stage.FAILED, "no_number" if to is None else "no_sender")
        if duty.public_url is None:
            return Over(Stage.FAILED, "no_public_url")
        return Call(to, sender, alert_url(duty.public_url, alert.id, rung))

    def failed(self, job: Job, reason: str, at: datetime) -> Iterable[Write]:
        """The next one is told at once."""
        alert = self.duty.alert(job)
        if alert is None:
            return ()
        outcome = job.carrier_state if job.carrier_state in _OUTCOMES else reason
        ended = self.duty.rungs.ended_write(alert.id, int(job.payload["rung"] or 0), outcome, at)
        again = ladder_due(alert.clinic, alert.conversation, alert.about, at, job.sender)
        return (ended, Outbox(self.duty.records.database).move_write(again))


@dataclass(frozen=True, slots=True)
class AlarmMails:
    """The mail of an alarm. `mailbox`: None where no server was named for mail."""

    duty: Duty
    mailbox: Mailbox | None

    def prepare(self, job: Job, at: datetime) -> Wait | Over:
        duty, clinic, alert = self.duty, self.duty.records.clinic(job), self.duty.alert(job)
        if alert is None or alert.acknowledged_at is not None:
            return Over(Stage.DROPPED, "acknowledged")
        to = clinic.settings.alarm_email
        if self.mailbox is None or not to:
            return Over(Stage.FAILED, "no_mail")
        rungs, names = duty.rungs.read(alert.id), duty.rotas.names(clinic.id)
        told = mail_of(alert, rungs, names, duty.letterhead(alert, clinic))
        try:
            self.mailbox.send(Letter(to, told.subject, told.body, f"alarm-{alert.id}"))
        except MailError as error:
            waited = at - job.created_at
            if error.permanent or waited > _MAIL_GIVES_UP:
                return Over(Stage.FAILED, "refused" if error.permanent else "gave_up")
            first, most = _MAIL_AGAIN
            return Wait(at + min(max(waited, first), most), "later")
        return Over(Stage.DONE, "mailed")

    def failed(self, job: Job, reason: str, at: datetime) -> Iterable[Write]:  # noqa: ARG002
        # The alarm is on the page, whatever becomes of its mail.
        return ()


@dataclass(frozen=True, slots=True)
class DailyTests:
    """Raises the test alert of each clinic at its time: one row, which never ends."""

    duty: Duty

    def prepare(self, job: Job, at: datetime) -> Wait:  # noqa: ARG002
        database = self.duty.records.database
        for clinic in self.duty.records.sites.clinics():
            about = due_test(clinic.settings, clinic.time_zone, at)
            if about is None or find_alert(database, clinic.id, None, about) is not None:
                continue
            if on_call(self.duty.rotas.read(clinic.id), at):
                # Nobody on call is no test: the page of the rota says that already.
                raise_alert(database, clinic.id, None, about, at)
        return Wait(at + PATROL_EVERY)

    def failed(self, job: Job, reason: str, at: datetime) -> Iterable[Write]:  # noqa: ARG002
        return ()


def patrol_due(clinic: int, at: datetime) -> Due:
    """The row of the daily tests; `clinic`: any, since it looks after all."""
    return Due(key=PATROL, clinic=clinic, kind=PATROL, at=at, lane=Lane.CLOCK)
