"""The command `clock`: does what time alone brings, until it is told to stop."""

import click

from app import logs
from app.command import settings_or_exit
from app.parent import ends_with
from app.rounds import go_on
from app.works import TIMING, put_together
from store.heartbeats import CLOCK


@click.command("clock")
@ends_with
def command() -> None:
    """Nudge, end what was left open and follow up, as it comes due, until Ctrl-C or SIGTERM.

    Run as many as you like, on as many machines: each thing is done once.
    """
    logs.configure()
    settings = settings_or_exit()
    go_on(CLOCK, put_together(settings), TIMING)
