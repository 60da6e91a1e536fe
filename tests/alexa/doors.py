"""A skill with its door open, in a test."""

from dataclasses import dataclass, field
from datetime import datetime

from flask import Flask

from alexa import webhook
from alexa.callback import Callbacks
from alexa.signature import SkillVerifier
from alexa.webhook import Skill
from alexa.wording import for_speakers
from flows.line import Line
from telephony.door import Log
from tests.alexa.amazon import SKILL, Amazon, Shelf, Speaker, root
from tests.doors import CLINIC, NOON, Clock, MemoryLog, Watched, a_line


@dataclass
class MemoryCallbacks:
    """What the store's promises, without a store."""

    numbers: dict[str, str] = field(default_factory=dict)

    def keep(self, contact: str, number: str) -> None:
        self.numbers[contact] = number

    def known(self, contact: str) -> bool:
        return contact in self.numbers


@dataclass
class Still:
    """A clock that somebody else moves."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at


@dataclass
class House:
    """A skill, and who speaks to it. `log`: every turn that was kept."""

    log: Watched
    callbacks: MemoryCallbacks
    amazon: Amazon
    line: Line
    clock: Clock | Still

    def speaker(self, locale: str = "en-US") -> Speaker:
        return Speaker(self.amazon, locale=locale)


def a_house(
    log: Log | None = None,
    locale: str = "en-US",
    shelf: Shelf | None = None,
    clock: Clock | Still | None = None,
    callbacks: Callbacks | None = None,
) -> House:
    line = for_speakers(a_line(locale), CLINIC)
    watched, kept = Watched(log or MemoryLog(line)), MemoryCallbacks()
    clock = clock or Clock()
    verifier = SkillVerifier(SKILL, fetch=shelf or Shelf(), roots=[root()])
    app = Flask("skill")
    app.register_blueprint(
        webhook.make_blueprint(Skill(line, watched, verifier, callbacks or kept, now=clock))
    )
    return House(watched, kept, Amazon(app.test_client(), lambda: clock.at), line, clock)
