"""What the commands have in common: how they read the settings, and how they are typed."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from app.environment import WrongSettings
from app.settings import Settings, read_settings
from duty.clinic import FIRST

CLINIC: Final = FIRST
"""The id of the clinic of the settings."""

clinic_option: Final[Callable[[Any], Any]] = click.option(
    "--clinic",
    type=int,
    default=CLINIC,
    show_default=True,
    help="The number of the clinic, where there are several.",
)


def settings_or_exit() -> Settings:
    """The settings; or exit code 2, with a sentence for each fault on the standard error."""
    try:
        return read_settings()
    except WrongSettings as wrong:
        sys.stderr.write("\n".join([*wrong.faults, ""]))
        sys.exit(2)


def as_typed() -> str:
    """The command `backline` as it was typed, so that it can be typed again."""
    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        return "python -m app"
    here = Path.cwd()
    return str(called.relative_to(here)) if called.is_relative_to(here) else str(called)
