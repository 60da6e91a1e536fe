"""The command `rota`: who is on call when, and what is missing."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

import click

from app import checks
from app.at_desk import clinic_at, open_office, record
from app.command import as_typed, clinic_option
from app.counted import counted
from clinic.office import Office
from duty.clinic import Day
from duty.daily_test import asked_test
from duty.naming import Unfit, as_name
from duty.rota import Lack, Override, Person, Shift, lacking, on_call
from store.alerts import raise_alert
from store.audit import Action
from store.errors import Conflict
from store.rotas import RotaBook

_NAMES: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONGEST_RUNG: Final = 9
_MOMENTS: Final = ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d"]


class _Days(click.ParamType[frozenset[Day]]):
    name = "days"

    def convert(self, value: object, param: object, ctx: object) -> frozenset[Day]:  # noqa: ARG002
        if isinstance(value, frozenset):
            return value
        found: set[Day] = set()
        for part in str(value).lower().split(","):
            first, _, last = part.strip().partition("-")
            if first not in _NAMES or (last or first) not in _NAMES:
                self.fail("give days such as mon-fri or sat,sun.")
            begins, ends = _NAMES.index(first), _NAMES.index(last or first)
            # From Friday to Monday goes over the end of the week.
            found |= {Day((begins + step) % 7) for step in range((ends - begins) % 7 + 1)}
        return frozenset(found)


class _Hours(click.ParamType[tuple[time, time]]):
    name = "hours"

    def convert(self, value: object, param: object, ctx: object) -> tuple[time, time]:  # noqa: ARG002
        begins, dash, ends = str(value).partition("-")
        try:
            found = time.fromisoformat(begins.strip()), time.fromisoformat(ends.strip())
        except ValueError:
            dash = ""
        if not dash:
            self.fail("give them such as 17:00-08:00, or 00:00-00:00 for whole days.")
        return found


def _checked(check: str) -> object:
    def callback(_: click.Context, __: click.Parameter, value: str) -> str:
        try:
            return str(getattr(checks, check)(value)) if value else ""
        except checks.Wrong as wrong:
            raise click.BadParameter(str(wrong)) from None

    return callback


def _name(_: click.Context, __: click.Parameter, value: str) -> str:
    try:
        return as_name(value)
    except Unfit:
        raise click.BadParameter("give 1 to 100 plain characters.") from None


@click.group("rota")
def command() -> None:
    """Say who is on call when: they are told of an alert by text and by call, one after another."""


@command.command("list")
@clinic_option
def list_all(*, clinic: int) -> None:
    """Say who is on the rota, who is on call now, and what is missing in the next two weeks."""
    with open_office() as (office, _):
        place = clinic_at(office, clinic)
        rota, zone = _book(office).read(clinic), ZoneInfo(place.time_zone)
        names = {one.id: one.name for one in rota.people}
        for one in rota.people:
            click.echo(f"{one.id}  {one.name}, {one.phone}{f', {one.email}' if one.email else ''}")
        for shift in rota.shifts:
            click.echo(f"shift {shift.id}: {names[shift.person]}, {_when(shift)}")
        for override in rota.overrides:
            click.echo(f"override {override.id}: {_what(override, names, zone)}")
        now = on_call(rota, office.now())
        first = ", then ".join(one.name for one in now)
        click.echo(f"On call now: {first or f'nobody, so {place.name} itself is rung'}.")
        for stretch in lacking(rota, office.now()):
            many = stretch.lack is Lack.NOBODY
            who = "nobody" if many else f"{stretch.people[0].name} alone"
            click.echo(
                f"From {_local(stretch.begins, zone)} to {_local(stretch.ends, zone)}: {who}."
            )


@command.group("person")
def person() -> None:
    """Add and remove who can be on call."""


@person.command("add")
@click.option("--name", required=True, callback=_name, help="As the others read and hear it.")
@click.option("--phone", required=True, callback=_checked("phone"), help="With + and the country.")
@click.option("--email", default="", callback=_checked("email"), help="May be left out.")
@clinic_option
def add_person(*, name: str, phone: str, email: str, clinic: int) -> None:
    """Add somebody; their shifts come next."""
    with open_office() as (office, _):
        clinic_at(office, clinic)
        add = _book(office).adding(clinic, name, phone, email, office.now())
        try:
            record(office, clinic, Action.ROTA_CHANGED, 0, [add], what="person added")
        except Conflict:
            raise click.ClickException("Somebody of that number is on the rota already.") from None
        added = _book(office).by_phone(clinic, phone)
        assert added is not None
        click.echo(f"{name} is number {added.id} on the rota. Give them shifts: rota shift add.")


@person.command("remove")
@click.argument("number", type=int)
@clinic_option
def remove_person(*, number: int, clinic: int) -> None:
    """Remove somebody, with their shifts. That they were told of an alert stays on the record."""
    with open_office() as (office, _):
        found = _person(office, clinic, number)
        writes = _book(office).removing(clinic, number, office.now())
        record(office, clinic, Action.ROTA_CHANGED, number, writes, what="person removed")
        click.echo(f"{found.name} is not on the rota any more.")
        _warn(office, clinic)


@command.group("shift")
def shift() -> None:
    """Add and remove shifts, which come again each week."""


@shift.command("add")
@click.argument("number", type=int)
@click.option("--days", type=_Days(), required=True, help="On which it begins: mon-fri, sat,sun.")
@click.option("--hours", type=_Hours(), required=True, help="Such as 17:00-08:00.")
@click.option(
    "--rung",
    type=click.IntRange(1, _LONGEST_RUNG),
    default=1,
    show_default=True,
    help="1 is told first.",
)
@click.option("--time-zone", default="", help="Such as Europe/London; the clinic's, if left out.")
@clinic_option
def add_shift(
    *,
    number: int,
    days: frozenset[Day],
    hours: tuple[time, time],
    rung: int,
    time_zone: str,
    clinic: int,
) -> None:
    """Put somebody, by their number in `rota list`, on call each week."""
    with open_office() as (office, _):
        place, found = clinic_at(office, clinic), _person(office, clinic, number)
        if time_zone and time_zone not in available_timezones():
            raise click.BadParameter("give one such as Europe/London.", param_hint="--time-zone")
        zone = time_zone or place.time_zone
        added = Shift(number, rung, days, *hours, zone)
        write = _book(office).adding_shift(clinic, added)
        record(office, clinic, Action.ROTA_CHANGED, number, [write], what="shift added")
        click.echo(f"{found.name}, {_when(added)}.")
        _warn(office, clinic)


@shift.command("remove")
@click.argument("number", type=int)
@clinic_option
def remove_shift(*, number: int, clinic: int) -> None:
    """Remove the shift of that number in `rota list`."""
    with open_office() as (office, _):
        _known(number, [one.id for one in _book(office).read(clinic).shifts], "shift")
        write = _book(office).removing_shift(clinic, number)
        record(office, clinic, Action.ROTA_CHANGED, number, [write], what="shift removed")
        click.echo("Removed.")
        _warn(office, clinic)


@command.group("override")
def override() -> None:
    """Change the rota for a while: somebody is away, or stands in."""


@override.command("add")
@click.option("--absent", type=int, help="Who is away; left out: whoever is on --rung.")
@click.option("--present", type=int, help="Who stands in; left out: nobody.")
@click.option("--rung", type=click.IntRange(1, _LONGEST_RUNG), help="Needed without --absent.")
@click.option("--from", "begins", type=click.DateTime(_MOMENTS), required=True)
@click.option("--to", "ends", type=click.DateTime(_MOMENTS), required=True)
@clinic_option
def add_override(
    *,
    absent: int | None,
    present: int | None,
    rung: int | None,
    begins: datetime,
    ends: datetime,
    clinic: int,
) -> None:
    """Change the rota from one moment to another, in the clinic's time zone."""
    if absent is None and (present is None or rung is None):
        raise click.UsageError("Give --absent; or --present and --rung.")
    with open_office() as (office, _):
        place = clinic_at(office, clinic)
        for one in (absent, present):
            if one is not None:
                _person(office, clinic, one)
        zone = ZoneInfo(place.time_zone)
        first, last = (at.replace(tzinfo=zone).astimezone(UTC) for at in (begins, ends))
        if last <= first:
            raise click.UsageError("--to must be later than --from.")
        added = Override(absent, present, None if absent else rung, first, last)
        write = _book(office).adding_override(clinic, added)
        record(
            office, clinic, Action.ROTA_CHANGED, absent or present or 0, [write], what="override"
        )
        names = {one.id: one.name for one in _book(office).read(clinic).people}
        click.echo(f"{_what(added, names, zone)}.")
        _warn(office, clinic)


