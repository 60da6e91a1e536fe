"""What a clinic has settled for itself, beside its name and its number.

Stored as JSON; every field has a default, so a clinic that has settled nothing is complete, and a
new field needs no migration. What a program does not know (any more) is ignored.
"""

from datetime import time
from enum import IntEnum, StrEnum
from typing import Annotated, Final

import msgspec


class Day(IntEnum):
    """The days of a week, numbered as `date.weekday` numbers them."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6


class Opening(msgspec.Struct, frozen=True):
    """The clinic is open on `day` from `opens` up to `closes`, in its own time zone.

    One that closes at 00:00 is open to the end of the day.
    """

    day: Day
    opens: time
    closes: time


class Telling(StrEnum):
    """How the clinic wants to be told of something."""

    AT_ONCE = "at_once"
    """By text and by call, at any time of day."""
    IN_HOURS = "in_hours"
    """Likewise, a few minutes later; what comes while the clinic is closed, when it opens."""
    ON_PAGE = "on_page"
    """On the page alone."""


class ClinicSettings(msgspec.Struct, frozen=True, omit_defaults=True):
    """A clinic's own settings.

    `hours`: when it is open; what is due "in hours" waits for that.
    `quiet_from`, `quiet_to`: no message that can wait is sent between them (never T1 or T2).
    `tell_...`: how it wants to be told of what is less urgent than T1, which is told at once.
    `wait_minutes`: how long what is told in hours is on the page before anybody is rung.
    `rung_minutes`: how long the first on call has before the next one is told too.
    `rounds`: how often each of them is told before the alarm.
    `alarm_email`: where an alarm goes when nobody acknowledges an alert; "" for nowhere.
    `test_alert_at`: when the first on call gets the test alert each day; None for never.
    Times of day are the clinic's own (`TIME_ZONES`).
    `text_from`: the number that texts are sent from, E.164, or a messaging service ("MG..."); ""
    for the number that the person has reached the clinic at.
    `parts_per_second`: how many parts of texts (`flows.wording.length`) a number may send; a US
    long code one, others more.
    `unfinished_days`: after so many days without a turn, a conversation that came to no end and
    held no flag is erased.  `kept_years`: after so many years, any other one is.
    """

    hours: tuple[Opening, ...] = tuple(
        Opening(day, time(9), time(17)) for day in Day if day < Day.SATURDAY
    )
    quiet_from: time = time(21)
    quiet_to: time = time(8)
    text_from: str = ""
    parts_per_second: Annotated[float, msgspec.Meta(ge=0.1, le=1000)] = 1.0
    unfinished_days: Annotated[int, msgspec.Meta(ge=1, le=36500)] = 90
    kept_years: Annotated[int, msgspec.Meta(ge=1, le=100)] = 8
    tell_t2: Telling = Telling.IN_HOURS
    tell_t0: Telling = Telling.IN_HOURS
    tell_crisis: Telling = Telling.AT_ONCE
    tell_not_seen: Telling = Telling.IN_HOURS
    tell_undelivered: Telling = Telling.AT_ONCE
    # Somebody is then told within 15 minutes, whatever the carrier does.
    wait_minutes: Annotated[int, msgspec.Meta(ge=0, le=60)] = 10
    rung_minutes: Annotated[int, msgspec.Meta(ge=1, le=60)] = 4
    rounds: Annotated[int, msgspec.Meta(ge=1, le=10)] = 2
    alarm_email: str = ""
    test_alert_at: time | None = time(10)

    def telling(self, about: str) -> Telling:
        """How the clinic is told of what an alert is about (`duty.alert`)."""
        name = f"tell_{about.partition(':')[0].lower()}"
        # T1, the test, and what this program does not know.
        found: Telling = getattr(self, name, Telling.AT_ONCE)
        return found


DEFAULTS: Final = ClinicSettings()

FIRST: Final = 1
"""The id of the clinic of the settings, which answers at every number that is nobody else's."""

TRIAL: Final = 0
"""The id under which trials are kept: a clinic for the database, and for nobody else.

Whoever tries the line out is nobody's patient, so no list of clinics holds it (`read_clinics`).
"""

TIME_ZONES: Final = {
    "US": "America/New_York",
    "GB": "Europe/London",
    "IE": "Europe/Dublin",
    "CA": "America/Toronto",
    "AU": "Australia/Sydney",
    "NZ": "Pacific/Auckland",
    "ES": "Europe/Madrid",
}
"""By country, the zone of its largest city: where a clinic that has not said is taken to be."""


def usual_time_zone(locale: str) -> str:
    """The IANA name of the zone in which a clinic of `locale`, such as "en-GB", most likely is."""
    return TIME_ZONES.get(locale.partition("-")[2], "UTC")
