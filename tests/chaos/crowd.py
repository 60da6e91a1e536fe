"""`python -m tests.chaos.crowd`: a crowd on several machines, whose webhooks come twice and late.

Three webs and two workers share one PostgreSQL. Of a hundred webhooks, five are handed over twice
at the same moment, to different webs, and after five an older one comes once more, out of its
order. The same webhook must get the same answer, byte for byte, and every conversation must end as
it would have without.
"""

import argparse
import random
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.chaos.audit import audit, left, settled
from tests.chaos.courier import Courier
from tests.chaos.people import Patient, People, Person
from tests.chaos.town import Town
from tests.flows.talk import SAFE
from tests.postgres import PostgresServer
from tests.twiml_player import Carrier

AT_A_TIME = 12
PERCENT = 5
STANDSTILL = 120
"""Seconds in which something must get done, or it never will."""


@dataclass
class Wavering(Patient):
    """Hands some webhooks over twice, and some older ones again."""

    others: tuple[Patient, ...] = ()
    crowd: "Crowd | None" = None
    before: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def post(self, url: str, form: Mapping[str, str], **headers: str) -> Any:
        crowd = self.crowd
        assert crowd is not None
        other = random.choice(self.others)  # noqa: S311
        if crowd.chance(PERCENT):
            with ThreadPoolExecutor(1) as second:
                again = second.submit(other.post, url, form)
                answer = super().post(url, form, **headers)
            crowd.compare(answer.data, again.result().data)
        else:
            answer = super().post(url, form, **headers)
        if self.before and crowd.chance(PERCENT):
            late_url, late_form, expected = random.choice(self.before)  # noqa: S311
            crowd.compare(expected, other.post(late_url, late_form).data)
        self.before.append((url, dict(form), answer.data))
        return answer


class Crowd(People):
    """Many people at a time; `repeated` webhooks, and of them `different` answers."""

    repeated = 0
    different = 0
    scripts = ("t1", "t2", "called", "guidance")

    def chance(self, percent: float) -> bool:
        return self._rng.random() * 100 < percent

    def compare(self, first: bytes, again: bytes) -> None:
        with self._lock:
            self.repeated += 1
            self.different += first != again

    def carrier_of(self, place: int) -> Carrier:
        clients = [self.town.carrier(place + more).client for more in range(self.town.webs)]
        token = self.town.twilio.token
        others = tuple(Patient(client, token) for client in clients)
        return Wavering(clients[0], token, others=others, crowd=self)

    def _guidance(self, person: Person, carrier: Carrier) -> None:
        self._texts(person, carrier, "hello", "agree", *SAFE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=10_000)
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="backline-crowd-") as folder,
        PostgresServer(durable=True) as server,
        Town(Path(folder), server, times=10, webs=3, web_workers=1) as town,
    ):
        courier = Courier(town, unlucky=1)
        crowd = Crowd(town, threading.Event(), lost=1)
        began = time.monotonic()
        crowd.run(AT_A_TIME, asked.conversations)
        seconds = time.monotonic() - began
        late = [] if _evening(town, courier) else ["there was still something to do"]
        found = audit(town, crowd, courier)
        courier.close()
    faults = found.shown + late
    print(  # noqa: T201
        f"{found.people:,} conversations and {found.turns:,} turns in {seconds:.0f} s;"
        f" {crowd.repeated:,} webhooks came again, {crowd.different} of them got another answer;"
        f" {found.alerts.total():,} alerts, {found.acknowledged:,} acknowledged and"
        f" {found.ran_out:,} run out;"
        f" {found.to_patients:,} texts to people, {found.texts_to_staff:,} texts and"
        f" {found.calls_to_staff:,} calls to staff, {found.doubles} of all these twice;"
        f" {found.mistaken} calls taken for one another; {found.undelivered} advice not delivered."
    )
    print("\n".join(faults) or "Every conversation ended as it must.")  # noqa: T201
    sys.exit(1 if faults or crowd.different else 0)


def _evening(town: Town, courier: Courier) -> bool:
    """Whether all that was begun has come to its end, the longest ladder and a day later."""
    for minutes in (0, *[10] * 10, 24 * 60, *[10] * 2):
        town.skip(timedelta(minutes=minutes))
        before = None
        while not town.wait_until(lambda: settled(town, courier), STANDSTILL):
            now = left(town, courier)
            print(f"still to be done: {now}", flush=True)  # noqa: T201
            if now == before:
                return False
            before = now
    return True


if __name__ == "__main__":
    main()
