"""The command `sign`: a clinician puts their name under the content as it is."""

import unicodedata
from datetime import UTC, datetime
from typing import Final

import click

from app.command import CLINIC, settings_or_exit
from app.content import refusal, sentence, sign_off_state
from app.safety import faults
from flows.content import content_digest, red_flags
from flows.definition import read_flow
from store.clinics import ensure_clinic
from store.database import Database
from store.errors import StoreError
from store.sealing import Sealer
from store.sign_offs import SignOff, add_sign_off, newest_sign_off

_LONGEST: Final = 100


def _plain(_: click.Context, __: click.Parameter, value: str) -> str:
    """What is shown on every surface: one line, and not endless."""
    value = " ".join(value.split())
    if not value or len(value) > _LONGEST or any(unicodedata.category(c)[0] == "C" for c in value):
        raise click.BadParameter(f"give 1 to {_LONGEST} plain characters.")
    return value


@click.command("sign")
@click.option("--name", required=True, callback=_plain, help="Of the clinician who signs.")
@click.option("--role", required=True, callback=_plain, help="Such as 'clinical safety officer'.")
@click.option(
    "--registration", required=True, callback=_plain, help="Where registered, with the number."
)
@click.option("--withdraw", is_flag=True, help="Take back what was signed: a draft from then on.")
@click.option("--yes", is_flag=True, help="Do not ask before.")
def command(name: str, role: str, registration: str, *, withdraw: bool, yes: bool) -> None:
    """Sign off the content: every question, target, text and word list, as it is now."""
    if not set(registration) & set("123456789"):
        raise click.ClickException(
            f"{registration!r} is nobody's: sign with your own name, role and registration."
        )
    settings = settings_or_exit()
    if faults():
        raise click.ClickException("The flow is not safe: `backline check` says why.")
    flow = read_flow()
    database, sealer = Database(settings.database_url), Sealer(settings.secret_key)
    try:
        ensure_clinic(database, settings.clinic.name, settings.locale, settings.clinic.phone)
        before, digest = newest_sign_off(database, sealer, CLINIC), content_digest()
        reason = "" if withdraw else refusal(before, flow)
        if reason:
            raise click.ClickException(reason)
        click.echo(f"{flow.id} {flow.version}, content {digest[:16]}.")
        click.echo(f"Now: {sign_off_state(before, flow, digest)}.")
        what = "Take the signature back" if withdraw else "Sign all of it"
        if not yes:
            click.confirm(f"{what} as {name}, {role}, {registration}?", abort=True)
        signed = SignOff(
            digest="" if withdraw else digest,
            flow=flow.id,
            flow_version=flow.version,
            red_flags=red_flags(flow),
            name=name,
            role=role,
            registration=registration,
            at=datetime.now(UTC),
        )
        add_sign_off(database, sealer, CLINIC, signed)
    except StoreError as error:
        raise click.ClickException(f"{error}; DATABASE_URL says which one.") from None
    finally:
        database.close()
    click.echo(sentence(sign_off_state(signed, flow, digest)))
    click.echo("A server that is running shows it once it is started again.")