@override.command("remove")
@click.argument("number", type=int)
@clinic_option
def remove_override(*, number: int, clinic: int) -> None:
    """Remove the override of that number in `rota list`."""
    with open_office() as (office, _):
        _known(number, [one.id for one in _book(office).read(clinic).overrides], "override")
        write = _book(office).removing_override(clinic, number)
        record(office, clinic, Action.ROTA_CHANGED, number, [write], what="override removed")
        click.echo("Removed.")
        _warn(office, clinic)


@command.command("test")
@clinic_option
def send_test(*, clinic: int) -> None:
    """Send the test alert to whoever is first on call now; the worker sends it."""
    with open_office() as (office, settings):
        place, at = clinic_at(office, clinic), office.now()
        if not settings.carrier:
            # Not raised either: it would stand on the page as a test that nobody answered.
            raise click.ClickException(
                "No carrier is connected, so no test can go out: fill in .env as .env.example says,"
                f" type `{as_typed()} twilio connect`, and ask for the test again."
            )
        first = next(iter(on_call(_book(office).read(clinic), at)), None)
        raise_alert(office.database, clinic, None, asked_test(at), at)
        record(office, clinic, Action.ALERT_TESTED, 0, [])
        click.echo(f"The test goes to {first.name if first else place.name}.")


