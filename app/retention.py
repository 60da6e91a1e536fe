"""The command `retention`: erases by rule what is older than the clinic keeps."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click

from app.command import settings_or_exit
from app.counted import counted
from duty.retention import Because
from flows.definition import read_flow
from store.clinics import StoredClinic, read_clinics
from store.database import Database
from store.errors import StoreError
from store.retention import Report, Retention, Run, runs
from store.sealing import Sealer

_SHOWN = 10


@click.group("retention")
def command() -> None:
    """Erase by rule what is older than the clinic keeps; the clock does so each night."""


@command.command()
@click.option("--dry-run", is_flag=True, help="Say how much is due, and erase nothing.")
def run(*, dry_run: bool) -> None:
    """Erase now what is due, while the line goes on."""
    settings = settings_or_exit()
    now, flow, sealer = datetime.now(UTC), read_flow(), Sealer(settings.secret_key)
    with _open(settings.database_url) as (database, clinics):
        for clinic in clinics:
            retention = Retention(database, sealer, flow, clinic.id, clinic.settings)
            if dry_run:
                due = Counter(one.because for one in retention.due(now))
                left, old = due[Because.UNFINISHED], due[Because.EXPIRED]
                click.echo(f"{clinic.name}: due are {left} unfinished and {old} expired.")
                continue
            report = Report()
            for report in retention.run(now):  # noqa: B007  the last one is the whole
                pass
            click.echo(f"{clinic.name}: erased {in_words(report)}")


@command.command()
def report() -> None:
    """Say what was erased in the last nights."""
    settings = settings_or_exit()
    with _open(settings.database_url) as (database, clinics):
        for clinic in clinics:
            found = runs(database, clinic.id, _SHOWN)
            if not found:
                click.echo(f"{clinic.name}: nothing was erased by rule yet.")
            for one in found:
                click.echo(f"{clinic.name}, {_when(one)}: {in_words(one.report)}")


def in_words(report: Report) -> str:
    """How much was erased, such as "1 conversation (1 unfinished, 0 expired), 3 turns; ..."."""
    gone = counted(report.unfinished + report.expired, "conversation")
    return (
        f"{gone} ({report.unfinished:,} unfinished, {report.expired:,} expired),"
        f" {counted(report.turns, 'turn')}; {counted(report.contacts, 'number')} forgotten."
    )


def _when(run: Run) -> str:
    when = f"the night to {run.night}" if run.night else f"{run.began_at:%Y-%m-%d %H:%M} by hand"
    return when if run.ended_at else f"{when}, not finished"


@contextmanager
def _open(url: str) -> Iterator[tuple[Database, tuple[StoredClinic, ...]]]:
    database = Database(url)
    try:
        yield database, read_clinics(database)
    except StoreError as error:
        raise click.ClickException(f"{error}; DATABASE_URL says which one.") from None
    finally:
        database.close()
