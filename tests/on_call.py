"""A clinic with somebody on call, in a test: alerts, rungs and the doors that staff answer at."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Self

from flask import Flask

from duty.alert import Alert
from duty.clinic import Day
from duty.ladder import Rung
from duty.rota import Person, Shift
from store.acknowledging import Acknowledging
from store.alerts import open_alerts, raise_alert, read_alert
from store.clinics import ensure_clinic
from store.database import Database
from store.migrate import upgrade
from store.rotas import RotaBook
from store.rungs import RungBook
from store.sealing import Sealer
from telephony.door import Door
from tests.doors import CLINIC, NOON, PUBLIC_URL, TOKEN, make_app, open_door
from tests.twiml_player import Call, Carrier
from voice import alert as voice_alert

ANN, BEN = "+12025550171", "+12025550172"


@dataclass
class StaffCall(Call):
    """A call that the line has placed to somebody on call; `path`: the URL that it asks."""

    path: str = ""

    def answer(self) -> Self:
        """Lift the receiver."""
        return self.ring(self.path)

    def fields(self, **more: str) -> dict[str, str]:
        theirs = {"From": CLINIC.phone, "To": self.number, "Direction": "outbound-api"}
        return {**super().fields(), **theirs, **more}

    def hang_up(self) -> Self:
        self.ended, self.gather = True, None
        return self


@dataclass
class OnCall:
    """The clinic, and what a test does with it."""

    database: Database
    sealer: Sealer
    door: Door

    @property
    def rotas(self) -> RotaBook:
        return RotaBook(self.database, self.sealer)

    @property
    def rungs(self) -> RungBook:
        return RungBook(self.database)

    def add(self, name: str, phone: str, rung: int = 1, clinic: int = 1) -> Person:
        """Somebody who is on call at all times."""
        self.rotas.write(self.rotas.adding(clinic, name, phone, "", NOON))
        person = self.rotas.by_phone(clinic, phone)
        assert person is not None
        always = Shift(person.id, rung, frozenset(Day), time(0), time(0), "America/New_York")
        self.rotas.write(self.rotas.adding_shift(clinic, always))
        return person

    def raised(self, about: str = "T1", at: datetime = NOON) -> Alert:
        raise_alert(self.database, 1, None, about, at)
        return next(one for one in open_alerts(self.database, 1) if one.about == about)

    def told(self, alert: Alert, *people: Person | None) -> None:
        """These were told of it, one after the other."""
        for number, person in enumerate(people, 1):
            rung = Rung(number, person.id if person else None, NOON)
            assert self.rungs.climb(alert.id, rung, ())

    def now(self, alert: Alert) -> Alert:
        found = read_alert(self.database, alert.id)
        assert found is not None
        return found

    def app(self) -> Flask:
        return make_app(self.door, Acknowledging(self.database, self.sealer))

    def call(self, alert: Alert, rung: int, phone: str) -> StaffCall:
        """The call that tells somebody of it, as that rung, once it is answered."""
        path = voice_alert.alert_url("", alert.id, rung)
        return StaffCall(self.carrier(), phone, path=path).answer()

    def carrier(self) -> Carrier:
        return Carrier(self.app().test_client(), TOKEN, PUBLIC_URL)


@contextmanager
def on_call(folder: Path) -> Iterator[OnCall]:
    """A clinic on a new SQLite file in `folder`."""
    url = f"sqlite:///{folder}/line.db"
    upgrade(url)
    database = Database(url)
    ensure_clinic(database, CLINIC.name, "en-US", CLINIC.phone)
    yield OnCall(database, Sealer("s" * 32), open_door())
    database.close()
