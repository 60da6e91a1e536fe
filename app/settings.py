"""The settings: read once when a process starts, then frozen.

In comes the environment (and a `.env` file), out comes a `Settings`; or `WrongSettings`, which
names every fault at once. Without a carrier's account the line can still be tried: then a clinic of
no place and keys of its own stand in for what is missing. With one, nothing is invented.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple, TypeVar, cast

from app import checks, demonstration
from app.environment import Values, WrongSettings
from app.keys import own_keys
from duty.caps import CAPS
from flows.wording import Clinic

T = TypeVar("T")


class Setting(NamedTuple):
    """One name that is read. `sentence`: what it is, as `.env.example` says it too.

    `secret`: it is never printed, and NAME_FILE may name a file that holds it.
    """

    name: str
    sentence: str
    secret: bool = False


SETTINGS = (
    Setting(
        "TWILIO_ACCOUNT_SID",
        "Your Twilio account, AC and 32 characters, from the first page of the Twilio console.",
    ),
    Setting(
        "TWILIO_AUTH_TOKEN",
        "That account's auth token, with which Twilio signs its requests; from the same page.",
        secret=True,
    ),
    Setting(
        "TWILIO_AUTH_TOKEN_SECONDARY",
        "The other auth token, accepted too while you change from one to the other.",
        secret=True,
    ),
    Setting(
        "TWILIO_API_URL",
        "The address of a stand-in for Twilio's API, for tests; leave it out to ask Twilio itself.",
    ),
    Setting(
        "PUBLIC_URL",
        "The address at which Twilio reaches this service, such as https://line.example.org.",
    ),
    Setting(
        "DATABASE_URL",
        "Where the turn log is kept, sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME.",
        secret=True,
    ),
    Setting(
        "BACKLINE_LOCALE",
        "The clinic's language and country, such as en-US, which decide every number given.",
    ),
    Setting("BACKLINE_CLINIC_NAME", "The clinic's name as it is sent and spoken."),
    Setting(
        "BACKLINE_CLINIC_PHONE",
        "The number on which the clinic itself answers, such as +12025550143.",
    ),
    Setting(
        "BACKLINE_SECRET_KEY",
        "The key that messages and numbers are encrypted with, 32 random characters or more.",
        secret=True,
    ),
    Setting(
        "BACKLINE_READING_SECONDS",
        "The seconds within which a text cannot yet be an answer to its question, 0 for never.",
    ),
    Setting(
        "BACKLINE_SMTP_URL",
        "The server that takes mail, smtp://USER:PASSWORD@HOST:PORT or smtps://, for alarms.",
        secret=True,
    ),
    Setting("BACKLINE_MAIL_FROM", "The address that the mail of an alarm is sent from."),
    Setting(
        "BACKLINE_TRUSTED_PROXIES",
        "The number of proxies in front whose X-Forwarded headers are believed, 0 for none.",
    ),
    Setting(
        "BACKLINE_BUTTONS_TEMPLATE_SID",
        "The Content template, HX and 32 characters, that puts buttons under a WhatsApp question.",
    ),
    Setting(
        "BACKLINE_ALEXA_SKILL_ID",
        "The id of your Alexa skill, amzn1.ask.skill and more, if speakers are answered too.",
    ),
    Setting(
        "BACKLINE_METRICS_TOKEN",
        "The bearer token with which Prometheus reads /metrics, which does not exist without it.",
        secret=True,
    ),
    Setting(
        "BACKLINE_NEW_PEOPLE_PER_HOUR",
        "The number of new people of a clinic who are answered in an hour, 0 for all of them.",
    ),
    Setting("PORT", "The port on which the service listens."),
)

_SENTENCES = {setting.name: setting.sentence for setting in SETTINGS}
_SECRETS = {setting.name for setting in SETTINGS if setting.secret}
_CARRIER = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a process is started with.

    `carrier`: a carrier's account is connected; False while the line is only tried out.
    `auth_tokens`: the current one, and while it is being changed the other one.
    `public_url`: without a slash at its end; None to go by each request's own address, as the
    server and its trusted proxies know it.  `reading_seconds`: 0 for never.
    `api_url`: where the carrier's API is asked; None for the carrier's own.
    `alexa_skill`, `buttons_template`: None where there is none.
    `new_people_per_hour`: 0 for any number.
    `metrics_token`: None: nobody reads the metrics, and none are kept.
    `smtp_url`: the server that takes mail (`app.mail`), sent from `mail_from`; None for no mail.
    """

    carrier: bool
    account_sid: str
    auth_tokens: tuple[str, ...] = field(repr=False)
    database_url: str = field(repr=False)
    public_url: str | None
    locale: str
    clinic: Clinic
    secret_key: str = field(repr=False)
    reading_seconds: float = 1.5
    trusted_proxies: int = 0
    port: int = 8000
    api_url: str | None = None
    alexa_skill: str | None = None
    buttons_template: str | None = None
    metrics_token: str | None = field(default=None, repr=False)
    new_people_per_hour: int = CAPS.openings
    smtp_url: str | None = field(default=None, repr=False)
    mail_from: str = ""