# --- Steps ----------------------------------------------------------------------------------------


def _book(office: Office) -> RotaBook:
    return RotaBook(office.database, office.sealer)


def _person(office: Office, clinic: int, number: int) -> Person:
    people = {one.id: one for one in _book(office).read(clinic).people}
    _known(number, list(people), "person")
    return people[number]


def _known(number: int, there: Sequence[int], what: str) -> None:
    if number not in there:
        raise click.ClickException(
            f"There is no {what} {number}: `rota list` says which there are."
        )


def _warn(office: Office, clinic: int) -> None:
    """Say at once where nobody is on call."""
    place = clinic_at(office, clinic)
    rota = _book(office).read(clinic)
    gaps = [one for one in lacking(rota, office.now()) if one.lack is Lack.NOBODY]
    length = sum((one.ends - one.begins for one in gaps), timedelta())
    if gaps:
        hours = counted(length // timedelta(hours=1), "hour")
        click.echo(
            f"In the next two weeks nobody is on call for {hours}; {place.name} is rung then."
        )


def _when(shift: Shift) -> str:
    days = ",".join(_NAMES[day] for day in sorted(shift.days))
    begins, ends = shift.begins.isoformat("minutes"), shift.ends.isoformat("minutes")
    return f"{days} from {begins} to {ends}, {shift.time_zone}, rung {shift.rung}"


def _what(override: Override, names: dict[int, str], zone: ZoneInfo) -> str:
    whom = names[override.absent] if override.absent else f"rung {override.rung}"
    who = f"{names[override.present]} for {whom}" if override.present else f"{whom} is away"
    return f"{who}, from {_local(override.begins, zone)} to {_local(override.ends, zone)}"


def _local(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
