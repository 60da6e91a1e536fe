"""The address by itself: to the phone in the browser where anybody may use it, else to the desk."""

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response


def make_blueprint(*, connected: bool) -> Blueprint:
    """`GET /`. `connected`: a carrier is, and the phone in the browser is for staff."""
    blueprint = Blueprint("front", __name__)

    @blueprint.get("/")
    def front() -> Response:
        return redirect(url_for("desk.home" if connected else "handset.page"))

    return blueprint
