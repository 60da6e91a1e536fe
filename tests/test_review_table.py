"""The page for the reviewer of a translation is what the texts say now."""

from pathlib import Path

import pytest

from flows.definition import read_languages
from tests.review_table import page

DOCS = Path(__file__).parent.parent / "docs"


@pytest.mark.parametrize("language", [name for name in read_languages() if name != "en"])
def test_the_page_for_the_reviewer_is_fresh(language: str) -> None:
    """If this fails: python -m tests.review_table LANGUAGE > docs/review-LANGUAGE.md."""
    assert (DOCS / f"review-{language}.md").read_text(encoding="utf-8") == page(language)
