"""The desk as a blueprint: its pages, and what holds for every one of them."""

from collections.abc import Callable

from flask import Flask, Response, abort, g, redirect, request, session, url_for
from flask.blueprints import BlueprintSetupState
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.wrappers import Response as Redirect

from clinic import (
    account,
    blocked,
    conversation,
    enrolment,
    erase,
    export,
    figures,
    flow_page,
    inbox,
    log,
    people,
    preferences,
    rotas,
    settings,
    sign_in,
)
from clinic.arrival import STEPS
from clinic.assets import add_assets
from clinic.cookies import DeskCookies
from clinic.guard import NAME, May, Pages, allows
from clinic.office import Office
from clinic.rendering import add_rendering
from store.sessions import Session, Stage

__all__ = ["make_blueprint"]

_ADD_PAGES: tuple[Callable[[Pages, Office], None], ...] = (
    inbox.add_pages,
    conversation.add_pages,
    figures.add_pages,
    flow_page.add_pages,
    export.add_pages,
    erase.add_pages,
    sign_in.add_pages,
    enrolment.add_pages,
    account.add_pages,
    preferences.add_pages,
    rotas.add_pages,
    blocked.add_pages,
    people.add_pages,
    settings.add_pages,
    log.add_pages,
)


def make_blueprint(office: Office) -> Pages:
    """The desk, mounted under `/desk`."""
    pages, csrf = Pages(), CSRFProtect()

    @pages.record_once
    def prepare(state: BlueprintSetupState) -> None:
        application = state.app
        assert isinstance(application, Flask)
        application.extensions[NAME] = office
        application.secret_key = office.sealer.mark("desk cookie", b"")
        application.session_interface = DeskCookies(office.public_url)
        application.jinja_env.undefined = StrictUndefined
        application.config["WTF_CSRF_CHECK_DEFAULT"] = False  # here alone: a webhook is signed
        application.config["WTF_CSRF_TIME_LIMIT"] = None  # as long as the session that it is of
        # By https Flask-WTF would want a Referer too, which the headers forbid; the cookie is
        # bound to the host instead.
        application.config["WTF_CSRF_SSL_STRICT"] = False
        csrf.init_app(application)

    @pages.before_request
    def guard() -> Redirect | Response | None:
        """Nobody gets further whom the page is not for, nor any form that is not ours."""
        endpoint = request.endpoint or ""
        may = pages.rules.get(endpoint)
        if may is None:
            abort(403)
        if endpoint in pages.alike:
            return None
        here = g.desk_session = office.whoever(asked=endpoint not in pages.by_itself)
        if not allows(may, here):
            return _refused(may, here)
        csrf.protect()
        return None

    add_assets(pages)
    add_rendering(pages, office)
    for add_pages in _ADD_PAGES:
        add_pages(pages, office)
    return pages


def _refused(may: May, here: Session | None) -> Redirect | Response:
    """To the step of signing in that is due; 403 for somebody who is in and may not."""
    if here is not None and here.stage is Stage.IN:
        if may in (May.PASSWORD, May.CODE, May.ENROL):
            return redirect(url_for("desk.home"), 303)
        abort(403)
    if request.headers.get("Sec-Fetch-Dest") == "empty":
        return Response(status=401)  # the page's script asked: it shows that nobody is signed in
    if here is None and request.method == "GET" and may not in (May.PASSWORD, May.CODE, May.ENROL):
        session["next"] = request.full_path.rstrip("?")
    return redirect(url_for(STEPS[here.stage] if here else "desk.sign_in"), 303)
