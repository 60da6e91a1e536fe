"""The first page after signing in."""

from clinic.guard import May, Pages
from clinic.office import Office
from clinic.rendering import page


def add_pages(pages: Pages, _: Office) -> None:
    @pages.get("/", may=May.READER, menu="inbox")
    def home() -> tuple[str, int]:
        """The inbox."""
        return page("inbox")
