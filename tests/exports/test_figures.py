"""The figures: they are those of the log, and anybody can count them again from the export."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from exports.figures import STANDINGS, Figures, figures
from exports.record import record
from flows.definition import Tier
from flows.reading import Answer
from store.cards import OPEN
from store.database import Database
from store.erasure import Erasure
from store.turns import TurnLog
from tests.exports.talking import AMERICAN, LINE, MONDAY, SEALER, held, stored

LONDON = ZoneInfo("Europe/London")
AUCKLAND = ZoneInfo("Pacific/Auckland")

PEOPLE: tuple[tuple[int, str, tuple[str, ...]], ...] = (
    (0, "text", ("hello", "1", *["2"] * 13, "1", "1", *["2"] * 5, "1")),
    (3, "text", ("hello", "1", "2", "1", "thanks")),
    (5, "text", ("hello", "1", "blorp", "3", "blorp", "what", "2")),
    (11, "text", ("hello", "1", "skip", "blorp", "blorp", "blorp")),
    (12, "text", ("hello", "no")),
    (13, "text", ("hello",)),
    (14, "text", ("hello", "1", "2", "my foot feels odd")),
    (20, "call", ("", "1", "2", "[silence]", "[hang up]")),
    (21, "call", ("", "1", "2", "[silence]", "[silence]", "[silence]")),
    (26, "text", ("hola", "1", "no", "no", "blorp")),
    (30, "text", ("hello", "1", "2", "2", "[call]", "1", "[hang up]")),
    (47, "text", ("i cant feel when i pee",)),
    (49, "text", ("hello", "1", "2", "i cant lift my foot", "more", "back")),
    (50, "text", ("hello", "1", "2", "my foot feels odd", "hm")),
)
"""How many hours after Monday at nine each began, and what they did."""


def play(log: TurnLog) -> None:
    for hours, channel, acts in PEOPLE:
        person = f"+1202555{hours:04}"
        at = MONDAY + timedelta(hours=hours)
        held(log, person, at, *acts, channel=channel, line=AMERICAN)


@pytest.fixture
def week(log: TurnLog, database: Database) -> Database:
    play(log)
    return database


def counted(database: Database, zone: ZoneInfo, first: date, last: date) -> Figures:
    return figures(database, 1, LINE.flow, zone, first, last)


def exported(database: Database, zone: ZoneInfo, first: date, last: date) -> list[dict[str, Any]]:
    """The export's lines of those days, each with its `day`."""
    lines = [record(one, LINE.flow) for one in stored(database)]
    for line in lines:
        line["day"] = datetime.fromisoformat(line["started_at"]).astimezone(zone).date()
    return [line for line in lines if first <= line["day"] <= last]


def test_they_agree_with_the_export(either: tuple[Database, TurnLog]) -> None:
    """On either database, whatever the days and the time zone."""
    database, log = either
    play(log)
    for zone in (LONDON, AUCKLAND):
        for first, last in ((1, 6), (2, 2), (3, 4), (10, 12)):
            agree(database, zone, date(2026, 3, first), date(2026, 3, last))


def agree(database: Database, zone: ZoneInfo, *days: date) -> None:
    found = counted(database, zone, *days)
    lines = exported(database, zone, *days)
    assert found.total == len(lines)
    assert (min(found.days), max(found.days)) == days
    by_day = Counter((line["day"], line["tier"] or OPEN) for line in lines)
    assert +Counter({(d, n): c for d, of in found.days.items() for n, c in of.items()}) == by_day

    for question in found.questions[1:]:
        name = question.id
        turns = [turn for line in lines for turn in line["turns"] if turn["asked"] == name]
        read = Counter(turn["understood"] for turn in turns)
        put = [
            line
            for line in lines
            if line["stands_at"] == name or any(turn["asked"] == name for turn in line["turns"])
        ]
        assert question.put == len(put)
        assert question.answers == {answer: read[answer] for answer in Answer}
        assert question.missed == sum(
            read[miss] for miss in ("no_match", "no_input", "other_language")
        )
        assert question.stopped == sum(stopped_at(line) == name for line in lines)
    assert found.questions[0].put == len(lines)
    assert found.questions[0].stopped == sum(stopped_at(line) == "consent" for line in lines)

    ways = Counter((line["channels"][0], line["language"]) for line in lines)
    assert {(way.channel, way.language): way.began for way in found.completion} == ways
    for way in found.completion:
        of = [line for line in lines if way.channel == line["channels"][0]]
        tiers = [line["tier"] for line in of if line["language"] == way.language]
        assert way.open == tiers.count(None)
        assert way.unfinished == tiers.count("T0")
        assert way.advised == len(tiers) - way.open - way.unfinished


def stopped_at(line: dict[str, Any]) -> str | None:
    """Where it got no further, by the export."""
    if line["tier"] is None:
        return str(line["stands_at"])
    if line["tier"] != "T0":
        return None
    asked = [turn["asked"] for turn in line["turns"] if turn["asked"]]
    return asked[-1] if asked else "consent"


def test_they_are_those_that_were_played(week: Database) -> None:
    found = counted(week, LONDON, date(2026, 3, 2), date(2026, 3, 4))
    assert found.total == len(PEOPLE)
    assert found.standings == {"T1": 3, "T2": 0, "T3": 0, "T4": 0, "T5": 1, "T0": 3, "open": 7}
    monday = found.days[date(2026, 3, 2)]
    assert (monday["T5"], monday["T1"], sum(monday.values())) == (1, 1, 7)
    bladder = next(question for question in found.questions if question.id == "bladder")
    assert bladder.answers[Answer.UNSURE] == 1
    assert bladder.missed == 5
    assert found.hardest[0].missed >= found.hardest[-1].missed > 0
    assert {way.channel for way in found.completion} == {"sms", "voice"}
    assert {way.language for way in found.completion} == {"en", "es"}


def test_a_day_of_the_clinic_is_not_a_day_of_the_log(week: Database) -> None:
    in_london = counted(week, LONDON, date(2026, 3, 2), date(2026, 3, 2))
    in_auckland = counted(week, AUCKLAND, date(2026, 3, 2), date(2026, 3, 2))
    assert in_london.total == 7
    assert in_auckland.total == 1


def test_days_without_anybody_are_there_too(database: Database) -> None:
    found = counted(database, LONDON, date(2026, 3, 28), date(2026, 3, 30))
    assert (found.total, len(found.days), found.completion, found.hardest) == (0, 3, (), ())
    assert all(set(day) == set(STANDINGS) for day in found.days.values())
    assert found.questions[0].put == 0


def test_what_was_erased_is_in_no_figure(week: Database) -> None:
    days = date(2026, 3, 2), date(2026, 3, 4)
    Erasure(week, SEALER, 1, "on request").contact("+12025550003", datetime.now(UTC))
    assert counted(week, LONDON, *days).total == len(exported(week, LONDON, *days)) == 13


def test_every_tier_has_its_place() -> None:
    assert set(STANDINGS) == {*(tier.value for tier in Tier), OPEN}
