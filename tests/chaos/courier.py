"""The carrier between the line and everybody: its faults, its news, and who is on call.

What becomes of each text and of each call is decided once. Its news comes late, twice, in reverse,
or not at all; and whoever is on call picks up, presses the key, texts back, or does none of it.
"""

import queue
import random
import re
import threading
from collections import Counter
from collections.abc import Mapping
from typing import Final

from tests.chaos.people import Patient
from tests.chaos.town import LINE, STAFF, Town
from tests.on_call import StaffCall
from tests.twilio_api import Break, Fault, Lose, Refuse, Sent
from tests.twiml_player import Carrier, Texter

COURIERS: Final = 4
NO_NEWS: Final = 10
"""Out of 100, so many are never heard of again."""
UNDELIVERED: Final = 3
_TAKEN: Final = ("is yours", "acknowledged in your name", "has already acknowledged")
_REFERENCE: Final = re.compile(r"Reply (\d+) OK")


class Courier:
    """Brings the news of everything that `town`'s stand-in takes, until `close`.

    `unlucky`: out of 100 requests, so many meet each of the stand-in's faults.
    `undelivered`: the keys of the texts of which it was said that they did not arrive.
    `tried`: the ids of the alerts that somebody on call meant to take.  `taken`: of those, the ones
    of which they were told that they are theirs, or another's.
    `met`: how often each fault was met.
    """

    def __init__(self, town: Town, unlucky: float = 3, seed: int = 1) -> None:
        self.undelivered: set[str] = set()
        self.tried: set[str] = set()
        self.taken: set[str] = set()
        self.met: Counter[str] = Counter()
        self._town = town
        self._unlucky = unlucky
        self._rng = random.Random(seed)  # noqa: S311
        self._seen = {"texts": 0, "calls": 0}
        self._news: queue.Queue[Sent | None] = queue.Queue()
        self._lock = threading.Lock()
        self._closed = threading.Event()
        town.twilio.fault_of = self._fault
        town.twilio.look_up_fault = self._look_up_fault
        self._threads = [threading.Thread(target=self._watch, daemon=True)]
        self._threads += [
            threading.Thread(target=self._bring, daemon=True) for _ in range(COURIERS)
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        self._closed.set()
        for thread in self._threads:
            thread.join()

    @property
    def idle(self) -> bool:
        """Whether all news has been brought."""
        seen = self._seen["texts"] + self._seen["calls"]
        twilio = self._town.twilio
        return self._news.unfinished_tasks == 0 and seen == len(twilio.texts) + len(twilio.calls)

    # --- Its faults -----------------------------------------------------------------------------

    def _chance(self, percent: float) -> bool:
        return self._rng.random() * 100 < percent

    def _fault(self, form: Mapping[str, str]) -> Fault | None:
        """What befalls a request to send; called with the stand-in's own lock held."""
        faults: tuple[tuple[str, Fault], ...] = (
            ("taken, and the answer lost", Lose()),
            ("taken, and answered with 500", Break()),
            ("refused with 503", Refuse(503)),
            ("refused with 429", Refuse(429, 20429, 1)),
        )
        for name, fault in faults:
            if self._chance(self._unlucky):
                self.met[name] += 1
                return fault
        return None

    def _look_up_fault(self) -> Refuse | None:
        if not self._chance(self._unlucky):
            return None
        self.met["a look-up refused with 503"] += 1
        return Refuse(503)

    # --- Its news -------------------------------------------------------------------------------

    def _watch(self) -> None:
        twilio = self._town.twilio
        while not self._closed.wait(0.05):
            for kind, kept in (("texts", twilio.texts), ("calls", twilio.calls)):
                for one in kept[self._seen[kind] :]:
                    self._news.put(one)
                    self._seen[kind] += 1
        for _ in range(COURIERS):
            self._news.put(None)

    def _bring(self) -> None:
        while (one := self._news.get()) is not None:
            carrier = Patient(
                self._town.carrier(self._rng.randrange(99)).client, self._town.twilio.token
            )
            try:
                self._of_call(one, carrier) if one.sid.startswith("CA") else self._of_text(
                    one, carrier
                )
            except Exception as error:  # noqa: BLE001  whatever it is, it is a fault to be counted
                with self._lock:
                    self._town.twilio.violations.append(f"no news of {one.sid}: {error!r}")
            finally:
                self._news.task_done()

    def _of_text(self, one: Sent, carrier: Carrier) -> None:
        if one.to in STAFF and self._chance(15):
            self._replies(one, carrier)
        if "StatusCallback" not in one.form:
            return
        if self._chance(NO_NEWS):
            one.status = "sent"
            return
        states = ["sent", "delivered"]
        if one.to not in STAFF and self._chance(UNDELIVERED):
            one.error_code = 30003
            self.undelivered.add(one.sid)
            states = ["sent", "undelivered"]
        self._tell(one, carrier, states)

    def _of_call(self, one: Sent, carrier: Carrier) -> None:
        """Two of five press the key, one of five is a machine, and the others do not answer."""
        lot = self._rng.random()
        if lot < 0.6:
            call = StaffCall(carrier, one.to, path=one.form["Url"].removeprefix(carrier.public_url))
            call.sid = one.sid
            call.answer()
            if lot < 0.4 and not call.ended:
                call.press("1")
                alert = one.form["Url"].partition("alert=")[2].partition("&")[0]
                self._answered(alert, *call.heard)
            states = ["in-progress", "completed"]
        else:
            states = ["ringing", "busy" if lot < 0.8 else "no-answer"]
        if not self._chance(NO_NEWS):
            self._tell(one, carrier, states)

    def _tell(self, one: Sent, carrier: Carrier, states: list[str]) -> None:
        one.status = states[-1]
        if self._chance(50):
            states.reverse()
        if self._chance(5):
            states.append(states[0])
        self._town.twilio.tell(carrier, one, *states, code=one.error_code)

    # --- Whoever is on call ---------------------------------------------------------------------

    def _replies(self, one: Sent, carrier: Carrier) -> None:
        found = _REFERENCE.search(one.body)
        assert found is not None, one.body
        told = Texter(carrier, one.to, LINE).text(f"{found[1]} OK")
        self._answered(str(int(found[1]) - 1000), *told)

    def _answered(self, alert: str, *told: str) -> None:
        """With the database away they are told to look at the desk, and the next one is told."""
        taken = any(sign in words for words in told for sign in _TAKEN)
        with self._lock:
            self.tried.add(alert)
            self.taken |= {alert} if taken else set()
