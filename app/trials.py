"""The lines that can be tried out, one for each country, beside those of the clinics.

They say what the clinic's own line says, and their turns are kept under `duty.clinic.TRIAL` and
bring nothing along: nobody is alerted, nothing is sent, and no figure counts them.

While no carrier is connected, the one of the clinic's own country is the clinic's: what is tried
out stands on the desk then, which would be empty otherwise.
"""

from app.checks import phone_words
from app.settings import Settings
from duty.clinic import TRIAL
from flows.definition import read_locales
from flows.line import build_line
from flows.wording import Clinic
from handset.numbers import locale_of
from store.database import Database
from store.sealing import Sealer
from store.turns import TurnLog
from telephony.door import Site, Sites


class WithTrials:
    """`sites`, and the lines to try out; safe for threads."""

    def __init__(
        self, sites: Sites, settings: Settings, database: Database, sealer: Sealer
    ) -> None:
        self._sites = sites
        self._settings = settings
        self._database = database
        self._sealer = sealer
        self._trials: dict[str, Site] = {}
        self._locales = frozenset(read_locales())

    def at(self, number: str) -> Site:
        return self._trial(number) or self._sites.at(number)

    def known(self, number: str) -> Site:
        return self._trial(number) or self._sites.known(number)

    def _trial(self, number: str) -> Site | None:
        """The line that is tried out at `number`, made when it is first asked for."""
        locale = locale_of(number)
        if locale not in self._locales:
            return None
        if not self._settings.carrier and locale == self._settings.locale:
            return self._sites.known("")
        if locale not in self._trials:
            self._trials[locale] = self._made(locale)
        return self._trials[locale]

    def _made(self, locale: str) -> Site:
        clinic = self._settings.clinic
        words = Clinic(clinic.name, clinic.phone, phone_words(clinic.phone, locale))
        line = build_line(locale, words, self._settings.reading_seconds)
        flow = line.flow
        log = TurnLog(self._database, self._sealer, flow.id, flow.version, TRIAL)
        return Site(TRIAL, line, log, words)
