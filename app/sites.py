"""The sites of an installation: every clinic with its line and its log, made where needed.

The first clinic is that of the settings and is there from the start, so that it answers whatever
the database does. The others are read from the database, now and then, and kept while it is away.
"""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Final

from app.checks import phone_words
from app.settings import Settings
from duty.clinic import FIRST
from flows.line import Line, build_line
from flows.wording import Clinic
from store.alerts import alert_writes
from store.cards import card_writes
from store.clinics import StoredClinic, read_clinics
from store.database import Database
from store.errors import StoreError
from store.follows import follow_writes
from store.sealing import Sealer
from store.turns import Companion, TurnLog
from store.word_index import word_writes
from telephony.door import Log, Site
from telephony.failure import describe

READ_SECONDS: Final = 30.0
"""A clinic that was added or changed answers so after that at the latest."""

_log = logging.getLogger(__name__)


def companions(database: Database, sealer: Sealer, line: Line) -> tuple[Companion, ...]:
    """What every turn of the product brings along."""
    return (
        alert_writes(database),
        follow_writes(database, line.flow),
        card_writes(database, line.flow),
        word_writes(database, sealer, line.vocabularies),
    )


def words_of(name: str, phone: str, locale: str) -> Clinic:
    """What is said of a clinic. `phone`: E.164."""
    return Clinic(name, phone, phone_words(phone, locale))


Around = Callable[[int, Line, Log], Log]
"""What is put around each clinic's log: its id, its line and the log give another log."""


class AllSites:
    """The `telephony.door.Sites` of a process; safe for threads.

    `clock`: seconds that only grow.  `around`: what stands between the webhooks and each log.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        sealer: Sealer,
        clock: Callable[[], float] = time.monotonic,
        around: Around = lambda _clinic, _line, log: log,
    ) -> None:
        self._settings = settings
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self._around = around
        line = build_line(settings.locale, settings.clinic, settings.reading_seconds)
        self._companions = companions(database, sealer, line)
        self.first = self._site(FIRST, line, settings.clinic)
        self._by_id: Mapping[int, Site] = {FIRST: self.first}
        self._by_number: Mapping[str, Site] = {}
        self._stored: tuple[StoredClinic, ...] = ()
        self._read_at: float | None = None

    def at(self, number: str) -> Site:
        self._refresh()
        return self._by_number.get(number, self.first)

    def known(self, number: str) -> Site:
        return self._by_number.get(number, self.first)

    def of(self, clinic: int) -> Site:
        """The site of the clinic of that id; KeyError for one that is not known."""
        self._refresh()
        if clinic not in self._by_id:
            # One that was added a moment ago, whose first admin looks at its desk.
            self._read_at = None
            self._refresh()
        return self._by_id[clinic]

    def all(self) -> tuple[Site, ...]:
        """Every site, the first clinic's first."""
        self._refresh()
        return tuple(self._by_id[id_] for id_ in sorted(self._by_id))

    def clinics(self) -> tuple[StoredClinic, ...]:
        """Every clinic as it was read last; () where the database has not answered yet."""
        self._refresh()
        return self._stored

    def _refresh(self) -> None:
        """Read the clinics again, if that is due; what was known stays where that fails."""
        now = self._clock()
        if self._read_at is not None and now - self._read_at < READ_SECONDS:
            return
        # First: of many threads one reads, and a database that is away is not asked by all.
        never, self._read_at = self._read_at is None, now
        try:
            stored = read_clinics(self._database)
        except StoreError as error:
            if never:
                # Nobody knows yet whose number it is: ask again at the next request.
                self._read_at = None
            _log.warning("the clinics could not be read: %s", describe(error))
            return
        if stored == self._stored:
            return
        by_id = {FIRST: self.first}
        for clinic in stored:
            if clinic.id != FIRST:
                site = self._again(clinic) or self._made(clinic)
                if site is not None:
                    by_id[clinic.id] = site
        self._by_number = {
            number: by_id[clinic.id]
            for clinic in stored
            if clinic.id in by_id
            for number in clinic.numbers
        }
        self._by_id = by_id
        self._stored = stored

    def _again(self, clinic: StoredClinic) -> Site | None:
        """The site that is there already, where nothing has changed that callers meet."""
        if clinic in self._stored:
            return self._by_id.get(clinic.id)
        return None

    def _made(self, clinic: StoredClinic) -> Site | None:
        words = words_of(clinic.name, clinic.phone, clinic.locale)
        try:
            line = build_line(clinic.locale, words, self._settings.reading_seconds)
        except KeyError:
            _log.error("clinic %s has a locale that this program does not know", clinic.id)
            return None
        return self._site(clinic.id, line, words)

    def _site(self, clinic: int, line: Line, words: Clinic) -> Site:
        flow = line.flow
        along = companions(self._database, self._sealer, line)
        log = TurnLog(self._database, self._sealer, flow.id, flow.version, clinic, along)
        return Site(clinic, line, self._around(clinic, line, log), words)
