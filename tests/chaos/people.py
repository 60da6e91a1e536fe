"""People who text and call while everything around them dies.

A person's message is handed over until it is answered, always as the same message, as the carrier
does; and what should have come of it is written down beside it.
"""

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any

from tests.chaos.town import LINE, Town
from tests.flows.talk import SAFE
from tests.twiml_player import Call, Carrier, Texter

PATIENCE_SECONDS = 150.0
"""As long as anything may be away before it counts as lost."""

_SORRY = b"Sorry, something went wrong here"


@dataclass
class Person:
    """One person, and what must be on the log in the end.

    `heard`: their words and keys, in order.  `alerts`: what the clinic must have been told.
    `owed`: of what they are owed beside the answers, by its kind, so many rows.
    `nudges`: how many at least and at most; whoever waits for long for an answer is nudged too.
    `ends`: how often the clock must have ended it.  `follow_ups`: how often it must have asked
    whether they were seen.
    """

    number: str
    script: str
    heard: list[str] = field(default_factory=list)
    alerts: set[str] = field(default_factory=set)
    owed: dict[str, int] = field(default_factory=dict)
    nudges: tuple[int, int] = (0, 99)
    ends: int = 0
    follow_ups: int = 0
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
            time.sleep(0.2)


class People:
    """Everybody who uses the line of `town` until `over`.

    `lost`: out of 100 answers with advice, so many are lost on their way to the carrier.
    `pause`: seconds between one person and the next, in each thread.
    """

    scripts: tuple[str, ...] = ("t1", "t1", "open", "open", "raced", "called", "hung_up", "t2")

    def __init__(
        self, town: Town, over: threading.Event, *, lost: float = 5, pause: float = 0, seed: int = 1
    ) -> None:
        self.town = town
        self.over = over
        self.everybody: list[Person] = []
        self._lock = threading.Lock()
        self._rng = random.Random(seed)  # noqa: S311
        self._lost = lost
        self._pause = pause

    def run(self, threads: int, at_most: int) -> None:
        """Let `threads` people use the line at a time, until it is over or `at_most` have."""
        self._left = at_most
        _together(threads, self._one_after_another)

    def answer_follow_ups(self, threads: int) -> None:
        """Of those who were asked how it went, each third was seen, and each third was not."""
        asked = [one for one in self.everybody if one.follow_ups and one.done]

        def answer() -> None:
            while True:
                with self._lock:
                    if not asked:
                        return
                    person = asked.pop()
                place = self.everybody.index(person)
                if place % 3 == 0:
                    continue
                person.done = False
                if place % 3 == 1:
                    person.alerts.add("not_seen")
                self._texts(person, self.carrier_of(place), str(3 - place % 3))
                person.done = True

        _together(threads, answer)

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
            self.over.wait(self._pause)

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
            lost = (
                bool(messages and messages[0].get("statusCallback"))
                and self._rng.random() * 100 < self._lost
            )
        for message in messages:
            if message.get("statusCallback") is None or lost:
                continue
            form = {"To": person.number, "From": LINE, "Body": message.text or ""}
            form["StatusCallback"] = message.get("statusCallback")
            self.town.twilio.replied(form)

    def _t1(self, person: Person, carrier: Carrier) -> None:
        person.alerts, person.owed, person.follow_ups = {"T1"}, {"reply": 1}, 1
        self._texts(person, carrier, "hello", "agree", "1")

    def _t2(self, person: Person, carrier: Carrier) -> None:
        person.alerts, person.owed, person.follow_ups = {"T2"}, {"reply": 1}, 1
        self._texts(person, carrier, "hello", "agree", *SAFE[:10], "1")

    def _open(self, person: Person, carrier: Carrier) -> None:
        person.nudges, person.ends = (1, 1), 1
        self._texts(person, carrier, "hello", "agree")

    def _raced(self, person: Person, carrier: Carrier) -> None:
        """The answer comes at about the moment of the nudge."""
        person.nudges, person.ends = (1, 99), 1
        self._texts(person, carrier, "hello", "agree")
        time.sleep(1800 / self.town.times + self._rng.uniform(-0.5, 0.5))
        self._texts(person, carrier, "2")

    def _called(self, person: Person, carrier: Carrier) -> None:
        call = self._emergency(person, carrier)
        self._presses(person, call, "9")
        call.hang_up()
        person.heard.append("")

    def _hung_up(self, person: Person, carrier: Carrier) -> None:
        self._emergency(person, carrier).hang_up()
        person.heard.append("")

    def _emergency(self, person: Person, carrier: Carrier) -> Call:
        person.alerts, person.owed = {"T1"}, {"advice": 2, "spoken": 1}
        call = self._calls(person, carrier)
        self._presses(person, call, "1", "1")
        return call

    def _calls(self, person: Person, carrier: Carrier) -> Call:
        call = Call(carrier, person.number, LINE).ring()
        person.heard.append("")
        return call

    def _presses(self, person: Person, call: Call, *keys: str) -> None:
        for key in keys:
            call.press(key)
            person.heard.append(key)


def _together(threads: int, work: Callable[[], None]) -> None:
    at_work = [threading.Thread(target=work) for _ in range(threads)]
    for one in at_work:
        one.start()
    for one in at_work:
        one.join()
