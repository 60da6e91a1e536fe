"""The command `twilio`: what an installation needs of its account at Twilio."""

import click

from app.connect import command as connect


@click.group("twilio")
def command() -> None:
    """Look after the Twilio account."""


command.add_command(connect)
