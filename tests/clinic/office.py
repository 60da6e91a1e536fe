"""A desk in a test: its staff, and browsers that are signed in without the steps of it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from app.settings import Settings
from app.web import create_app
from clinic import passwords
from duty.roles import Role
from store.clinics import StoredClinic, add_clinic
from store.sessions import Stage

if TYPE_CHECKING:
    from flask import Flask

    from clinic.office import Office

PASSWORD = "correct horse battery"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
HERE = 1
HELD = "0123456789abcdef"


@dataclass
class Desk:
    """The application with its desk, over the database of `settings`; `at` is its clock."""

    settings: Settings
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        self.app: Flask = create_app(self.settings)
        self.office: Office = self.app.extensions["desk"]
        object.__setattr__(self.office, "now", lambda: self.at)

    def later(self, **length: float) -> None:
        """Let time pass."""
        self.at += timedelta(**length)

    def second_clinic(self) -> int:
        """Another clinic beside the first one, and its id."""
        other = StoredClinic(0, "Other Clinic", "en-GB", "+442079460000", "Europe/London")
        return add_clinic(self.office.database, other)

    def member(
        self, login: str, role: Role = Role.ADMIN, clinic: int = HERE, *, ready: bool = True
    ) -> int:
        """Somebody of the staff; `ready`: with a password and a second factor."""
        id_ = self.office.staff.add(login, f"{login.title()} Example", self.at)
        writes = [self.office.staff.giving_role(id_, clinic, role)]
        if ready:
            writes.append(self.office.staff.changing(id_, password=hash_of_password()))
            writes.append(self.office.staff.confirming_totp(id_, SECRET, self.at))
        self.write(*writes)
        return id_

    def write(self, *writes: Any) -> None:
        with self.office.database.link() as link:
            link.write(list(writes))

    def cookie(self, id_: int | None, stage: Stage = Stage.IN, clinic: int = HERE) -> str:
        """The cookie of a browser in which somebody is at that step of signing in; None: nobody."""
        held = {"csrf_token": HELD}
        if id_ is not None:
            place = clinic if stage is Stage.IN else None
            held["key"], begin = self.office.sessions.begin(id_, stage, self.at, place)
            self.write(begin)
        signer = SecureCookieSessionInterface().get_signing_serializer(self.app)
        assert signer is not None
        return str(signer.dumps(held))

    def browser(
        self, id_: int | None = None, stage: Stage = Stage.IN, clinic: int = HERE
    ) -> FlaskClient:
        """A browser in which somebody is signed in, as far as `stage`; None: a stranger's."""
        client = self.app.test_client()
        client.set_cookie("desk", self.cookie(id_, stage, clinic), domain="localhost")
        return client

    @property
    def token(self) -> str:
        """What a form of those browsers carries against forged requests."""
        signer = URLSafeTimedSerializer(self.app.secret_key or "", salt="wtf-csrf-token")
        return str(signer.dumps(HELD))

    def post(self, client: FlaskClient, path: str, **form: str) -> TestResponse:
        """Send a form of the desk from one of those browsers."""
        return client.post(path, data={"csrf_token": self.token, **form})


_hashes: dict[str, str] = {}


def hash_of_password() -> str:
    """The hash of PASSWORD, made once: it is slow on purpose."""
    if PASSWORD not in _hashes:
        _hashes[PASSWORD] = passwords.hashed(PASSWORD)
    return _hashes[PASSWORD]


def token_on(page: str) -> str:
    """The token against forged requests that a page's forms carry."""
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]