def read_settings(environ: Mapping[str, str] = os.environ, folder: Path | None = None) -> Settings:
    """The settings from `environ` and from `.env` in `folder` (None: the working folder).

    Without a carrier's account keys are made in `folder` and kept there (`app.keys`).
    WrongSettings is raised where anything is missing or wrong.
    """
    folder = folder or Path.cwd()
    values = Values(environ, folder, _SECRETS)
    values.faults += _unknown(values.names())
    read = _Reader(values, carrier=any(name.startswith(_CARRIER) for name in values.names()))

    account_sid = read.required("TWILIO_ACCOUNT_SID", checks.account_sid)
    token = read.required("TWILIO_AUTH_TOKEN", checks.auth_token)
    other = read.optional("TWILIO_AUTH_TOKEN_SECONDARY", checks.auth_token)
    if other and other == token:
        values.faults.append("TWILIO_AUTH_TOKEN_SECONDARY is the first token again: remove it.")
    api_url = read.optional("TWILIO_API_URL", checks.api_url)
    port = read.optional("PORT", checks.port, "8000")
    buttons_template = read.optional("BACKLINE_BUTTONS_TEMPLATE_SID", checks.content_sid)
    alexa_skill = read.optional("BACKLINE_ALEXA_SKILL_ID", checks.alexa_skill)
    trusted_proxies = read.optional("BACKLINE_TRUSTED_PROXIES", checks.proxies, "0")
    # A trusted proxy tells the address with each request; else the carrier's requests need one.
    public = read.optional if trusted_proxies or not read.carrier else read.required
    public_url = public("PUBLIC_URL", checks.public_url)
    database_url = read.optional("DATABASE_URL", checks.database_url, "sqlite:///backline.sqlite3")
    locale = read.required("BACKLINE_LOCALE", checks.locale, demonstration.LOCALE)
    name = read.required("BACKLINE_CLINIC_NAME", checks.clinic_name, demonstration.NAME)

    phone = read.required("BACKLINE_CLINIC_PHONE", checks.phone, demonstration.PHONE)
    secret_key = read.required("BACKLINE_SECRET_KEY", checks.secret_key)
    reading_seconds = read.optional("BACKLINE_READING_SECONDS", checks.seconds, "1.5")

    new_people = read.optional("BACKLINE_NEW_PEOPLE_PER_HOUR", checks.people, str(CAPS.openings))
    metrics_token = read.optional("BACKLINE_METRICS_TOKEN", checks.metrics_token)
    smtp_url = read.optional("BACKLINE_SMTP_URL", checks.smtp_url)
    mail_from = read.optional("BACKLINE_MAIL_FROM", checks.email)
    for missing, given in (("MAIL_FROM", "SMTP_URL"), ("SMTP_URL", "MAIL_FROM")):
        if values.get(f"BACKLINE_{given}") and not values.get(f"BACKLINE_{missing}"):
            values.faults.append(f"BACKLINE_{missing} is missing: BACKLINE_{given} needs it.")

    if not read.carrier and not values.faults:
        own = own_keys(folder)
        account_sid, token = own.account_sid, own.auth_token
        secret_key = secret_key or own.secret_key
    if values.faults:
        raise WrongSettings(values.faults)
    return Settings(
        carrier=read.carrier,
        account_sid=account_sid,
        auth_tokens=(token, other) if other else (token,),
        database_url=database_url,
        public_url=public_url,
        locale=locale,
        clinic=Clinic(name, phone, checks.phone_words(phone, locale)),
        secret_key=secret_key,
        reading_seconds=reading_seconds,
        trusted_proxies=trusted_proxies,
        port=port,
        api_url=api_url,
        alexa_skill=alexa_skill,
        buttons_template=buttons_template,
        metrics_token=metrics_token,
        new_people_per_hour=new_people,
        smtp_url=smtp_url,
        mail_from=mail_from or "",
    )


class _Reader:
    """Reads one setting after the other; what is wrong goes to the faults of `values`.

    What it returns for a setting at fault is None, and is not used: the faults are raised.
    """

    def __init__(self, values: Values, *, carrier: bool) -> None:
        self._values = values
        self.carrier = carrier

    def required(self, name: str, check: Callable[[str], T], trial: str | None = None) -> T:
        """A setting that a line with a carrier must have; `trial` is its value without one."""
        missing = self.carrier and self._values.get(name) is None
        if missing and not self._values.unreadable(name):
            sentence = _SENTENCES[name]
            half = " To try the line without a carrier, remove the other TWILIO_ settings."
            self._values.faults.append(
                f"{name} is missing: give {sentence[0].lower()}{sentence[1:]}"
                f"{half if name in _CARRIER else ''}"
            )
        return self.optional(name, check, None if self.carrier else trial)

    def optional(self, name: str, check: Callable[[str], T], default: str | None = None) -> T:
        """A setting that may be left out; `default` is then its value."""
        value = self._values.get(name) or default
        if value is not None:
            try:
                return check(value)
            except checks.Wrong as wrong:
                self._values.faults.append(f"{name} {wrong}")
        return cast("T", None)


def _unknown(names: list[str]) -> list[str]:
    """A fault for every name that looks like one of ours and is not: a slip would go unseen."""
    known = [*_SENTENCES, *(f"{name}_FILE" for name in sorted(_SECRETS))]
    faults = []
    for name in names:
        if name.startswith("BACKLINE_") and name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else "remove it."
            faults.append(f"{name} is no setting: {hint}")
    return faults
