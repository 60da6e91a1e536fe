"""All that the desk's pages need, put together once by the application."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from clinic.guard import visit
from store.attempts import Attempts
from store.audit import Action, AuditLog, Entry
from store.database import Database
from store.link import Write
from store.sealing import Sealer
from store.sessions import Sessions
from store.staff import StaffBook


def now() -> datetime:
    """The time (UTC)."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Office:
    """What the pages stand on. `now`: the clock (UTC)."""

    database: Database
    sealer: Sealer
    now: Callable[[], datetime] = now
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
