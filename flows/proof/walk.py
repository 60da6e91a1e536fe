"""The proof: a machine that walks every state of the flow and hears everything in each.

It takes the real `take_turn` through every class of states that can be reached, breadth first, with
every kind of thing that can be heard (`flows.proof.events`), and asks every invariant of every
turn. Breadth first, so that the conversation to a fault is the shortest one there is.

What is proved is the flow, not the understanding of words: an event brings its reading along.
What understanding owes to the flow is little: a NO never comes with a red flag about the same
question, and what is heard where nothing is asked changes no answer.

Two states are the same where everything that can be heard gets the same reply and leaves the same
again; `flows.proof.states` says which are, and what bounds the proof.
"""

from collections import deque
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import msgspec.structs

from flows import conversation
from flows.conversation import Conversation, Turn, take_turn
from flows.definition import Flow, read_locales
from flows.line import Line
from flows.machine import IllegalMove
from flows.proof.answers import (
    advice_comes_at_once,
    danger_is_never_no,
    guidance_needs_every_no,
    guidance_needs_every_yes,
    guidance_waits_after_an_emergency,
    no_red_flag_ends_low,
    nothing_is_no,
    nothing_lowers_a_tier,
    what_is_late_answers_nothing,
)
from flows.proof.events import AT_ONCE, Event, Events, Heard
from flows.proof.moments import Invariant, Moment, look
from flows.proof.replies import (
    Texts,
    an_ending_is_whole,
    bounded,
    channels_agree,
    consent_comes_first,
    guidance_is_whole,
    never_silent,
    one_alert,
    one_question_in_order,
    stop_is_kept,
    the_clock_only_asks,
)
from flows.proof.states import Classes
from flows.reading import Reading
from flows.rules import NotCleared
from flows.state import State, asked_question
from flows.utterance import Kind, Utterance

EVERYTHING: Final = 99
"""So many things out of the ordinary are never together: every class is told apart."""

INVARIANTS: Final = (
    Invariant("I-01", no_red_flag_ends_low),
    Invariant("I-02", guidance_needs_every_no),
    Invariant("I-03", advice_comes_at_once),
    Invariant("I-04", guidance_needs_every_yes),
    Invariant("I-05", nothing_is_no),
    Invariant("I-06", danger_is_never_no),
    Invariant("I-07", nothing_lowers_a_tier),
    Invariant("I-08", an_ending_is_whole),
    Invariant("I-10", guidance_waits_after_an_emergency),
    Invariant("I-11", one_question_in_order),
    Invariant("I-12", channels_agree),
    Invariant("I-14", stop_is_kept),
    Invariant("I-15", consent_comes_first),
    Invariant("I-16", what_is_late_answers_nothing),
    Invariant("I-17", bounded),
    Invariant("I-18", one_alert),
    Invariant("I-22", guidance_is_whole),
    Invariant("I-23", never_silent),
    Invariant("I-26", the_clock_only_asks),
)
"""Asked of every turn. Of the texts said: I-08, I-09, I-15, I-23, I-24; of the whole walk: I-20."""

_START: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)
_NEEDS_A_PAST: Final = (
    Kind.HANG_UP,
    Kind.CLINIC_MISSED,
    Kind.CLINIC_REACHED,
    Kind.CLOCK,
    Kind.RELEASE,
)
_OLD_VERSION: Final = "0.0.0"


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was heard, and the texts of the reply: one string for each message."""

    heard: str
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Violation:
    """A fault: the invariant's id, what is wrong, and the shortest conversation that shows it."""

    invariant: str
    what: str
    conversation: tuple[Exchange, ...]

    def transcript(self) -> str:
        """The conversation as it is read, the fault below it."""
        lines = [f"{self.invariant}: {self.what}"]
        for exchange in self.conversation:
            lines += [f"> {exchange.heard}", *(f"< {message}" for message in exchange.said)]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Proof:
    """What was walked, and what was found.

    `together`: how many things out of the ordinary were told apart in one state.
    `states`: classes of states; `turns`: each event in each of them, one turn of the core.
    `longest`: turns to the class that is furthest away.  `events`: kinds of things heard.
    `deciding`: those of them that are heard beside any number of things out of the ordinary.
    `violations`: one for each invariant that fails, () where all hold.
    """

    flow: str
    version: str
    together: int
    states: int
    turns: int
    longest: int
    events: int
    deciding: int
    violations: tuple[Violation, ...]


def prove(line: Line, together: int = EVERYTHING, until: str = "") -> Proof:
    """Walk the whole flow of `line` and ask every invariant of every turn.

    `together`: the bound, in things out of the ordinary that one state is told by.
    `until`: the id of an invariant, at whose first fault the walk may end.
    While it runs, no other thread may take a turn: the core's reader is put aside.
    """
    with readings_as_they_are():
        return _Walk(line, together, until).walk()


