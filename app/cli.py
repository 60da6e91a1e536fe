"""The command `backline`. What it cannot do, it says in a sentence; a traceback is a bug.

A command's module is imported when it is asked for, so that the small ones start at once.
"""

from importlib import import_module
from typing import Any, Final

import click

_MODULES: Final = {
    "serve": "app.serve",
    "worker": "app.worker",
    "clock": "app.clock",
    "simulate": "app.simulate",
    "check": "app.check",
    "evaluate": "app.evaluate",
    "export": "app.export",
    "replay": "app.replay",
    "erase": "app.erase",
    "block": "app.block",
    "retention": "app.retention",
    "sign": "app.sign",
    "staff": "app.staff",
    "rota": "app.rota",
    "alexa": "app.alexa",
    "db": "app.db",
    "twilio": "app.twilio_set_up",
    "doctor": "app.doctor",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _MODULES:
            return None
        found: click.Command = import_module(_MODULES[cmd_name]).command
        return found


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="backline")
def main(**_: Any) -> None:
    """Answers a clinic's texts and phone calls with the massage check."""
