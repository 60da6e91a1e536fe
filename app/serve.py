"""The command `serve`: Granian in the foreground, its workers beside it, until told to stop.

Each worker is a process of its own and makes its own application, so no connection to a database
is shared. What is the same in all of them is read here first, before they are forked: they start
at once, and share its memory.
"""

import gc
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from multiprocessing import get_context
from typing import Any, Final

import click
from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from app import logs
from app.beside import Beside
from app.command import as_typed, settings_or_exit
from app.content import state_by
from app.metrics import shared_folder
from app.parent import follow
from app.reached import leave_address, take_address
from app.safety import UnsafeFlow, require_safe_flow
from app.settings import Settings
from app.web import create_app
from app.welcome import welcome
from flows.line import build_line
from store.database import Database
from store.errors import StoreError

WORKERS: Final = 2
THREADS: Final = 1
"""Per worker, as in the Procfile: more of them take turns at the interpreter and win nothing."""

STOP_SECONDS: Final = 20
"""For requests under way when the server is told to stop; the carrier waits 15 for an answer."""

_HANDLER: Final = {
    "formatter": "generic",
    "class": "logging.StreamHandler",
    "stream": "ext://sys.stderr",
}
_LOG: Final[dict[str, Any]] = {
    "formatters": {"generic": {"()": logs.OneLine}},
    "handlers": {"console": _HANDLER, "access": _HANDLER},
}


class CannotServe(Exception):
    """The server cannot start; the message is a sentence that says why."""


@click.command("serve")
@click.option(
    "--host",
    # All, as a container or a proxy needs; whoever is not the carrier is refused all the same.
    default="0.0.0.0",  # noqa: S104
    show_default=True,
    help="The address to listen on.",
)
@click.option(
    "--only-web",
    is_flag=True,
    help="Leave what is sent and what comes due to a worker and a clock that run elsewhere.",
)
def command(host: str, *, only_web: bool) -> None:
    """Answer texts and calls, until Ctrl-C or SIGTERM; a worker and a clock run beside it."""
    logs.configure()
    settings = settings_or_exit()
    beside = None if only_web else Beside()
    try:
        serve(settings, host, lambda: _say_hello(settings), beside)
    except CannotServe as error:
        raise click.ClickException(str(error)) from None
    except UnsafeFlow as error:
        lines = [f"The flow has problems, so the line does not start:\n{error}"]
        raise click.ClickException("\n".join(lines)) from None
    finally:
        take_address(settings)


def _say_hello(settings: Settings) -> None:
    leave_address(settings)
    click.echo(welcome(settings, as_typed(), state_by(settings)))


def serve(
    settings: Settings, host: str, ready: Callable[[], None], beside: Beside | None = None
) -> None:
    """Bring the tables up to date, then answer on `host` until SIGTERM or SIGINT.

    `ready` is called once the port is ours.  `beside`: what runs as long as the server.
    CannotServe or UnsafeFlow is raised where it cannot start; SystemExit(1) where the workers end
    by themselves.
    """
    _require_port(host, settings.port)
    require_safe_flow()
    _upgrade(settings)
    build_line(settings.locale, settings.clinic, settings.reading_seconds)
    gc.collect()
    gc.freeze()  # what is shared with the workers is not touched by their collectors
    server = Granian(
        "app.web:create_app",
        address=host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=WORKERS,
        blocking_threads=THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.warning,
        log_dictconfig=_LOG,
        websockets=False,
    )
    server.on_startup(ready)
    parent = os.getpid()

    def load() -> Flask:
        _follow(parent)
        return create_app()

    if beside is not None:
        beside.start()
    try:
        with shared_folder():
            server.serve(target_loader=load, wrap_loader=False)
    finally:
        if beside is not None:
            beside.stop()


def _follow(parent: int) -> None:
    """Let this worker hear from the process `parent` alone when to end, and end with it.

    A worker that outlived a killed server would answer beside the next one. And until Granian has
    set a worker's own signals, it has the server's, which would only note that it is to end.
    """
    os.setpgrp()  # Ctrl-C goes to a whole group
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    follow(parent)


def _require_port(host: str, port: int) -> None:
    """CannotServe where somebody else listens there. Granian itself would share the port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotServe(
                f"Port {port} cannot be listened on ({error.strerror}): end what uses it, or give "
                f"another one as PORT."
            ) from None


def _upgrade(settings: Settings) -> None:
    """Bring the tables up to date, in processes of their own.

    What it takes is large, and a connection must not be carried over a fork to the workers.
    """
    asking = get_context("fork").Process(target=_exit_if_current, args=(settings.database_url,))
    asking.start()
    asking.join()
    if asking.exitcode == 0:
        return
    upgrade = [sys.executable, "-m", "app", "db", "upgrade", "--quiet"]
    if subprocess.run(upgrade, check=False).returncode:  # noqa: S603  nobody else's words
        raise CannotServe("The server does not start without its tables.")


def _exit_if_current(database_url: str) -> None:
    """End this process: with 0 if the tables are this program's, else 1 (or no database)."""
    try:
        current = Database(database_url).is_current()
    except StoreError:
        current = False
    sys.exit(0 if current else 1)
