"""The command `staff`: who may sign in at the clinic's desk. The first admin is made by it."""

from datetime import UTC, datetime, timedelta
from typing import Final

import click

from app.at_desk import clinic_at, open_office, record
from app.command import clinic_option
from app.reached import reached_at
from app.settings import Settings
from clinic import passwords
from clinic.office import LINK_GOOD_FOR, Office, link_address
from duty.naming import Unfit, as_login, as_name
from duty.roles import Role
from store.audit import Action
from store.clinics import read_clinics
from store.staff import Staff

_WRONG: Final = {
    "name": "give 1 to 100 plain characters.",
    "login": "give an e-mail address or a short name, without spaces.",
}


def _name(_: click.Context, __: click.Parameter, value: str) -> str:
    try:
        return as_name(value)
    except Unfit as unfit:
        raise click.BadParameter(_WRONG[str(unfit)]) from None


def _login(_: click.Context, __: click.Parameter, value: str) -> str:
    try:
        return as_login(value)
    except Unfit as unfit:
        raise click.BadParameter(_WRONG[str(unfit)]) from None


_who = click.argument("login", callback=_login)


@click.group("staff")
def command() -> None:
    """Look after those who may sign in at the clinic's desk."""


@command.command()
@click.option("--name", required=True, callback=_name, help="As the others see it.")
@click.option(
    *("--login", "--email"),
    required=True,
    callback=_login,
    help="What they sign in with: an e-mail address, or a short name.",
)
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@clinic_option
@click.option("--password", "ask", is_flag=True, help="Ask for a password here, hidden.")
def add(*, name: str, login: str, role: str, clinic: int, ask: bool) -> None:
    """Add somebody, or give them a role at another clinic.

    It prints a link with which they choose a password, once. With --password it is chosen here.
    """
    with open_office() as (office, settings):
        place = clinic_at(office, clinic)
        chosen = _ask([name, login, place.name]) if ask else None
        known = office.staff.by_login(login)
        if known is None or not known.roles:
            person = office.staff.add(login, name, office.now())
            writes = [office.staff.giving_role(person, clinic, Role(role))]
            record(office, clinic, Action.STAFF_ADDED, person, writes, role=role)
            known = office.staff.by_login(login)
        elif clinic not in known.roles:
            writes = [office.staff.giving_role(known.id, clinic, Role(role))]
            record(office, clinic, Action.STAFF_ADDED, known.id, writes, role=role)
            click.echo(f"{known.name} is {role} at {place.name} too, and signs in as before.")
            return
        else:
            raise click.ClickException(
                f"{login} is {known.roles[clinic]} at {place.name} already. `staff reset {login}`"
                " gives a new link; `staff remove` takes them out."
            )
        assert known is not None
        click.echo(f"{name} is {role} at {place.name}.")
        _let_in(office, settings, known, clinic, chosen)


@command.command("list")
def list_all() -> None:
    """Say who may sign in, and as what."""
    with open_office() as (office, _):
        names = {place.id: place.name for place in read_clinics(office.database)}
        everybody = [one for one in office.staff.everybody() if one.roles]
        for one in everybody:
            roles = ", ".join(f"{role} at {names[clinic]}" for clinic, role in one.roles.items())
            click.echo(f"{one.login}: {one.name}, {roles}{_state(one)}")
        if not everybody:
            click.echo("Nobody yet. `staff add` makes the first admin.")


@command.command()
@_who
@click.option("--second-factor", "factor", is_flag=True, help="They have lost their phone, too.")
@click.option("--password", "ask", is_flag=True, help="Ask for a password here, hidden.")
def reset(*, login: str, factor: bool, ask: bool) -> None:
    """Give somebody a link to choose a new password with, and sign them out everywhere."""
    with open_office() as (office, settings):
        person = _person(office, login)
        clinic = min(person.roles)
        place = clinic_at(office, clinic)
        chosen = _ask([person.name, login, place.name]) if ask else None
        writes = office.staff.resetting(person.id, second_factor=factor)
        writes.append(office.sessions.ending_all(person.id))
        what = "password and second factor" if factor else "password"
        record(office, clinic, Action.STAFF_RESET, person.id, writes, what=what)
        _let_in(office, settings, person, clinic, chosen)


@command.command()
@_who
def remove(*, login: str) -> None:
    """Let somebody sign in no more, at any clinic. What they did stays on the log."""
    with open_office() as (office, _):
        person = _person(office, login)
        ended = office.sessions.ending_all(person.id)
        for clinic in person.roles:
            writes = [ended, office.staff.taking_role(person.id, clinic)]
            record(office, clinic, Action.STAFF_REMOVED, person.id, writes)
        click.echo(f"{person.name} can sign in no more.")


# --- Steps ----------------------------------------------------------------------------------------


def _person(office: Office, login: str) -> Staff:
    person = office.staff.by_login(login)
    if person is None or not person.roles:
        raise click.ClickException(f"Nobody signs in as {login}: `staff list` says who does.")
    return person


def _ask(near: list[str]) -> str:
    """A password, typed twice; what is hashed of it is kept, and nothing else."""
    password = click.prompt("Password", hide_input=True, confirmation_prompt=True, type=str)
    fault = passwords.fault(password, near)
    if fault:
        raise click.ClickException(passwords.SENTENCES[fault])
    return passwords.hashed(password)


def _let_in(
    office: Office, settings: Settings, person: Staff, clinic: int, chosen: str | None
) -> None:
    """Keep the password that was chosen here; or print the link with which they choose one."""
    at = datetime.now(UTC)
    if chosen is not None:
        writes = [office.staff.changing(person.id, password=chosen)]
        record(office, clinic, Action.PASSWORD_CHANGED, person.id, writes)
        click.echo("They sign in with that password, and set up their second factor then.")
        return
    key, writes = office.staff.link(person.id, at, at + LINK_GOOD_FOR)
    with office.database.link() as link:
        link.write(writes)
    click.echo(
        f"Give them this link. It is good once, for {_hours(LINK_GOOD_FOR)} hours, and shown only"
        f" now:\n\n  {link_address(reached_at(settings), key)}\n"
    )


def _hours(length: timedelta) -> int:
    return length // timedelta(hours=1)


def _state(one: Staff) -> str:
    if one.disabled_at:
        return "; disabled"
    if one.password is None:
        return "; has not chosen a password yet"
    return "" if one.totp_since else "; no second factor yet"
