"""What must hold of the flow before the line starts, or a clinician signs it (invariant I-20)."""

import logging
from functools import cache
from typing import Final

from alexa.wording import read_speaker_problems
from flows.check import read_problems
from flows.content import flow_digest
from flows.line import Line, build_line
from flows.proof.proved import DIGEST
from flows.wording import Clinic

SHORT: Final = 2
"""The bound of the walk that takes seconds: flows/proof/walk.py says of what."""

_log = logging.getLogger(__name__)


class UnsafeFlow(Exception):
    """The flow has a fault, so the line does not start. `faults`: all of them."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def require_safe_flow() -> None:
    """UnsafeFlow unless the flow is sound."""
    found = faults()
    if found:
        raise UnsafeFlow(found)


def faults() -> tuple[str, ...]:
    """Every fault of the content as it is installed, in words; () where it is sound.

    The flow that was proved before it shipped starts at once. One that was changed since is walked
    here, which takes about 20 seconds.
    """
    problems = tuple(str(problem) for problem in (*read_problems(), *read_speaker_problems()))
    if problems:
        return problems
    digest = flow_digest()
    return () if digest == DIGEST else _walked(digest)


@cache  # once for a server and the workers that it forks
def _walked(_digest: str) -> tuple[str, ...]:
    from flows.proof.walk import prove  # noqa: PLC0415  no server needs it in its memory

    _log.warning("the flow is not the one that was proved: it is walked before the start")
    return tuple(violation.transcript() for violation in prove(line_to_walk(), SHORT).violations)


def line_to_walk() -> Line:
    """The line that the proof walks: what it finds holds wherever a clinic is."""
    return build_line("en-US", Clinic("The clinic", "+12025550143", "(202) 555-0143"), 0)
