"""A child that ends with its parent: what outlived a killed server would work beside the next."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from functools import wraps
from typing import Final

import click

_PR_SET_PDEATHSIG: Final = 1  # prctl(2)


def follow(parent: int) -> None:
    """Let this process be sent SIGTERM when `parent` ends; end it now, where that has ended."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(1)


def ends_with(command: Callable[[], None]) -> Callable[..., None]:
    """Give a command the option `--with`, for the server that starts it beside itself."""

    @click.option("--with", "parent", type=int, hidden=True)
    @wraps(command)
    def following(parent: int | None) -> None:
        if parent is not None:
            follow(parent)
        command()

    return following


def is_child() -> bool:
    """Whether the command that runs was started by a server."""
    return click.get_current_context().params.get("parent") is not None
