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
from pathlib import Path
from typing import Any

from tests.chaos.audit import audit, settled
from tests.chaos.people import Patient, People, Person
from tests.chaos.town import Town
from tests.flows.talk import SAFE
from tests.postgres import PostgresServer
from tests.twiml_player import Carrier

AT_A_TIME = 12
PERCENT = 5


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
        return self._chance(percent)

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
        crowd = Crowd(town, threading.Event(), unlucky=1)
        began = time.monotonic()
        crowd.run(AT_A_TIME, asked.conversations)
        seconds = time.monotonic() - began
        time.sleep(180 / town.times)
        crowd.finish()
        if not town.wait_until(lambda: settled(town), 300):
            print("There was still something to do.")  # noqa: T201
        found = audit(town, crowd)
    print(  # noqa: T201
        f"{found.people:,} conversations and {found.turns:,} turns in {seconds:.0f} s;"
        f" {crowd.repeated:,} webhooks came again, {crowd.different} of them got another answer;"
        f" {found.urgent:,} alerts; {found.texts:,} texts, {found.doubles} of them twice."
    )
    print("\n".join(found.faults[:50]) or "Every conversation ended as it must.")  # noqa: T201
    sys.exit(1 if found.faults or crowd.different else 0)


if __name__ == "__main__":
    main()
