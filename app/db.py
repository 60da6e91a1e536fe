"""The command `db`: what an installation needs of its database."""

import click

from app.command import settings_or_exit
from store.clinics import ensure_clinic
from store.database import Database
from store.errors import StoreError
from store.migrate import upgrade as upgrade_tables


@click.group("db")
def command() -> None:
    """Look after the database."""


@command.command()
@click.option("--quiet", is_flag=True, help="Say nothing where it went well.")
def upgrade(*, quiet: bool) -> None:
    """Make the tables, or bring them up to date."""
    settings = settings_or_exit()
    try:
        upgrade_tables(settings.database_url)
        ensure_clinic(
            Database(settings.database_url),
            settings.clinic.name,
            settings.locale,
            settings.clinic.phone,
        )
    except StoreError as error:
        raise click.ClickException(f"{error}; DATABASE_URL says which one.") from None
    if not quiet:
        click.echo("The tables are up to date.")
