"""The command `db`: what an installation needs of its database."""

import time
from typing import Final

import click

from app.command import settings_or_exit
from app.counted import counted
from app.settings import Settings
from app.sites import AllSites
from store.clinics import ensure_clinic
from store.database import Database
from store.errors import StoreError
from store.migrate import upgrade as upgrade_tables
from store.rebuild import is_behind
from store.rebuild import rebuild as rebuilding
from store.sealing import Sealer

_QUIET_SECONDS: Final = 3.0


@click.group("db")
def command() -> None:
    """Look after the database."""


@command.command()
@click.option("--quiet", is_flag=True, help="Say nothing where it went well.")
def upgrade(*, quiet: bool) -> None:
    """Make the tables, or bring them up to date."""
    settings = settings_or_exit()
    database = Database(settings.database_url)
    try:
        upgrade_tables(settings.database_url)
        ensure_clinic(database, settings.clinic.name, settings.locale, settings.clinic.phone)
        if is_behind(database):
            # The conversations are older than the lists.
            _rebuild(settings, database, say=not quiet)
    except StoreError as error:
        raise click.ClickException(f"{error}; DATABASE_URL says which one.") from None
    finally:
        database.close()
    if not quiet:
        click.echo("The tables are up to date.")


@command.command()
def rebuild() -> None:
    """Make the desk's lists and its index of words again, from the turns."""
    settings = settings_or_exit()
    database = Database(settings.database_url)
    try:
        database.require_current()
        done = _rebuild(settings, database, say=True)
    except StoreError as error:
        raise click.ClickException(f"{error}; DATABASE_URL says which one.") from None
    finally:
        database.close()
    are = "is" if done == 1 else "are"
    click.echo(f"{counted(done, 'conversation')} {are} in the lists.")


def _rebuild(settings: Settings, database: Database, *, say: bool) -> int:
    """How many conversations were done; `say`: how far it is, now and then."""
    sealer = Sealer(settings.secret_key)
    total, said = 0, time.monotonic()
    for site in AllSites(settings, database, sealer).all():
        done = 0
        for done in rebuilding(database, sealer, site.id, site.line):
            if say and time.monotonic() - said > _QUIET_SECONDS:
                click.echo(f"Done: {counted(total + done, 'conversation')}.", err=True)
                said = time.monotonic()
        total += done
    return total
