"""The desk's stylesheet, script and icons."""

from flask import Response, abort

from clinic.guard import May, Pages
from clinic.rendering import ASSETS, TYPES

_LONG = "public, max-age=31536000, immutable"


def add_assets(pages: Pages) -> None:
    @pages.get("/static/<name>", may=May.ANYBODY)
    def asset(name: str) -> Response:
        """A file of `static/`. Its address names its content, so the browser may keep it."""
        if name not in ASSETS:
            abort(404)
        kind = TYPES[name.rpartition(".")[2]]
        return Response(ASSETS[name], mimetype=kind, headers={"Cache-Control": _LONG})
