"""What somebody chose for themselves: language, colours, and at whose desk they are."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from clinic.cookies import is_desk
from clinic.guard import May, Pages, visit
from clinic.office import Office
from clinic.wording import LANGUAGES

SCHEMES = ("light", "dark")


def add_pages(pages: Pages, office: Office) -> None:
    @pages.post("/account/preferences", may=May.READER)
    def prefer() -> Response:
        language, scheme = request.form.get("language"), request.form.get("scheme")
        _change(
            office,
            language=language if language in LANGUAGES else None,
            scheme=scheme if scheme in SCHEMES else None,
        )
        flash("account.saved")
        return redirect(url_for("desk.account"), 303)

    @pages.post("/account/scheme", may=May.READER)
    def switch_scheme() -> Response:
        """The switch that is on every page; it leads back to that page."""
        scheme = request.form.get("scheme")
        if scheme in SCHEMES:
            _change(office, scheme=scheme)
        return redirect(_back(request.form.get("back", "")), 303)

    @pages.post("/account/clinic", may=May.READER)
    def switch_clinic() -> Response:
        """To the desk of another clinic at which they work."""
        here = visit()
        wanted = request.form.get("clinic", "")
        found = [one.clinic for one in here.places if str(one.clinic) == wanted]
        if found:
            with office.database.link() as link:
                link.write([office.sessions.moving(here.digest, found[0])])
        return redirect(url_for("desk.home"), 303)


def _change(office: Office, **values: str | None) -> None:
    with office.database.link() as link:
        link.write([office.staff.changing(visit().staff_id, **values)])


def _back(path: str) -> str:
    """A page of the desk to go back to; the first one where that is none."""
    plain = is_desk(path) and "//" not in path and "\\" not in path
    return f"{request.script_root}{path}" if plain else url_for("desk.home")
