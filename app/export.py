"""The command `export`: conversations as lines that other programs can read (`exports`)."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TextIO

import click

from app.command import CLINIC, clinic_option, settings_or_exit
from app.counted import counted
from app.settings import Settings
from app.sites import AllSites
from exports.formats import FORMATS, format_of, pieces
from flows.content import content_digest
from store.database import Database
from store.errors import SealError, StoreError
from store.review import Selection, StoredConversation, conversations, count
from store.sealing import Sealer
from store.sign_offs import is_signed

_QUIET_SECONDS: Final = 2.0
"""An export that takes longer says how far it is, and again after each such time."""

_DAY = click.DateTime(["%Y-%m-%d"])


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of which clinic is written, in which format; `numbers`: with phone numbers."""

    clinic: int
    form: str
    selection: Selection
    numbers: bool


@click.command("export")
@click.option("--format", "form", type=click.Choice(FORMATS), default="jsonl", show_default=True)
@click.option("--conversation", metavar="ID", help="That conversation alone.")
@clinic_option
@click.option("--from", "first", type=_DAY, help="Begun on this day (UTC) or later.")
@click.option("--to", "last", type=_DAY, help="Begun on this day (UTC) or earlier.")
@click.option("--with-numbers", "numbers", is_flag=True, help="With phone numbers.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write, readable by you alone; else the standard output.",
)
def command(  # noqa: PLR0913  one for each option
    *,
    form: str,
    conversation: str | None,
    clinic: int,
    first: datetime | None,
    last: datetime | None,
    numbers: bool,
    output: Path | None,
) -> None:
    """Write conversations, oldest first: as CSV, as lines of JSON, or as FHIR R4 resources."""
    if first and last and first > last:
        raise click.BadParameter("it is before --from.", param_hint="'--to'")
    selection = Selection(
        id=conversation,
        begun_from=_midnight(first) if first else None,
        begun_before=_midnight(last, after=1) if last else None,
    )
    settings = settings_or_exit()
    database = Database(settings.database_url)
    try:
        _write(settings, database, Wanted(clinic, form, selection, numbers), output)
    except SealError:
        raise click.ClickException(
            "The conversations were written with another BACKLINE_SECRET_KEY: give that one."
        ) from None
    except StoreError as error:
        raise click.ClickException(f"{error}; DATABASE_URL says which one.") from None
    except BrokenPipeError:
        # Whoever reads it has read enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {error.strerror}.") from None
    finally:
        database.close()


def _write(settings: Settings, database: Database, wanted: Wanted, output: Path | None) -> None:
    """Write what is wanted; ClickException for a clinic or a conversation that is not there."""
    sealer, clinic, selection = Sealer(settings.secret_key), wanted.clinic, wanted.selection
    try:
        line = AllSites(settings, database, sealer).of(clinic).line
    except KeyError:
        raise click.ClickException(f"There is no clinic {clinic}.") from None
    signed = wanted.form == "fhir" and is_signed(database, sealer, CLINIC, content_digest())
    file_format = format_of(wanted.form, line, numbers=wanted.numbers, signed=signed)
    found = conversations(database, sealer, clinic, selection, numbers=wanted.numbers)
    if selection.id is not None:
        one = next(found, None)
        if one is None:
            raise click.ClickException(f"No conversation {selection.id} is kept.")
        found = iter([one])
    written = _Written(found, lambda: count(database, clinic, selection))
    with _opened(output) as file:
        file.writelines(pieces(file_format, written))
    if output or not written.number:
        # On the standard error: the standard output may be what is exported.
        where = f" to {output}" if output else ""
        click.echo(f"Written{where}: {counted(written.number, 'conversation')}.", err=True)


class _Written:
    """What is found, as it is written; now and then, where it takes a while, how far it is.

    `number`: how many there were so far.
    """

    def __init__(self, found: Iterator[StoredConversation], total: Callable[[], int]) -> None:
        self._found, self._total = found, total
        self.number = 0

    def __iter__(self) -> Iterator[StoredConversation]:
        said, of = time.monotonic(), None
        for one in self._found:
            yield one
            self.number += 1
            if time.monotonic() - said > _QUIET_SECONDS:
                of = of or self._total()
                so_far = f"{self.number:,} of {counted(of, 'conversation')}"
                click.echo(f"Written so far: {so_far}.", err=True)
                said = time.monotonic()


def _midnight(day: datetime, after: int = 0) -> datetime:
    """Where a day begins, or one so many days after it, as far as there are days."""
    try:
        return day.replace(tzinfo=UTC) + timedelta(days=after)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


@contextmanager
def _opened(output: Path | None) -> Iterator[TextIO]:
    """Where to write: a file that is there once all of it is, or the standard output."""
    if output is None:
        yield sys.stdout
        sys.stdout.flush()
        return
    part = output.with_name(f"{output.name}.part")
    part.unlink(missing_ok=True)
    try:
        # Patients' words: nobody else on the machine needs to read them.
        opened = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(opened, "w", encoding="utf-8", newline="") as file:
            yield file
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)