class _Walk:
    def __init__(self, line: Line, together: int, until: str) -> None:
        # A text that comes at once is too early, whatever the clinic has chosen.
        seconds = AT_ONCE.total_seconds() * 2
        self.line = replace(line, reading_seconds=seconds)
        self.flow = line.flow
        self.together = together
        self.until = until
        self.events = Events(line.flow)
        self.classes = Classes(line.flow, together)
        self.texts = Texts(line, read_locales()[line.locale])
        self.violations: dict[str, Violation] = {}
        self.met: set[str] = set()
        self.turns = 0
        # Each class with the class before it, and the event between them.
        self.paths: dict[Hashable, tuple[Hashable, Event | None]] = {None: (None, None)}

    def walk(self) -> Proof:
        waiting: deque[tuple[Hashable, Conversation | None, datetime, int]] = deque()
        waiting.append((None, None, _START, 0))
        furthest: Hashable = None
        while waiting and self.until not in self.violations:
            here, talk, at, things = waiting.popleft()
            furthest = here
            among = min(things, self.together)
            twins: dict[str, Turn] = {}
            for event in self._heard_at(talk):
                if event.among < among:
                    continue
                turn = self._turn(here, talk, event, at)
                if turn is None:
                    continue
                twins[event.name] = turn
                self._ask(here, look(self.flow, talk.state if talk else None, event, turn, twins))
                there, count = self.classes.of(turn.state, turn.at)
                if there not in self.paths:
                    self.paths[there] = (here, event)
                    waiting.append((there, after(self.flow, talk, turn), turn.at, count))
        self._ask_the_whole()
        return Proof(
            flow=self.flow.id,
            version=self.flow.version,
            together=self.together,
            states=len(self.paths),
            turns=self.turns,
            longest=len(self._path(furthest)),
            events=self.events.count,
            deciding=self.events.deciding,
            violations=tuple(self.violations[name] for name in sorted(self.violations)),
        )

    def _heard_at(self, talk: Conversation | None) -> Iterator[Event]:
        asked = asked_question(self.flow, talk.state) if talk else None
        for event in self.events.at(asked.id if asked else None):
            past = event.many_turns or event.old_version or event.stale
            if talk is not None or not (past or event.heard.kind in _NEEDS_A_PAST):
                yield event

    def _turn(
        self, here: Hashable, talk: Conversation | None, event: Event, at: datetime
    ) -> Turn | None:
        self.turns += 1
        try:
            return play(self.line, talk, event, at)
        except (IllegalMove, NotCleared, KeyError, AssertionError) as error:
            what = f"no turn can be decided: {type(error).__name__} {error}".rstrip()
            self._found("I-23", what, here, event)
            return None

    def _ask(self, here: Hashable, moment: Moment) -> None:
        self.met.add(moment.state.position)
        self.met.update(moment.state.pending[:1])
        for invariant in INVARIANTS:
            what = invariant.check(moment)
            if what is not None:
                self._found(invariant.id, what, here, moment.event)
        for name, what in self.texts.wrong(moment):
            self._found(name, what, here, moment.event)

    def _ask_the_whole(self) -> None:
        for name in (*self.flow.question, *self.flow.disposition):
            if name not in self.met:
                what = f"{name} is never reached"
                self.violations.setdefault("I-20", Violation("I-20", what, ()))

    def _found(self, name: str, what: str, here: Hashable, event: Event) -> None:
        if name not in self.violations:
            events = [*self._path(here), event]
            self.violations[name] = Violation(name, what, tuple(self._told(events)))

    def _path(self, here: Hashable) -> list[Event]:
        events: list[Event] = []
        before, event = self.paths[here]
        while event is not None:
            events.append(event)
            before, event = self.paths[before]
        return events[::-1]

    def _told(self, events: list[Event]) -> Iterator[Exchange]:
        """The conversation of these events, taken once more from the start."""
        talk: Conversation | None = None
        at = _START
        for event in events:
            try:
                turn = play(self.line, talk, event, at)
            except (IllegalMove, NotCleared, KeyError, AssertionError):
                yield Exchange(event.name, ())
                return
            said = (" ".join(part.key for part in message) for message in turn.said)
            yield Exchange(event.name, tuple(said))
            talk, at = after(self.flow, talk, turn), turn.at


def play(line: Line, talk: Conversation | None, event: Event, at: datetime) -> Turn:
    """The turn that `event` gets in `talk`, whose newest turn was `at`."""
    if talk is not None and event.many_turns:
        talk = msgspec.structs.replace(talk, number=line.flow.settings.turns_at_most)
    elif talk is not None and event.old_version:
        talk = msgspec.structs.replace(talk, version=_OLD_VERSION)
    elif talk is not None and event.begun is not None:
        fresh = {"begun": event.begun, "nudged": False, "followed_up": False}
        talk = msgspec.structs.replace(talk, state=msgspec.structs.replace(talk.state, **fresh))
    return take_turn(line, talk, event.heard, at + event.wait)


def after(flow: Flow, talk: Conversation | None, turn: Turn) -> Conversation:
    """The conversation that `turn` leaves. Below its bound: beyond it is what some events bring."""
    number = 1 if talk is None or turn.opens else talk.number + 1
    return Conversation(flow.version, number, turn.state)


@contextmanager
def readings_as_they_are() -> Iterator[None]:
    """The core takes the reading that an event carries, and reads no words."""

    def carried(line: Line, state: State | None, heard: Utterance) -> tuple[Reading, str]:
        assert isinstance(heard, Heard)
        assert heard.reading is not None
        return heard.reading, heard.language or (state.language if state else line.language)

    core = vars(conversation)
    reader = core["read"]
    core["read"] = carried
    try:
        yield
    finally:
        core["read"] = reader
