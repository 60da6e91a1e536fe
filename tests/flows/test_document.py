"""The page of the flow says what the data says."""

from flows.document import read_document
from tests.flows.regenerate import FLOW


def test_the_page_of_the_flow_is_not_stale() -> None:
    """Otherwise: python -m tests.flows.regenerate."""
    assert FLOW.read_text(encoding="utf-8") == read_document()


def test_every_question_ending_and_text_is_on_the_page() -> None:
    page = read_document()
    assert "### 1. `bladder`, T1" in page
    assert "| 21 | `final_check` \\* | T1 | T5 `guidance` | T1 `emergency` |" in page
    assert "bladder --> emergency: yes, not sure" in page
    assert "| Ireland (`en-IE`) | 112 or 999" in page
