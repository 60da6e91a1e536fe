"""Moments as people read them: in the clinic's time zone, the way its country writes them."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time, format_timedelta
from markupsafe import Markup

from duty.clinic import usual_time_zone
from store.sessions import Place


class Calendar:
    """How moments are written for somebody who reads `language` at `place`; None: in UTC."""

    def __init__(self, language: str, place: Place | None) -> None:
        country = place.locale.partition("-")[2] if place else "GB"
        self.zone = zone_of(place)
        self._locale = _locale(language, country)

    def moment(self, at: datetime) -> Markup:
        """Day and time of day, as `<time>`."""
        return _time(at, format_datetime(at, "medium", self.zone, self._locale))

    def short(self, at: datetime) -> Markup:
        """Day and time of day to the minute, as `<time>`."""
        return _time(at, format_datetime(at, "short", self.zone, self._locale))

    def plain(self, at: datetime) -> str:
        """Day and time of day to the minute, as words alone."""
        return format_datetime(at, "short", self.zone, self._locale)

    def clock(self, at: datetime) -> Markup:
        """The time of day, as `<time>`."""
        return _time(at, format_time(at, "short", self.zone, self._locale))

    def day(self, at: datetime) -> Markup:
        """The day, as `<time>`."""
        return _time(at, format_date(at.astimezone(self.zone), "medium", self._locale))

    def date(self, day: date) -> str:
        """A day of the clinic, as words alone."""
        return format_date(day, "short", self._locale)

    def since(self, at: datetime, now: datetime) -> Markup:
        """How long ago, such as "5 minutes", as `<time>`; what the page's script keeps up."""
        return _time(at, self.span(now - at))

    def span(self, length: timedelta) -> str:
        """A length of time, such as "5 minutes"."""
        return format_timedelta(length, threshold=1.5, locale=self._locale)


def zone_of(place: Place | None) -> ZoneInfo:
    """The time zone of a clinic."""
    if place is None:
        return ZoneInfo("UTC")
    return ZoneInfo(place.time_zone or usual_time_zone(place.locale))


@cache
def _locale(language: str, country: str) -> Locale:
    """The locale of a language in a country; of the language alone where nobody has that one."""
    return Locale.negotiate([f"{language}_{country}", language], _KNOWN) or Locale("en")


_KNOWN = [
    *(f"en_{country}" for country in ("US", "GB", "IE", "CA", "AU", "NZ")),
    *("es_US", "es_ES", "en", "es"),
]


def _time(at: datetime, words: str) -> Markup:
    stamp = at.astimezone(UTC).isoformat(timespec="seconds")
    return Markup('<time datetime="{}">{}</time>').format(stamp, words)
