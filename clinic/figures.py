"""The figures that people look at: plots, each with its table, over a range of days."""

from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Any, Final

from flask import flash, request

from clinic.filtering import day
from clinic.guard import May, Pages, visit
from clinic.inbox import line_here, place_here
from clinic.moments import zone_of
from clinic.office import Office
from clinic.plots import NARROW, WIDTH, Bars, Series, rows_of, stacked
from clinic.rendering import page
from duty.hours import midnight
from exports.figures import STANDINGS, Figures, figures
from flows.definition import CONSENT
from store.waits import Waits, read_waits

USUAL_DAYS: Final = 30
MOST_DAYS: Final = 366


@dataclass(frozen=True, slots=True)
class Range:
    """Days of the clinic, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def add_pages(pages: Pages, office: Office) -> None:
    @pages.get("/figures", may=May.READER, menu="figures")
    def look_at_figures() -> tuple[str, int]:
        """How conversations went, over some days."""
        days = _range(office)
        zone = zone_of(visit().place)
        begins, before = midnight(days.first, zone), midnight(days.last, zone, plus=1)
        waits = read_waits(office.database, place_here(), begins, before)
        return page("figures", days=days, **_shown(office, counted_in(office, days), waits))


def counted_in(office: Office, days: Range) -> Figures:
    """The figures of those days."""
    flow, zone = line_here(office).flow, zone_of(visit().place)
    return figures(office.database, place_here(), flow, zone, days.first, days.last)


def _range(office: Office) -> Range:
    """The days that were asked for, within what can be looked at; else the last 30."""
    today = office.now().astimezone(zone_of(visit().place)).date()
    last = day(request.args.get("to")) or today
    first = day(request.args.get("from")) or last - timedelta(USUAL_DAYS - 1)
    if first > last:
        flash("figures.turned")
        first, last = last, first
    if (last - first).days >= MOST_DAYS:
        flash("figures.too_long")
        first = last - timedelta(MOST_DAYS - 1)
    return Range(first, last)


def _shown(office: Office, counted: Figures, waits: Waits) -> dict[str, Any]:
    return {
        "counted": counted,
        "standings": STANDINGS,
        "consent": CONSENT,
        "daily": [stacked(_weeks(counted), width) for width in (WIDTH, NARROW)],
        "dropped": rows_of([Bars(one.id, one.put, one.stopped) for one in counted.questions]),
        "hardest": rows_of([Bars(one.id, one.missed, 0) for one in counted.hardest[:10]]),
        "completed": rows_of(
            [
                Bars(f"{one.channel} {one.language}", one.began, one.advised)
                for one in counted.completion
            ]
        ),
        "waits": waits,
        "median": median(waits.minutes) if waits.minutes else None,
        "line": line_here(office),
    }


def _weeks(counted: Figures) -> list[Series]:
    """A bar a day; a bar a week where there would be too many to tell apart."""
    step = 1 if len(counted.days) <= _BARS_AT_MOST else 7
    days = list(counted.days.items())
    return [
        Series(
            days[at][0],
            tuple(
                (name, sum(tiers[name] for _, tiers in days[at : at + step])) for name in STANDINGS
            ),
        )
        for at in range(0, len(days), step)
    ]


_BARS_AT_MOST: Final = 62
