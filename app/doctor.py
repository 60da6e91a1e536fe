"""The command `doctor`: a deployment checked from end to end, a line for each check."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import click

from app.checkup import of_alerts, of_carrier, of_content, of_database, of_processes, of_public_url
from app.checkup_duty import of_duty
from app.environment import WrongSettings
from app.finding import Finding, Verdict
from app.settings import Settings, read_settings


@click.command("doctor")
def command() -> None:
    """Check the deployment, and say what to do; exit 1 where anything is wrong.

    It reads and asks, and changes nothing: run it after a change, and whenever in doubt.
    """
    wrong = 0
    for finding in examine(datetime.now(UTC)):
        click.echo(str(finding))
        wrong += finding.verdict is Verdict.WRONG
    if wrong:
        click.echo(f"{wrong} thing{'s are' if wrong > 1 else ' is'} wrong.", err=True)
        sys.exit(1)
    click.echo("Nothing is wrong.")


def examine(now: datetime) -> Iterator[Finding]:
    """What each check finds. `now`: this machine's time (UTC)."""
    try:
        settings = read_settings()
    except WrongSettings as error:
        for fault in error.faults:
            yield Finding("settings", Verdict.WRONG, fault)
        return
    yield Finding("settings", Verdict.OK, "All are there, and can be meant.")
    yield from of_settings(settings, now)


def of_settings(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Every other check, in the order in which faults are best mended."""
    database_answers = yield from of_database(settings)
    if database_answers:
        yield from of_processes(settings, now)
        yield of_alerts(settings, now)
        yield from of_duty(settings, now)
    yield of_content(settings)
    if not settings.carrier:
        yield Finding(
            "carrier",
            Verdict.UNKNOWN,
            "None is connected: this is a demonstration, on one machine.",
        )
        return
    yield from of_public_url(settings)
    yield from of_carrier(settings, now)
