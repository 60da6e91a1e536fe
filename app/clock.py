"""The command `clock`: does what time alone brings, until it is told to stop."""

import click

from app import logs
from app.command import settings_or_exit
from app.rounds import Rounds, ended_by_signals
from app.works import TIMING, put_together


@click.command("clock")
def command() -> None:
    """Nudge, end what was left open and follow up, as it comes due, until Ctrl-C or SIGTERM.

    Run as many as you like, on as many machines: each thing is done once.
    """
    logs.configure()
    settings = settings_or_exit()
    rounds = Rounds(put_together(settings).deliveries, TIMING)
    with ended_by_signals(rounds.stop):
        rounds.run()
