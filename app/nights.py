"""Erasing by rule each night: a row of the outbox that never ends and looks after all clinics.

A night's work is done a few batches at a time, so that other things that come due are not kept
waiting. It is begun by one process and goes on in it; one that dies leaves the rest to the next
night.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from app.deliveries import Wait
from app.patient import Records
from duty.clinic import DEFAULTS, FIRST, usual_time_zone
from duty.delivery import Due, Job, Lane
from store.clinics import StoredClinic, ensure_trial
from store.link import Write
from store.retention import Report, nightly

NIGHTS: Final = "nights"
"""The kind and the key of the row."""

_LOOK_EVERY: Final = timedelta(minutes=10)
_PAUSE: Final = timedelta(seconds=1)
_BATCHES: Final = 10

TRIALS: Final = replace(DEFAULTS, unfinished_days=1, kept_years=1)
"""What somebody tried out is nobody's record."""


def nights_due(at: datetime) -> Due:
    """The row of the nights. The first clinic's, since each row is some clinic's."""
    return Due(key=NIGHTS, clinic=FIRST, kind=NIGHTS, at=at, lane=Lane.CLOCK)


@dataclass(slots=True)
class Nights:
    """Erases what each clinic's rule says, in each clinic's own night."""

    records: Records
    going: list[Iterator[Report]] = field(default_factory=list)

    def prepare(self, job: Job, at: datetime) -> Wait:  # noqa: ARG002
        if not self.going:
            self.going = [self._night(clinic, at) for clinic in self._clinics()]
        for _ in range(_BATCHES):
            while self.going and next(self.going[-1], None) is None:
                self.going.pop()
            if not self.going:
                return Wait(at + _LOOK_EVERY)
        return Wait(at + _PAUSE)

    def failed(self, job: Job, reason: str, at: datetime) -> Iterable[Write]:  # noqa: ARG002
        return ()

    def _night(self, clinic: StoredClinic, at: datetime) -> Iterator[Report]:
        records = self.records
        flow = records.sites.first.line.flow
        return nightly(records.database, records.sealer, flow, clinic, at)

    def _clinics(self) -> list[StoredClinic]:
        first = self.records.sites.first
        locale = first.line.locale
        trial = ensure_trial(self.records.database, first.clinic.name, locale)
        zone = usual_time_zone(locale)
        trials = StoredClinic(trial, first.clinic.name, locale, "", zone, settings=TRIALS)
        return [*self.records.sites.clinics(), trials]
