"""The checks of `backline doctor` of how staff are told: rota, mail of alarms, tests."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from app.finding import Finding, Verdict
from app.ladders import UNANSWERED
from app.mail import MailError, mailbox_of
from app.settings import Settings
from duty.rota import Lack, lacking
from store.alerts import daily_tests
from store.clinics import StoredClinic, read_clinics
from store.database import Database
from store.errors import StoreError
from store.rotas import RotaBook
from store.sealing import Sealer


def of_duty(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Whether somebody is told of an alert, clinic by clinic."""
    database = Database(settings.database_url)
    book = RotaBook(database, Sealer(settings.secret_key))
    try:
        for clinic in read_clinics(database):
            yield _of_rota(book, clinic, settings, now)
            yield _of_mail(clinic, settings)
            yield _of_tests(database, clinic)
    except StoreError as error:
        yield Finding("on call", Verdict.WRONG, f"It cannot be read: {error}.")
    finally:
        database.close()


def _of_rota(book: RotaBook, clinic: StoredClinic, settings: Settings, now: datetime) -> Finding:
    name, rota = f"on call at {clinic.name}", book.read(clinic.id)
    gaps = [one for one in lacking(rota, now) if one.lack is Lack.NOBODY]
    hours = sum((one.ends - one.begins for one in gaps), timedelta()) // timedelta(hours=1)
    if not gaps:
        return Finding(name, Verdict.OK, "Somebody is on call all through the next two weeks.")
    told = (
        f"Nobody is on call for {hours} hours of the next two weeks, and its phone is rung then:"
        " 'backline rota list' says when."
    )
    return Finding(name, Verdict.WRONG if settings.carrier else Verdict.UNKNOWN, told)


def _of_mail(clinic: StoredClinic, settings: Settings) -> Finding:
    name, mailbox = f"alarms of {clinic.name} by mail", mailbox_of(settings)
    if not clinic.settings.alarm_email:
        told = "It has given no address, so an alarm is on its page alone."
        return Finding(name, Verdict.UNKNOWN, f"{told} The page 'Clinic' takes one.")
    if mailbox is None:
        told = "It has given an address, and no server takes mail: set BACKLINE_SMTP_URL."
        return Finding(name, Verdict.WRONG, told)
    try:
        mailbox.check()
    except MailError as error:
        told = "refuses us" if error.permanent else "cannot be reached"
        return Finding(name, Verdict.WRONG, f"The server that takes mail {told}.")
    return Finding(name, Verdict.OK, "The server that takes mail lets us in.")


def _of_tests(database: Database, clinic: StoredClinic) -> Finding:
    name, newest = (
        f"test alert at {clinic.name}",
        next(iter(daily_tests(database, clinic.id)), None),
    )
    if newest is None:
        return Finding(name, Verdict.UNKNOWN, "None was sent yet: 'backline rota test' sends one.")
    when = f"{newest.raised_at:%Y-%m-%d %H:%M} UTC"
    if newest.acknowledged_by:
        return Finding(
            name, Verdict.OK, f"That of {when} was acknowledged by {newest.acknowledged_by}."
        )
    if newest.came_of == UNANSWERED:
        return Finding(name, Verdict.WRONG, f"Nobody acknowledged that of {when}.")
    return Finding(name, Verdict.UNKNOWN, f"That of {when} is not acknowledged yet.")
