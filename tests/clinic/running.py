"""The desk of the real server, in a test: staff who are signed in, and people who write."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from flask import Flask, Response
from playwright.sync_api import Browser

from clinic.cookies import DeskCookies
from duty.clinic import FIRST
from duty.roles import Role
from store.clinics import StoredClinic, add_clinic, ensure_clinic
from store.database import Database
from store.migrate import upgrade
from store.review import conversations
from store.sealing import Sealer
from store.sessions import Sessions, Stage
from store.staff import StaffBook
from tests.app.server import Server, free_port
from tests.browser import Visitor, visiting
from tests.twiml_player import Texter

ANN = "+12025550143"
HILL = StoredClinic(
    0, "Hill Clinic", "en-US", "+12025550178", "America/New_York", ("+12025550177",)
)
"""Another clinic of the same installation, the second; nobody has ever written to it."""
SECOND = 2


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
        every = conversations(self.database, self.sealer, FIRST)
        return [one.id for one in every]

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
        return desk_cookie(self.sealer, self.server.public_url, key)


def desk_cookie(sealer: Sealer, public_url: str, key: str) -> str:
    """The cookie that holds the key of a session, as the server itself signs it."""
    application = Flask("desk")
    application.secret_key = sealer.mark("desk cookie", b"")
    cookies = DeskCookies(public_url)
    with application.test_request_context("/desk/", base_url=public_url):
        session = cookies.session_class({"key": key})
        session.modified = True
        answer = Response()
        cookies.save_session(application, session, answer)
    return answer.headers["Set-Cookie"].partition("=")[2].partition(";")[0]


@contextmanager
def desk(folder: Path, **environ: str) -> Iterator[Desk]:
    """The running desk of a clinic, in a folder of its own."""
    port = free_port()
    server = Server(folder, environ, public_url=f"http://127.0.0.1:{port}", port=port)
    url = f"sqlite:///{folder / 'backline.sqlite3'}"
    upgrade(url)
    database = Database(url)
    ensure_clinic(database, "Harbour Clinic", "en-US", "+12025550143")
    add_clinic(database, HILL)
    with server:
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
