"""The desk of the real server, in a test: staff who are signed in, and people who write."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from flask import Flask
from playwright.sync_api import Browser
from werkzeug.wrappers import Response

from clinic.cookies import DeskCookies
from duty.clinic import FIRST
from duty.roles import Role
from store.database import Database
from store.sealing import Sealer
from store.sessions import Sessions, Stage
from store.staff import StaffBook
from tests.app.server import Server, free_port
from tests.browser import Visitor, visiting
from tests.twiml_player import Texter

ANN = "+12025550143"


@dataclass
class Desk:
    """`with desk(folder) as running:` the server answers, and its database is at hand."""

    server: Server
    database: Database
    sealer: Sealer
    staff: dict[str, int] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}/desk"

    def text(self, *said: str, number: str = ANN) -> None:
        """Somebody texts, through the carrier's signed webhook."""
        texter = Texter(self.server.carrier(), number=number)
        for words in said:
            texter.text(words)

    def conversations(self) -> list[str]:
        """Their ids, oldest first."""
        return [str(one["id"]) for one in self.server.export()]

    def key(self, role: Role = Role.ADMIN, clinic: int = FIRST, name: str = "Ann Example") -> str:
        """The cookie of a staff member who has just signed in."""
        at, book = datetime.now(UTC), StaffBook(self.database, self.sealer)
        login = f"{role}{clinic}"
        if login not in self.staff:
            self.staff[login] = book.add(login, name, at)
            with self.database.link() as link:
                link.write([book.giving_role(self.staff[login], clinic, role)])
        sessions = Sessions(self.database, self.sealer)
        key, write = sessions.begin(self.staff[login], Stage.IN, at, clinic)
        with self.database.link() as link:
            link.write([write])
        return self._cookie(key)

    def _cookie(self, key: str) -> str:
        """As the server itself signs it."""
        application = Flask("desk")
        application.secret_key = self.sealer.mark("desk cookie", b"")
        cookies = DeskCookies(self.server.public_url)
        with application.test_request_context("/desk/", base_url=self.server.public_url):
            session = cookies.session_class({"key": key})
            session.modified = True
            answer = Response()
            cookies.save_session(application, session, answer)  # type: ignore[arg-type]
        return answer.headers["Set-Cookie"].partition("=")[2].partition(";")[0]


@contextmanager
def desk(folder: Path, **environ: str) -> Iterator[Desk]:
    """The running desk of a clinic, in a folder of its own."""
    port = free_port()
    server = Server(folder, environ, public_url=f"http://127.0.0.1:{port}", port=port)
    with server:
        database = Database(f"sqlite:///{folder / 'backline.sqlite3'}")
        try:
            yield Desk(server, database, Sealer(server.settings["BACKLINE_SECRET_KEY"]))
        finally:
            database.close()


@contextmanager
def at_desk(  # noqa: PLR0913  each says how they look at it
    browser: Browser,
    running: Desk,
    role: Role = Role.ADMIN,
    *,
    width: int = 1280,
    scheme: Literal["light", "dark"] = "light",
    scripts: bool = True,
    clinic: int = FIRST,
) -> Iterator[Visitor]:
    """A staff member at a browser, signed in."""
    with visiting(browser, width=width, scheme=scheme, scripts=scripts) as visitor:
        cookie = {"name": "desk", "value": running.key(role, clinic), "url": running.url}
        visitor.page.context.add_cookies([cookie])  # type: ignore[list-item]
        yield visitor
