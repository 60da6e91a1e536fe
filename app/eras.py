"""The lines that clinics had under each name and number that they ever had, for `app.replay`."""

from dataclasses import dataclass
from datetime import datetime

from alexa.wording import for_speakers
from app.settings import Settings
from app.sites import words_of
from flows.line import Line, build_line
from store.clinic_facts import Facts, read_facts
from store.database import Database


@dataclass(frozen=True, slots=True)
class Era:
    """A clinic's line since a time (UTC), and the same in the words for a speaker."""

    since: datetime
    line: Line
    speaker: Line


def eras_of(database: Database, settings: Settings) -> dict[int, list[Era]]:
    """Every clinic's, each since it first was so. StoreError: no answer.

    One whose country this program does not know, or whose phone nobody had said yet, is left out.
    """
    known: dict[int, dict[tuple[str, str, str], Era]] = {}
    for facts in read_facts(database):
        same = (facts.name, facts.locale, facts.phone)
        eras = known.setdefault(facts.clinic, {})
        era = _era(facts, settings) if same not in eras else eras.pop(same)
        if era is not None:
            eras[same] = Era(facts.since, era.line, era.speaker)
    return {clinic: list(eras.values()) for clinic, eras in known.items()}


def _era(facts: Facts, settings: Settings) -> Era | None:
    if not facts.phone:
        return None
    words = words_of(facts.name, facts.phone, facts.locale)
    try:
        line = build_line(facts.locale, words, settings.reading_seconds)
    except KeyError:
        return None
    return Era(facts.since, line, for_speakers(line, words))
