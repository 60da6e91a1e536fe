"""Acknowledging an alert by key or by reply: who may, and in whose name."""

from dataclasses import dataclass
from datetime import datetime

from duty.alert import Alert, How, alert_id
from store.alerts import acknowledge, alerts_of, read_alert
from store.database import Database
from store.rotas import RotaBook
from store.rungs import RungBook
from store.sealing import Sealer


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody may acknowledge `alert`, in this name."""

    alert: Alert
    name: str


class Acknowledging:
    """Finds who may acknowledge what, and does it. StoreError: the database fails."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._rotas = RotaBook(database, sealer)
        self._rungs = RungBook(database)

    def by_rung(self, alert: int, rung: int, clinic: str) -> Claim | None:
        """Whoever was called as that rung; None where there was no such call.

        `clinic`: the name for its own number.
        """
        found = read_alert(self._database, alert)
        told = next((one for one in self._rungs.read(alert) if one.number == rung), None)
        if found is None or told is None:
            return None
        if told.person is None:
            return Claim(found, clinic)
        name = self._rotas.names(found.clinic).get(told.person)
        return Claim(found, name) if name else None

    def by_phone(self, clinic: int, phone: str, reference: str) -> Claim | None:
        """Whoever is on that clinic's rota with this number; None for others' alerts."""
        id_ = alert_id(reference)
        if id_ is None:
            return None
        person = self._rotas.by_phone(clinic, phone)
        found = read_alert(self._database, id_) if person else None
        if person is None or found is None or found.clinic != clinic:
            return None
        return Claim(found, person.name)

    def take(self, claim: Claim, how: How, at: datetime) -> Alert:
        """Acknowledge it, unless somebody has, and give it as it stands then.

        What is less urgent of the same conversation is acknowledged with it: they look at that.
        """
        alert = claim.alert
        acknowledge(self._database, alert.id, claim.name, how, at)
        if alert.conversation is not None:
            for other in alerts_of(self._database, alert.conversation):
                if other.acknowledged_at is None and other.urgency >= alert.urgency:
                    acknowledge(self._database, other.id, claim.name, how, at)
        now = read_alert(self._database, alert.id)
        assert now is not None, "alerts are never removed"
        return now
