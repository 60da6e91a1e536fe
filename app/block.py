"""The command `block`: numbers that get no answer any more, but what must be said of a red flag."""

import getpass
from datetime import UTC, datetime

import click

from app.command import clinic_option, settings_or_exit
from app.erase import contact
from store.blocking import Blocked, block, read_blocked, release
from store.database import Database
from store.errors import StoreError
from store.sealing import Sealer


@click.command("block")
@click.option("--phone", help="This number; without it, the blocked numbers are listed.")
@click.option("--reason", help="Why, in your own words.")
@click.option("--release", "free", is_flag=True, help="Block it no longer.")
@click.option("--by", default=getpass.getuser, help="Your name, for the list.")
@clinic_option
def command(phone: str | None, reason: str | None, by: str, clinic: int, *, free: bool) -> None:
    """Block a number: it gets no replies and no messages.

    Advice to go to hospital, or to get help today, is still given once when it is reached. What the
    number sends is still on the log.
    """
    if phone and not free and not reason:
        raise click.UsageError("Give --reason: others will want to know it.")
    if free and not phone:
        raise click.UsageError("Give --phone, too.")
    address = contact(phone) if phone else ""
    settings = settings_or_exit()
    database, sealer = Database(settings.database_url), Sealer(settings.secret_key)
    now = datetime.now(UTC)
    try:
        if not address:
            _list(database, sealer, clinic)
        elif free:
            found = read_blocked(database, sealer, clinic)
            ids = (one.id for one in found if one.address == address)
            done = any(release(database, clinic, id_, by, now) for id_ in ids)
            click.echo("It is blocked no longer." if done else "It was not blocked.")
        else:
            done = block(database, sealer, clinic, Blocked(address, by, reason or "", now))
            click.echo("It is blocked." if done else "It was blocked already.")
    except StoreError as error:
        raise click.ClickException(f"{error}; DATABASE_URL says which one.") from None
    finally:
        database.close()


def _list(database: Database, sealer: Sealer, clinic: int) -> None:
    found = read_blocked(database, sealer, clinic)
    for one in found:
        click.echo(f"{one.address}  since {one.at:%Y-%m-%d}, by {one.by}: {one.reason}")
    if not found:
        click.echo("No number is blocked.")
