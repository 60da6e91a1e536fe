"""The command `worker`: sends what is due, until it is told to stop."""

import click

from app import logs
from app.command import settings_or_exit
from app.parent import ends_with, is_child
from app.rounds import go_on
from app.works import SENDING, put_together
from store.heartbeats import WORKER


@click.command("worker")
@ends_with
def command() -> None:
    """Send texts and place calls as they come due, until Ctrl-C or SIGTERM.

    Run as many as you like, on as many machines: no two send the same.
    """
    logs.configure()
    settings = settings_or_exit()
    if not settings.carrier and not is_child():  # the server beside it says so itself
        click.echo("No carrier is connected: what would be sent is noted and not sent.", err=True)
    go_on(WORKER, put_together(settings), SENDING)
