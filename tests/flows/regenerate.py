"""Writes anew what comes from the flow: `python -m tests.flows.regenerate`, some minutes."""

import sys
from pathlib import Path

from flows.content import flow_digest
from flows.document import read_document
from flows.proof.report import report
from flows.proof.walk import prove
from tests.flows.talk import line

ROOT = Path(__file__).parents[2]
FLOW = ROOT / "docs" / "flow.md"
PROOF = ROOT / "docs" / "safety" / "proof.md"
PROVED = ROOT / "flows" / "proof" / "proved.py"


def proved(digest: str) -> str:
    """The module that says which flow the whole walk found sound."""
    return f'''"""The flow that the whole walk found sound. By tests/flows/regenerate.py."""

from typing import Final

DIGEST: Final = "{digest}"
'''


def main() -> None:
    FLOW.write_text(read_document(), encoding="utf-8")
    whole, quick = prove(line()), prove(line(), together=2)
    PROOF.write_text(report(whole, quick), encoding="utf-8")
    if whole.violations:
        sys.exit("The flow is unsafe: docs/safety/proof.md shows how.")
    PROVED.write_text(proved(flow_digest()), encoding="utf-8")


if __name__ == "__main__":
    main()
