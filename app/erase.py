"""The command `erase`: takes out what a person said, and leaves a tombstone in the log."""

from datetime import UTC, datetime

import click

from app.command import clinic_option, settings_or_exit
from app.counted import counted
from store.database import Database
from store.erasure import Erasure
from store.errors import StoreError
from store.sealing import Sealer
from telephony.contact import number


@click.command("erase")
@click.option("--phone", help="Everything of this number, and the number.")
@click.option("--conversation", "ids", multiple=True, help="This conversation; may be repeated.")
@click.option("--reason", required=True, help="Kept with the tombstone: name nobody in it.")
@clinic_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(
    phone: str | None, ids: tuple[str, ...], reason: str, clinic: int, *, yes: bool
) -> None:
    """Erase what a person said, for good."""
    if bool(phone) == bool(ids):
        raise click.UsageError("Give --phone, or --conversation.")
    address = contact(phone) if phone else ""
    settings = settings_or_exit()
    if not yes:
        click.confirm("What is erased cannot be brought back. Erase it?", abort=True)
    database = Database(settings.database_url)
    erasure = Erasure(database, Sealer(settings.secret_key), clinic, reason)
    now = datetime.now(UTC)
    try:
        done = erasure.contact(address, now) if phone else erasure.conversations(ids, now)
    except StoreError as error:
        raise click.ClickException(f"{error}; DATABASE_URL says which one.") from None
    finally:
        database.close()
    if not done.turns:
        click.echo("Nothing is kept of that.")
        return
    conversations, turns = counted(done.conversations, "conversation"), counted(done.turns, "turn")
    click.echo(f"Erased: {conversations}, {turns}.")
    click.echo("Copies are not reached: erase in backups and exports too.")


def contact(phone: str) -> str:
    """The contact as the carrier names it: a number, or an address such as sip:ann@example.org."""
    found = number(phone.strip()) or (phone.strip() if ":" in phone else "")
    if not found:
        raise click.BadParameter("give it with + and the country's code.", param_hint="--phone")
    return found
