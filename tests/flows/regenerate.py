"""Writes the generated pages again: `python -m tests.flows.regenerate`, some minutes."""

from pathlib import Path

from flows.document import read_document
from flows.proof import prove
from flows.proof_report import report
from tests.flows.talk import line

DOCS = Path(__file__).parents[2] / "docs"
FLOW = DOCS / "flow.md"
PROOF = DOCS / "safety" / "proof.md"


def main() -> None:
    FLOW.write_text(read_document(), encoding="utf-8")
    PROOF.write_text(report(prove(line()), prove(line(), together=2)), encoding="utf-8")


if __name__ == "__main__":
    main()
