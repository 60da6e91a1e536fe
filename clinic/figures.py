"""The figures that people look at: plots, each with its table, over a range of days."""

from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Any, Final

from flask import flash, request

from clinic.filtering import day, midnight
from clinic.guard import May, Pages, visit
from clinic.inbox import line_here, place_here
from clinic.moments import zone_of
from clinic.office import Office
from clinic.plots import Bars, Series, rows_of, stacked
from clinic.rendering import page
from exports.figures import STANDINGS, Figures, figures
from flows.definition import CONSENT
from store.courses import courses
from store.review import Selection, count
from store.waits import Waits, read_waits

USUAL_DAYS: Final = 30
MOST_DAYS: Final = 366
COUNTED_AT_MOST: Final = 20_000
"""Conversations: more are not counted while somebody waits for the page."""


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
        selection = selection_of(days, office)
        total = count(office.database, place_here(), selection)
        if total > COUNTED_AT_MOST:
            return page("figures", days=days, total=total, most=COUNTED_AT_MOST, counted=None)
        counted = counted_in(office, days)
        waits = read_waits(
            office.database, place_here(), selection.begun_from, selection.begun_before
        )
        return page("figures", days=days, total=total, **_shown(office, counted, waits))


def selection_of(days: Range, office: Office) -> Selection:
    """The conversations that began on those days of the clinic."""
    assert office is not None
    zone = zone_of(visit().place)
    return Selection(
        begun_from=midnight(days.first, zone), begun_before=midnight(days.last, zone, plus=1)
    )


def counted_in(office: Office, days: Range) -> Figures:
    """The figures of those days."""
    found = courses(office.database, place_here(), selection_of(days, office))
    flow = line_here(office).flow
    return figures(found, flow, zone_of(visit().place), days.first, days.last)


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
        "daily": stacked(_weeks(counted)),
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
