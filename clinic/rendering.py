"""What every template has at hand: words, moments, who is here, and the menu."""

from functools import partial
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

from flask import render_template, request, url_for

from clinic.filtering import is_id
from clinic.guard import Pages, allows, visitor
from clinic.moments import Calendar
from clinic.office import Office
from clinic.wording import DEFAULT, LANGUAGES, best, read_words, say
from flows.utterance import Medium

TYPES: Final = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}

ASSETS: Final = {
    file.name: file.read_bytes()
    for file in (files("clinic") / "static").iterdir()
    if file.name.rpartition(".")[2] in TYPES
}
"""The stylesheet, the script and the icons, by name; few and small, so they stay in memory."""

_VERSIONS: Final = {name: sha256(content).hexdigest()[:12] for name, content in ASSETS.items()}


DRAFT: Final = "draft content, not signed off"
"""How every surface names content that nobody has signed; the desk says it in both languages."""


def language() -> str:
    """The language of this page: what the person chose, else what the browser likes best."""
    here = visitor()
    return (here.language if here else None) or best(list(request.accept_languages.values()))


def words(key: str, **given: object) -> str:
    """The words of `key` in the language of this page."""
    return say(language(), key, **given)


def page(template: str, status: int = 200, /, **given: Any) -> tuple[str, int]:
    """The page that `clinic/templates/desk/TEMPLATE.html` makes."""
    return render_template(f"desk/{template}.html", **given), status


def asset(name: str) -> str:
    """The address of a file of `static/`, which is another one when the file has changed."""
    return url_for("desk.asset", name=name, v=_VERSIONS[name])


def add_rendering(pages: Pages, office: Office) -> None:
    @pages.app_template_test("a_key")
    def a_key(value: object) -> bool:
        """Whether there are words of that key."""
        return value in read_words(DEFAULT)

    @pages.app_template_test("an_id")
    def an_id(value: object) -> bool:
        """Whether it has the form of a conversation's id."""
        return is_id(str(value))

    @pages.app_context_processor
    def at_hand() -> dict[str, Any]:
        here, tongue = visitor(), language()
        return {
            "t": partial(say, tongue),
            "language": tongue,
            "languages": LANGUAGES,
            "here": here,
            "place": here.place if here else None,
            "calendar": Calendar(tongue, here.place if here else None),
            "now": office.now(),
            "menu": [entry for entry in pages.menu if allows(entry.may, here)] if here else [],
            "asset": asset,
            "medium": Medium,
            "trial": office.trial,
            "content": words("terms.draft") if office.content == DRAFT else office.content,
        }
