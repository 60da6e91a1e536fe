"""All that the desk's pages need, put together once by the application."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from flask import session

from clinic.guard import PREFIX, visit
from flows.line import Line
from store.attempts import Attempts
from store.audit import Action, AuditLog, Entry
from store.database import Database
from store.link import Write
from store.sealing import Sealer
from store.sessions import Session, Sessions
from store.staff import StaffBook
from telephony.door import Site

LINK_GOOD_FOR: Final = timedelta(hours=24)
"""The link with which somebody chooses a password."""


def link_address(base: str, key: str) -> str:
    """The address of such a link. `base`: where browsers reach the service, without a slash."""
    return f"{base}{PREFIX}/welcome/{key}"


def now() -> datetime:
    """The time (UTC)."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Office:
    """What the pages stand on.

    `public_url`: where browsers reach the service, without a slash at its end; None where that was
    not said, to go by each request's own address.  `now`: the clock (UTC).
    `sites`: the clinics as callers meet them, by their ids.
    `content`: who signed the content, in the words that every surface shows.
    `trial`: the address of a phone in the browser, to try the line out; "" where there is none.
    `carrier`: one is connected; without one nothing can go out.
    """

    database: Database
    sealer: Sealer
    public_url: str | None = None
    now: Callable[[], datetime] = now
    sites: Callable[[int], Site] | None = None
    content: str = ""
    trial: str = ""
    carrier: bool = True
    staff: StaffBook = field(init=False)
    sessions: Sessions = field(init=False)
    attempts: Attempts = field(init=False)
    log: AuditLog = field(init=False)

    def __post_init__(self) -> None:
        put = object.__setattr__  # frozen from here on
        put(self, "staff", StaffBook(self.database, self.sealer))
        put(self, "sessions", Sessions(self.database, self.sealer))
        put(self, "attempts", Attempts(self.database, self.sealer))
        put(self, "log", AuditLog(self.database, self.sealer))

    def whoever(self, *, asked: bool = True) -> Session | None:
        """The session of whoever asks, by the browser's cookie; None for a stranger.

        `asked`: somebody asked for it, and not a page by itself.
        """
        key = session.get("key")
        if not isinstance(key, str):
            return None
        found = self.sessions.find(key, self.now(), active=asked)
        if found is None:
            session.pop("key")
        return found

    def site(self, clinic: int) -> Site:
        """The clinic of that id, as callers meet it."""
        assert self.sites is not None, "there are no pages without a line"
        return self.sites(clinic)

    def line(self, clinic: int) -> Line:
        """The line of that clinic."""
        return self.site(clinic).line

    def audit(
        self, action: Action, about: object = "", also: Sequence[Write] = (), **detail: object
    ) -> None:
        """Record what whoever asked for this page does at this clinic, and do `also` with it.

        To be called before anything is shown. `about` is an id, `detail` names of settings or of
        filters: never a caller's words or number. StoreError: not recorded, so nothing is shown.
        Conflict: a key that `also` wants is taken.
        """
        here = visit()
        assert here.place is not None, "audit() is for pages that a role is needed for"
        entry = Entry(
            action=action,
            at=self.now(),
            staff_id=here.staff_id,
            login=here.login,
            about=str(about),
            detail={name: str(value) for name, value in detail.items()},
        )
        self.log.add(here.place.clinic, entry, also)
