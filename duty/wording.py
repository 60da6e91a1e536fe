"""What staff are told of an alert, in the clinic's language: texts, calls, the mail of an alarm.

The words are in `words/`, by subject and key, and hold nothing of a patient's.
"""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from duty.alert import Alert, kind
from duty.ladder import Rung

LANGUAGES: Final = ("en", "es")
_OTHER: Final = "other"


class Mail(NamedTuple):
    """A mail: its subject and its text."""

    subject: str
    body: str


class Letterhead(NamedTuple):
    """Whose words they are, and where they lead.

    `clinic`: its name.  `time_zone`: an IANA name.  `link`: to the desk; "" where there is none.
    """

    language: str
    clinic: str
    time_zone: str
    link: str


@cache
def read_words(language: str) -> Mapping[str, Mapping[str, str]]:
    """Every word of `language`, by subject and key; English where there are none of it."""
    name = language if language in LANGUAGES else LANGUAGES[0]
    text = (files("duty") / "words" / f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def say(language: str, key: str, **given: str) -> str:
    """The words of `key`, such as "call.keys", with `given` in the place of what is in braces."""
    subject, _, name = key.partition(".")
    return read_words(language)[subject][name].format_map(given)


def text_of(alert: Alert, head: Letterhead) -> str:
    """The text for who is on call."""
    return say(
        head.language,
        "text.told",
        clinic=head.clinic,
        what=what(alert.about, head.language),
        ref=alert.reference,
        time=clock(alert.raised_at, head.time_zone),
        link=head.link,
    ).strip()


def spoken_of(alert: Alert, language: str, clinic: str) -> tuple[str, ...]:
    """What a call says, sentence by sentence; the reference digit by digit."""
    words = read_words(language)["spoken"]
    return (
        words.get(alert.kind, words[_OTHER]).format(clinic=clinic),
        say(language, "call.reference", ref=" ".join(alert.reference)),
        say(language, "call.keys"),
    )


def mail_of(
    alert: Alert, rungs: Sequence[Rung], names: Mapping[int, str], head: Letterhead
) -> Mail:
    """The mail of an alarm. `names`: of those who were told, by id."""
    language, clinic = head.language, head.clinic
    told = [
        say(
            language,
            "mail.told",
            time=clock(rung.at, head.time_zone),
            name=names.get(rung.person, clinic) if rung.person is not None else clinic,
            outcome=_outcome(rung, language),
        )
        for rung in rungs
    ]
    given = {"clinic": clinic, "ref": alert.reference}
    return Mail(
        say(language, "mail.subject", **given),
        say(
            language,
            "mail.body",
            **given,
            what=what(alert.about, language),
            time=clock(alert.raised_at, head.time_zone),
            told="\n".join(told) or say(language, "mail.nobody"),
            link=head.link,
        ),
    )


def what(about: str, language: str) -> str:
    """What an alert is about, in a few words that name no symptom."""
    words = read_words(language)["what"]
    return words.get(kind(about), words[_OTHER])


def clock(at: datetime, time_zone: str) -> str:
    """The time of day in that zone."""
    return at.astimezone(ZoneInfo(time_zone)).strftime("%H:%M")


def _outcome(rung: Rung, language: str) -> str:
    if rung.outcome is None:
        return ""
    words = read_words(language)["outcome"]
    return f" ({words[rung.outcome]})" if rung.outcome in words else ""
