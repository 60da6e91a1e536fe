"""The page `/try`: a phone that texts and a phone that calls, and the log that they write.

A form is posted, the act is done, and the browser is sent back to the page, which is built anew
from the log. The page's own script does the same without leaving the page.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from msgspec.structs import replace
from werkzeug.test import Client
from werkzeug.wrappers import Response as AnyResponse

from duty.clinic import TRIAL
from exports.acts import transcript_of
from flows.definition import read_locales
from handset.carrier import Carrier
from handset.exchange import Exchange, Refused
from handset.forms import SPEECH_AT_MOST, TEXT_AT_MOST, do_call, do_text
from handset.interface import LANGUAGES, Interface, interface
from handset.numbers import line_in
from handset.view import View, view_of
from handset.visit import COOKIE, KEPT_SECONDS, Visit, new_visit, seal, unseal
from store.clinics import ensure_trial
from store.contact_turns import TakenTurn, turns_of
from store.database import Database
from store.errors import StoreError
from store.review import Selection, count
from store.sealing import Sealer
from telephony.door import Door, Site

PREFIX: Final = "/try"

TURNS_AT_MOST: Final = 400
"""Of one phone: enough for every test, and an end for a script that never stops."""

PHONES_AN_HOUR: Final = 600
"""Of all visitors together, by what is on the log."""

_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    # Not "no-referrer": the browser would then not say where a form comes from, and we ask.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "X-Content-Type-Options": "nosniff",
}
_STATUS: Final = {"failed": 502, "no_log": 503, "too_many": 429, "worn_out": 429}
_CONFLICT: Final = 409


@dataclass(frozen=True, slots=True)
class Trial:
    """What the page stands on.

    `door`: the webhooks' own, whose sites know the lines to try out (`handset.numbers`).
    `token`, `account`: with which the carrier signs, and for whom.
    `locale`: of the line that is tried out first.
    `content`: who signed what is said, in a sentence; "" where nobody has.
    `allowed`: asked at each request; where it says no, there is no such page.
    """

    door: Door
    database: Database
    sealer: Sealer
    token: str = field(repr=False)
    account: str
    locale: str
    content: str
    allowed: Callable[[], bool]


def make_blueprint(trial: Trial) -> Blueprint:
    """The routes below `/try`."""
    blueprint = Blueprint(
        "handset",
        __name__,
        url_prefix=PREFIX,
        static_folder="static",
        static_url_path="/static",
        template_folder="templates",
    )
    booth = _Booth(trial)

    @blueprint.before_request
    def refuse() -> AnyResponse | None:
        if not trial.allowed():
            abort(404)
        return None if _is_ours() else _refused_elsewhere()

    @blueprint.after_request
    def with_headers(response: Response) -> Response:
        response.headers.update(_HEADERS)
        return response

    @blueprint.get("")
    def page() -> AnyResponse:
        return booth.page()

    @blueprint.post("/text")
    def text() -> AnyResponse:
        return booth.act("text", do_text)

    @blueprint.post("/call")
    def call() -> AnyResponse:
        return booth.act("call", do_call)

    @blueprint.post("/new")
    def new() -> AnyResponse:
        return booth.new()

    @blueprint.post("/language")
    def language() -> AnyResponse:
        return booth.speak(request.form.get("language", ""))

    @blueprint.get("/transcript")
    def transcript() -> AnyResponse:
        return booth.transcript()

    return blueprint


def _is_ours() -> bool:
    """Whether no other site's page posts this in a visitor's name."""
    if request.method in ("GET", "HEAD"):
        return True
    fetched = request.headers.get("Sec-Fetch-Site")
    if fetched is not None:
        return fetched in ("same-origin", "none")
    # An old browser; or plain http, where that header is not sent.
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


def _refused_elsewhere() -> AnyResponse:
    said = _interface("")("foreign", url=url_for("handset.page", _external=True))
    return Response(f"{said}\n", 403, content_type="text/plain; charset=utf-8")


def _interface(chosen: str) -> Interface:
    """The page's words: in the language that was chosen, or the browser's."""
    if chosen in LANGUAGES:
        return interface(chosen)
    return interface(request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0])


class _Booth:
    """Answers requests. What it must know of a visitor comes with each of them."""

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self._locales = read_locales()

    # --- What is asked ------------------------------------------------------------------------

    def page(self) -> AnyResponse:
        visit = self._visit() or new_visit(self._trial.locale)
        return self._show(self._quietly(visit, Exchange.cut_off))

    def act(self, part: str, do: Callable[[Mapping[str, str], Exchange], Visit]) -> AnyResponse:
        """Do what was posted, and send the browser back to that part of the page."""
        visit = self._visit()
        if visit is None:
            # The cookie has expired, or the browser keeps none.
            return self._show(new_visit(self._trial.locale), "anew", part)
        visit = self._quietly(visit, Exchange.cut_off)
        try:
            self._require_measure(visit)
            visit = do(request.form, self._exchange(visit))
        except Refused as refused:
            return self._show(visit, refused.why, part)
        return self._back(visit, part)

    def new(self) -> AnyResponse:
        """Hand out a phone that nobody has used, for the line that the form names."""
        before = self._visit()
        locale = request.form.get("locale", "")
        if before is None:
            before = new_visit(self._trial.locale)
        if before.call is not None:
            self._quietly(before, Exchange.hang_up)
        known = locale in self._locales
        return self._back(new_visit(locale if known else before.locale, before.language), "text")

    def speak(self, language: str) -> AnyResponse:
        """Show the page in `language`."""
        visit = self._visit() or new_visit(self._trial.locale)
        return self._back(replace(visit, language=language), "")

    def transcript(self) -> AnyResponse:
        """What was said with this phone, as a transcript to keep."""
        visit = self._visit()
        if visit is None:
            return self._back(new_visit(self._trial.locale), "")
        try:
            turns = [one.turn for one in self._read(visit)]
        except StoreError:
            return self._show(visit, "no_log")
        if not turns:
            return self._back(visit, "")
        return Response(
            transcript_of(turns, self._site(visit).line),
            content_type="text/plain; charset=utf-8",
            headers={"Content-Disposition": f"attachment; filename=backline-{visit.locale}.txt"},
        )

    # --- A visitor ----------------------------------------------------------------------------

    def _visit(self) -> Visit | None:
        visit = unseal(self._trial.sealer, request.cookies.get(COOKIE, ""))
        return visit if visit is not None and visit.locale in self._locales else None

    def _site(self, visit: Visit) -> Site:
        return self._trial.door.sites.known(line_in(visit.locale))

    def _read(self, visit: Visit) -> tuple[TakenTurn, ...]:
        clinic = self._site(visit).id
        return turns_of(self._trial.database, self._trial.sealer, clinic, visit.contact)

    def _exchange(self, visit: Visit) -> Exchange:
        carrier = Carrier(
            Client(current_app.wsgi_app, use_cookies=False),
            self._trial.token,
            self._trial.door.verifier.base_url(request),
            self._trial.account,
            inside=True,
        )
        return Exchange(carrier, visit, lambda: self._read(visit), self._trial.door.now())

    def _quietly(self, visit: Visit, do: Callable[[Exchange], Visit]) -> Visit:
        """`visit` after something that the visitor has not asked for, and need not hear of."""
        try:
            return do(self._exchange(visit))
        except Refused:
            return replace(visit, call=None)

    def _require_measure(self, visit: Visit) -> None:
        """Refused where a phone, or everybody together, has had enough."""
        database, now = self._trial.database, self._trial.door.now()
        site, lately = self._site(visit), Selection(begun_from=now - timedelta(hours=1))
        try:
            taken = len(self._read(visit))
            if taken:
                phones = 0
            else:
                ensure_trial(database, site.clinic.name, self._trial.locale)
                phones = count(database, site.id, lately)
        except StoreError:
            return  # the line itself says what then: the safety net
        if taken >= TURNS_AT_MOST:
            raise Refused("worn_out")
        if phones >= PHONES_AN_HOUR:
            raise Refused("too_many")

    # --- Answers --------------------------------------------------------------------------------

    def _back(self, visit: Visit, part: str) -> AnyResponse:
        page = url_for("handset.page", _anchor=part or None)
        return self._keep(make_response(redirect(page, 303)), visit)

    def _show(self, visit: Visit, why: str = "", part: str = "") -> AnyResponse:
        """The page; `why`: the key of what went wrong, and `part`: where."""
        words = _interface(visit.language)
        site = self._site(visit)
        status = _STATUS.get(why, _CONFLICT) if why else 200
        try:
            taken = self._read(visit)
        except StoreError:
            taken, why, status = (), why or "no_log", 503
        local = self._locales[visit.locale]
        page = render_template(
            "handset/page.html",
            words=words,
            visit=visit,
            view=view_of(taken, visit, site.line, words) if taken or visit.unlogged else View(),
            clinic=site.clinic,
            on_the_desk=site.id != TRIAL,
            dialled=visit.call is not None and "<Dial" in visit.call.stands,
            emergency=" / ".join(local.numbers["emergency"]),
            countries=self._countries(words),
            by_asking=len(site.line.words) > 1,
            content=self._trial.content,
            why=why,
            part=part,
            typed=request.form.get("words", "") if why else "",
            sid=secrets.token_hex(16),
            text_at_most=TEXT_AT_MOST,
            speech_at_most=SPEECH_AT_MOST,
        )
        return self._keep(make_response(page, status), visit)

    def _countries(self, words: Interface) -> dict[str, str]:
        """The country of each locale, in the page's language."""
        return {
            name: words(name) if name in words else local.country
            for name, local in self._locales.items()
        }

    def _keep(self, response: Response, visit: Visit) -> AnyResponse:
        response.set_cookie(
            COOKIE,
            seal(self._trial.sealer, visit),
            max_age=KEPT_SECONDS,
            path=url_for("handset.page"),
            secure=request.is_secure,
            httponly=True,
            samesite="Lax",
        )
        return response
