"""The web application: the doors of both channels, and how the service is.

Granian calls `create_app` in each of its processes; a test calls it with settings of its own.
"""

import logging
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from app import front, health, logs
from app.command import settings_or_exit
from app.content import DRAFT, sentence, stored_state
from app.metrics import CountedLog, Metrics
from app.metrics import make_blueprint as make_metrics
from app.paced import paced_by
from app.safety import require_safe_flow
from app.settings import Settings
from app.sites import AllSites, Around
from app.trials import WithTrials
from clinic import desk
from clinic.cookies import is_desk
from clinic.failures import failed as desk_failed
from clinic.guard import require_rules
from clinic.headers import with_headers
from clinic.office import Office
from clinic.presence import is_staff
from handset import pages as handset
from sms import webhook as sms
from sms.acknowledge import answering
from sms.buttons import Buttons
from store.acknowledging import Acknowledging
from store.callbacks import Callbacks
from store.clinics import ensure_clinic
from store.database import Database
from store.errors import StoreError
from store.outbox import Outbox
from store.sealing import Sealer
from telephony.door import Door, Site
from telephony.failure import describe
from telephony.signature import BODY_AT_MOST, Verifier
from voice import alert
from voice import webhook as voice

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_GUARDED = ("sms", "voice", "alert", "alexa", "health", "metrics", "handset", "front")
"""Blueprints that guard themselves; how the service is, is for everybody."""

_log = logging.getLogger(__name__)


def create_app(settings: Settings | None = None) -> Flask:
    """The application; without `settings` it reads them, and is the only one of its process.

    Nothing is asked of the database that the line could not start without: while it is away,
    every caller is given the safety net. UnsafeFlow is raised for a flow with a problem; wrong
    settings end the process with a sentence for each fault.
    """
    if settings is None:
        logs.configure()
        settings = settings_or_exit()
    require_safe_flow()
    database = Database(settings.database_url)
    try:
        ensure_clinic(database, settings.clinic.name, settings.locale, settings.clinic.phone)
    except StoreError as error:
        _log.warning("the clinic's name was not written: %s", describe(error))
    sealer = Sealer(settings.secret_key)
    sites = AllSites(settings, database, sealer, around=_around(settings, database, sealer))
    sites.clinics()  # here, so that no caller waits for it
    trials = WithTrials(sites, settings, database, sealer)
    verifier = Verifier(settings.auth_tokens, settings.public_url)
    door = Door(trials, verifier, Outbox(database))
    flow = sites.first.line.flow

    application = Flask(__name__, static_folder=None)
    application.config["MAX_CONTENT_LENGTH"] = BODY_AT_MOST
    staff = Acknowledging(database, sealer)
    application.register_blueprint(sms.make_blueprint(door, answering(staff), _buttons(settings)))
    application.register_blueprint(voice.make_blueprint(door))
    application.register_blueprint(alert.make_blueprint(door, staff))
    if settings.alexa_skill:
        application.register_blueprint(_skill(settings.alexa_skill, sites.first, database, sealer))
    application.register_blueprint(front.make_blueprint(connected=settings.carrier))
    content = stored_state(database, sealer, flow)
    application.register_blueprint(health.make_blueprint(database, flow, content))
    if settings.metrics_token:
        application.register_blueprint(make_metrics(database, settings.metrics_token))
    office = Office(
        database,
        sealer,
        settings.public_url,
        sites=sites.of,
        content=content,
        trial=handset.PREFIX,
        carrier=settings.carrier,
    )
    application.register_blueprint(desk.make_blueprint(office))
    trial = handset.Trial(
        door=door,
        database=database,
        sealer=sealer,
        token=settings.auth_tokens[0],
        account=settings.account_sid,
        locale=settings.locale,
        content="" if content == DRAFT else sentence(content),
        allowed=lambda: not settings.carrier or is_staff(application),
    )
    application.register_blueprint(handset.make_blueprint(trial))
    require_rules(application, _GUARDED)
    application.register_error_handler(Exception, _failed)
    application.after_request(_with_headers)
    _wrap(application, settings)
    return application


def _buttons(settings: Settings) -> Buttons | None:
    if not settings.carrier or settings.buttons_template is None:
        return None
    # Not at the top: it is a quarter of a second and much memory, and most lines need none of it.
    from telephony.client import Carrier  # noqa: PLC0415

    carrier = Carrier(settings.account_sid, settings.auth_tokens[0], settings.api_url)
    return Buttons(settings.buttons_template, carrier.send)


def _skill(skill: str, site: Site, database: Database, sealer: Sealer) -> Blueprint:
    """The skill of that id, which is the first clinic's."""
    # Not at the top: most lines have no speaker, and it takes memory of every process.
    from alexa import webhook  # noqa: PLC0415
    from alexa.signature import SkillVerifier  # noqa: PLC0415
    from alexa.wording import for_speakers  # noqa: PLC0415

    return webhook.make_blueprint(
        webhook.Skill(
            line=for_speakers(site.line, site.clinic),
            log=site.log,
            verifier=SkillVerifier(skill),
            callbacks=Callbacks(database, sealer, site.id),
        )
    )


def _around(settings: Settings, database: Database, sealer: Sealer) -> Around:
    """What stands between the webhooks and each clinic's log."""
    people = settings.new_people_per_hour
    if not settings.metrics_token:
        return paced_by(database, sealer, people)
    metrics = Metrics()
    paced = paced_by(database, sealer, people, metrics.withheld)
    return lambda clinic, line, log: CountedLog(paced(clinic, line, log), line.flow, metrics)


def _failed(error: Exception) -> ResponseReturnValue:
    """What is not a webhook's own failure: a wrong address, a wrong method, too much at once."""
    if is_desk(request.path):
        return desk_failed(error)
    plain = {"Content-Type": "text/plain; charset=utf-8"}
    if isinstance(error, HTTPException) and error.code:
        return f"{error.name}.\n", error.code, plain
    _log.error("a request failed: %s", describe(error))
    return "Something went wrong.\n", 500, plain


def _with_headers(response: Response) -> Response:
    if is_desk(request.path):
        return with_headers(response)
    if response.mimetype != "text/xml":
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)  # a page may allow itself more
    return response


# --- Between the server and the application ----------------------------------------------------


def _wrap(application: Flask, settings: Settings) -> None:
    paths = [rule.rule for rule in application.url_map.iter_rules()]
    wrapped: WSGIApplication = logs.Logged(application.wsgi_app, paths)
    prefix = urlsplit(settings.public_url or "").path
    if prefix:
        wrapped = _UnderPrefix(wrapped, prefix)
    proxies = settings.trusted_proxies
    if proxies:
        wrapped = ProxyFix(wrapped, proxies, proxies, proxies, x_prefix=proxies)
    application.wsgi_app = wrapped  # type: ignore[assignment, method-assign]


class _UnderPrefix:
    """Takes the prefix of the public address off the path, where a proxy has left it on.

    Links need it whether it was left on or not: browsers go by the public address.
    """

    def __init__(self, application: "WSGIApplication", prefix: str) -> None:
        self._application = application
        self._prefix = prefix

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> "Iterable[bytes]":
        path, mounted = environ["PATH_INFO"], environ.get("SCRIPT_NAME", "")
        if path.startswith(f"{self._prefix}/"):
            environ["PATH_INFO"] = path.removeprefix(self._prefix)
        if not mounted.endswith(self._prefix):
            environ["SCRIPT_NAME"] = mounted + self._prefix
        return self._application(environ, start_response)
