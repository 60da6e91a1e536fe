"""The desk's stylesheet, script and icons."""

from flask import Response, abort

from clinic.guard import May, Pages
from clinic.rendering import ASSETS, TYPES

_LONG = "public, max-age=31536000, immutable"


_BADGE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    '<rect width="32" height="32" rx="7" fill="{ground}"/>'
    '<text x="16" y="23" font-family="sans-serif" font-size="{size}" font-weight="700"'
    ' fill="#fff" text-anchor="middle">{words}</text></svg>'
)
_SHOWN_AT_MOST = 99


def add_assets(pages: Pages) -> None:
    @pages.get("/badge/<int:count>.svg", may=May.ANYBODY, alike=True)
    def badge(count: int) -> Response:
        """The icon of the page's tab: how many wait."""
        words = "B" if count == 0 else str(count) if count <= _SHOWN_AT_MOST else "99+"
        drawn = _BADGE.format(
            ground="#b00020" if count else "#0b5a6b", words=words, size=20 - 3 * len(words)
        )
        return Response(drawn, mimetype="image/svg+xml", headers={"Cache-Control": _LONG})

    @pages.get("/static/<name>", may=May.ANYBODY, alike=True)
    def asset(name: str) -> Response:
        """A file of `static/`. Its address names its content, so the browser may keep it."""
        if name not in ASSETS:
            abort(404)
        kind = TYPES[name.rpartition(".")[2]]
        return Response(ASSETS[name], mimetype=kind, headers={"Cache-Control": _LONG})
