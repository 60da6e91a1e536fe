"""The command `worker`: sends what is due, until it is told to stop."""

import click

from app import logs
from app.command import settings_or_exit
from app.rounds import Rounds, ended_by_signals
from app.works import SENDING, put_together


@click.command("worker")
def command() -> None:
    """Send texts and place calls as they come due, until Ctrl-C or SIGTERM.

    Run as many as you like, on as many machines: no two send the same.
    """
    logs.configure()
    settings = settings_or_exit()
    if not settings.carrier:
        click.echo("No carrier is connected: what would be sent is noted and not sent.", err=True)
    rounds = Rounds(put_together(settings).deliveries, SENDING)
    with ended_by_signals(rounds.stop):
        rounds.run()
