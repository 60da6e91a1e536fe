"""What the commands have in common that do what the desk does: where it is, and its audit log."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from app.command import settings_or_exit
from app.settings import Settings
from clinic.office import Office
from store.audit import Action, Entry
from store.clinics import StoredClinic, ensure_clinic, read_clinics
from store.database import Database
from store.errors import StoreError
from store.link import Write
from store.sealing import Sealer


@contextmanager
def open_office() -> Iterator[tuple[Office, Settings]]:
    """The desk of this installation, for the block; what the database refuses is said plainly."""
    settings = settings_or_exit()
    database = Database(settings.database_url)
    try:
        ensure_clinic(database, settings.clinic.name, settings.locale, settings.clinic.phone)
        yield Office(database, Sealer(settings.secret_key)), settings
    except StoreError as error:
        raise click.ClickException(f"{error}; DATABASE_URL says which one.") from None
    finally:
        database.close()


def clinic_at(office: Office, clinic: int) -> StoredClinic:
    """The clinic of that number, or a sentence that names those that there are."""
    found = {one.id: one for one in read_clinics(office.database)}
    if clinic not in found:
        numbers = ", ".join(f"{one.id} ({one.name})" for one in found.values())
        raise click.BadParameter(f"there are {numbers}.", param_hint="--clinic")
    return found[clinic]


def record(
    office: Office, clinic: int, action: Action, about: int, also: Sequence[Write], **detail: str
) -> None:
    """Do `also`, and record that whoever runs the installation did it."""
    office.log.add(clinic, Entry(action, office.now(), about=str(about), detail=detail), also)
