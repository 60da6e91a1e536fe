"""Where the marks of a plot stand, in units of its picture; templates draw them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

WIDTH: Final = 720
NARROW: Final = 360
"""The width of the same plot for a phone: letters shrink with their picture, so it has its own."""
HEIGHT: Final = 240
LEFT: Final = 40
BOTTOM: Final = 24
LABEL: Final = 90
"""What a day that is named under the axis takes, with the room to the next one."""

LONGEST: Final = 100
"""The length of the longest of the bars that lie."""


@dataclass(frozen=True, slots=True)
class Series:
    """The bar of a day: what it is made of, from the bottom up, each with how many."""

    day: date
    parts: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        return sum(count for _, count in self.parts)


@dataclass(frozen=True, slots=True)
class Mark:
    """A rectangle.  `name`: what it stands for."""

    name: str
    x: float
    y: float
    width: float
    height: float
    count: int


@dataclass(frozen=True, slots=True)
class Stacked:
    """A plot of bars, one a day. `width`: of the picture.

    `ticks`: heights of lines and what they say.  `days`: places and days under the axis.
    """

    marks: tuple[Mark, ...]
    ticks: tuple[tuple[float, int], ...]
    days: tuple[tuple[float, date], ...]
    width: int = WIDTH


@dataclass(frozen=True, slots=True)
class Bars:
    """A bar that lies: how many, and how many of these are something else besides."""

    name: str
    count: int
    part: int


@dataclass(frozen=True, slots=True)
class Row:
    """A row of bars that lie.  `width`, `part`: their lengths."""

    name: str
    width: float
    part: float
    count: int
    part_count: int


def stacked(series: Sequence[Series], width: int = WIDTH) -> Stacked:
    """The plot of bars that stand, in a picture of that width."""
    top = max((one.total for one in series), default=0)
    step = _step(top)
    high = max(step * -(-top // step), step)
    room, wide = HEIGHT - BOTTOM - 8, (width - LEFT) / max(len(series), 1)
    marks = []
    for place, one in enumerate(series):
        y = float(HEIGHT - BOTTOM)
        for name, count in one.parts:
            if count:
                tall = room * count / high
                y -= tall
                x = LEFT + place * wide + wide * 0.1
                marks.append(
                    Mark(
                        name, round(x, 1), round(y, 1), round(wide * 0.8, 1), round(tall, 1), count
                    )
                )
    ticks = tuple(
        (round(HEIGHT - BOTTOM - room * value / high, 1), value)
        for value in range(0, high + 1, step)
    )
    # The last day is always named, which is today as a rule; its name keeps within the picture.
    every, last = max(math.ceil(LABEL / wide), 1), len(series) - 1
    days = tuple(
        (round(min(LEFT + place * wide + wide / 2, width - LABEL / 3), 1), one.day)
        for place, one in enumerate(series)
        if (last - place) % every == 0
    )
    return Stacked(tuple(marks), ticks, days, width)


def rows_of(bars: Sequence[Bars]) -> tuple[Row, ...]:
    """The plot of bars that lie, one under the other."""
    top = max((one.count for one in bars), default=0) or 1
    return tuple(
        Row(
            name=one.name,
            width=round(LONGEST * one.count / top, 1),
            part=round(LONGEST * one.part / top, 1),
            count=one.count,
            part_count=one.part,
        )
        for one in bars
    )


def _step(top: int) -> int:
    """A round number of which four or so make `top`."""
    rough, power = max(top / 4, 1), 1
    while power * 10 <= rough:
        power *= 10
    return next(power * n for n in (1, 2, 5, 10) if power * n >= rough)
