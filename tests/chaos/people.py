"""People who text and call while everything around them dies, and the carrier between them.

A person's message is handed over until it is answered, always as the same message, as the carrier
does; and what should have come of it is written down beside it.
"""

import queue
import random
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any

from tests.chaos.town import LINE, Town
from tests.flows.talk import SAFE
from tests.twilio_api import Break, Fault, Lose, Refuse, Sent
from tests.twiml_player import BadTwiml, Call, Carrier, Texter

PATIENCE_SECONDS = 300.0
"""As long as anything may be away before it counts as lost."""

_SORRY = b"Sorry, something went wrong here"


@dataclass
class Person:
    """One person, and what must be on the log in the end.

    `heard`: their words and keys, in order.  `alerts`: what the clinic must have been told.
    `advice`: how many messages of advice the carrier must have had for them.
    `nudges`: how many at least and at most; whoever waits for long for an answer is nudged too.
    """

    number: str
    script: str
    heard: list[str] = field(default_factory=list)
    alerts: set[str] = field(default_factory=set)
    advice: int = 0
    nudges: tuple[int, int] = (0, 99)
    done: bool = False


@dataclass
class Patient(Carrier):
    """A carrier that hands over the same request until it is answered."""

    def post(self, url: str, form: Mapping[str, str], **headers: str) -> Any:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                answer = super().post(url, form, **headers)
            except (OSError, HTTPException):
                answer = None
            if answer and answer.status_code in (200, 204) and _SORRY not in answer.data:
                return answer
            assert time.monotonic() < deadline, f"{url} was never answered"
            time.sleep(0.05)


class People:
    """Everybody who uses the line of `town` until `over`.

    `unlucky`: out of 100 requests to the carrier, so many meet each of its faults.
    """

    scripts: tuple[str, ...] = ("t1", "t1", "open", "open", "raced", "called", "hung_up", "t2")

    def __init__(self, town: Town, over: threading.Event, unlucky: int = 3, seed: int = 1) -> None:
        self.town = town
        self.over = over
        self.everybody: list[Person] = []
        self.undelivered: set[str] = set()
        self._lock = threading.Lock()
        self._rng = random.Random(seed)  # noqa: S311
        self._news: queue.Queue[tuple[float, Sent, list[str]] | None] = queue.Queue()
        self._told: set[str] = set()
        self._unlucky = unlucky
        town.twilio.fault_of = self._fault

    def run(self, threads: int, at_most: int) -> None:
        """Let `threads` people use the line at a time, until it is over or `at_most` have."""
        self._left = at_most
        at_work = [threading.Thread(target=self._one_after_another) for _ in range(threads)]
        courier = threading.Thread(target=self._courier, daemon=True)
        courier.start()
        for one in at_work:
            one.start()
        for one in at_work:
            one.join()

    def finish(self) -> None:
        """Bring the last news, of everything that was sent since."""
        self._all_news()
        self._news.join()

    # --- One person -----------------------------------------------------------------------------

    def _one_after_another(self) -> None:
        while not self.over.is_set():
            with self._lock:
                if self._left == 0:
                    return
                self._left -= 1
                place = len(self.everybody)
                script = self.scripts[place % len(self.scripts)]
                person = Person(f"+1202{2000000 + place:07d}", script)
                self.everybody.append(person)
            getattr(self, f"_{person.script}")(person, self.carrier_of(place))
            person.done = True

    def carrier_of(self, place: int) -> Carrier:
        """The carrier that serves the person of that place in line."""
        return Patient(self.town.carrier(place).client, self.town.twilio.token)

    def _texts(self, person: Person, carrier: Carrier, *bodies: str) -> None:
        texter = Texter(carrier, person.number, LINE)
        for body in bodies:
            document = carrier.document(f"{carrier.public_url}/sms", texter.fields(body))
            person.heard.append(body)
            self._brought(person, list(document))

    def _brought(self, person: Person, messages: list[Any]) -> None:
        """The messages of an answer are the carrier's now, or the answer was lost."""
        with self._lock:
            lost = bool(messages and messages[0].get("statusCallback")) and self._chance(5)
        for message in messages:
            if message.get("statusCallback") is None or lost:
                continue
            form = {"To": person.number, "From": LINE, "Body": message.text or ""}
            form["StatusCallback"] = message.get("statusCallback")
            self.town.twilio.replied(form)

    def _t1(self, person: Person, carrier: Carrier) -> None:
        person.alerts, person.advice = {"T1"}, 1
        self._texts(person, carrier, "hello", "agree", "1")

    def _t2(self, person: Person, carrier: Carrier) -> None:
        person.alerts, person.advice = {"T2"}, 1
        self._texts(person, carrier, "hello", "agree", *SAFE[:10], "1")

    def _open(self, person: Person, carrier: Carrier) -> None:
        person.nudges = (1, 1)
        self._texts(person, carrier, "hello", "agree")

    def _raced(self, person: Person, carrier: Carrier) -> None:
        """The answer comes at about the moment of the nudge."""
        person.nudges = (1, 99)
        self._texts(person, carrier, "hello", "agree")
        time.sleep(1800 / self.town.times + self._rng.uniform(-0.5, 0.5))
        self._texts(person, carrier, "2")

    def _called(self, person: Person, carrier: Carrier) -> None:
        person.alerts, person.advice = {"T1"}, 2
        call = self._calls(person, carrier)
        self._presses(person, call, "1", "1", "9")
        call.hang_up()
        person.heard.append("")

    def _hung_up(self, person: Person, carrier: Carrier) -> None:
        person.alerts, person.advice = {"T1"}, 2
        call = self._calls(person, carrier)
        self._presses(person, call, "1", "1")
        call.hang_up()
        person.heard.append("")

    def _calls(self, person: Person, carrier: Carrier) -> Call:
        call = Call(carrier, person.number, LINE).ring()
        person.heard.append("")
        return call

    def _presses(self, person: Person, call: Call, *keys: str) -> None:
        for key in keys:
            call.press(key)
            person.heard.append(key)

    # --- The carrier between --------------------------------------------------------------------

    def _chance(self, percent: float) -> bool:
        return self._rng.random() * 100 < percent

    def _fault(self, form: Mapping[str, str]) -> Fault | None:
        """What befalls a request to send; called with the stand-in's own lock held."""
        faults: tuple[Fault, ...] = (Lose(), Break(), Refuse(503), Refuse(429, 20429, 1))
        for fault in faults:
            if self._chance(self._unlucky):
                return fault
        return None

    def _courier(self) -> None:
        while True:
            self._all_news()
            try:
                item = self._news.get(timeout=0.2)
            except queue.Empty:
                continue
            if item is None:
                return
            _, sent, states = item
            carrier = Patient(self.town.carrier(0).client, self.town.twilio.token)
            try:
                self.town.twilio.tell(carrier, sent, *states, code=30003)
            except (AssertionError, BadTwiml):
                self.undelivered.add(f"no news of {sent.sid}")
            self._news.task_done()

    def _all_news(self) -> None:
        """Decide what becomes of each text that was taken, once, and tell it out of order."""
        for sent in list(self.town.twilio.texts):
            if sent.sid in self._told or "StatusCallback" not in sent.form:
                continue
            self._told.add(sent.sid)
            if self._chance(10):
                sent.status = "sent"  # no news at all
                continue
            if self._chance(3):
                sent.status, sent.error_code = "undelivered", 30003
                self.undelivered.add(sent.sid)
                states = ["sent", "undelivered"]
            else:
                sent.status = "delivered"
                states = ["sent", "delivered"]
            if self._chance(50):
                states.reverse()
            self._news.put((time.monotonic(), sent, states))
