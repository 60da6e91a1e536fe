"""The one cookie of the desk: Flask's signed session, read for the desk's pages alone.

It holds the key of a session that the server can end (`store.sessions`), and the token against
forged requests. A webhook carries none, and must not pay for one.
"""

from typing import Final, Literal
from urllib.parse import urlsplit

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin

from clinic.guard import PREFIX

_LOCAL: Final = ("localhost", "127.0.0.1", "[::1]")


class DeskCookies(SecureCookieSessionInterface):
    """`public_url`: where browsers reach the desk; None where that was not said.

    The cookie is Secure and bound to the host, unless somebody tries the line out on their own
    machine: then there is no https, and the request goes no further than the machine.
    """

    def __init__(self, public_url: str | None) -> None:
        super().__init__()
        self._https = urlsplit(public_url or "").scheme == "https"

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if not is_desk(request.path):
            return None
        return self.carried(app, request)

    def carried(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session that any request carries: to be looked at, since the desk alone writes it."""
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if is_desk(request.path):
            super().save_session(app, session, response)

    def get_cookie_name(self, app: Flask) -> str:
        # A browser takes a cookie of that first name from the host itself alone, and by https.
        return "__Host-desk" if self.get_cookie_secure(app) else "desk"

    def get_cookie_path(self, app: Flask) -> str:  # noqa: ARG002
        return "/"

    def get_cookie_domain(self, app: Flask) -> str | None:  # noqa: ARG002
        return None

    def get_cookie_httponly(self, app: Flask) -> Literal[True]:  # noqa: ARG002
        return True

    def get_cookie_samesite(self, app: Flask) -> str:  # noqa: ARG002
        return "Lax"

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002
        local = request.scheme == "http" and request.host.rpartition(":")[0] in _LOCAL
        return self._https or not (local or request.host in _LOCAL)


def is_desk(path: str) -> bool:
    """Whether a path is one of the desk's."""
    return path == PREFIX or path.startswith(f"{PREFIX}/")
