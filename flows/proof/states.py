"""Which states are the same, for the proof. Part of `flows.proof`.

A state is told by where it stands and by the things that are out of the ordinary in it: a question
asked out of its turn, a miss, a doubt, an earlier disposition, a STOP and so on, in the order in
which they decide a turn. What is not among them decides nothing that an invariant speaks of:

- `put` and the turn's number are only compared, and everything is heard in time and late, below
  the bound of turns and beyond it;
- times are only compared with the limits of the settings: a state tells whether a thing is younger
  than half a day, older, or beyond its limit, and things are heard seconds, half a day, a day and
  weeks later; where a question was put just now, a text is heard at once besides;
- `language`, `asked` and the question in `reached` choose words;
- `begun`, `nudged` and `followed_up` decide whether the clock writes, and the clock's events say
  which they are;
- `alerted` and `unread` choose alerts, which are proved beside every turn that gives one.

This is not taken on trust: `everything` is all that is told, and a test plays whatever can be heard
to states that are equal by it, and compares the turns (tests/flows/test_proof.py).

A class is coarser, or the states could not be counted: four things are taken together, each because
of what the core can know of it.

1.  Red flags that differ in nothing but their name (`flows.proof.events.alike`) are one, since the
    core knows a question by its record and its place. As places they are one only beside two or
    more things out of the ordinary.
2.  Under a question asked out of its turn, places with the same legal moves are one, beside two
    things again. The place matters when the question is done with, and each place is walked then.
3.  Of the answers that are out of the ordinary (kept by START OVER, given before their turn) only
    the most deciding one is told. The rules look at one question's answer, at whether there is any
    such answer, or at whether there is none.
4.  Of all things out of the ordinary the first `together` are told, or all.
"""

from collections.abc import Hashable, Iterator
from datetime import datetime, timedelta
from typing import Final

from flows import rules
from flows.definition import CONSENT, Flow, Tier
from flows.machine import BACK, GO_ON, rows
from flows.proof.events import HALF_A_DAY, alike
from flows.proof.moments import WEEKS
from flows.reading import Answer, Expecting
from flows.state import State

Thing = tuple[Hashable, ...]
"""One thing out of the ordinary: what it is, and which."""

_YOUNG: Final = HALF_A_DAY / 2
"""A walk is hours long only where half a day or more passes in it, so this splits its times."""
_KEPT_TIERS: Final = (Tier.T2, Tier.T3, Tier.T4)
_WORRIES: Final = (Answer.YES, Answer.UNSURE)
_RANKS: Final = ("asked", "kept yes", "ahead, next", "ahead", "kept doubt", "kept")


class Classes:
    """The classes of the states of one flow."""

    def __init__(self, flow: Flow, together: int) -> None:
        """`together`: how many things out of the ordinary are told of one state."""
        self._flow = flow
        self._together = together
        self._places = {CONSENT: -1, **flow.number}
        self._well = [
            (one.id, Answer.YES if one.turned_round else Answer.NO) for one in flow.questions
        ]
        groups = alike(flow)
        self._group = {name: group[0] for group in groups for name in group}
        self._between = {name: group[1] for group in groups for name in group[1:-1]}
        self._below = _same_moves(flow)

    def of(self, state: State, at: datetime) -> tuple[Hashable, int]:
        """The class of a state at a time, and how many things are out of the ordinary in it."""
        things = [*_of_the_question(self._flow, state), *_of_the_contact(self._flow, state, at)]
        if state.given:
            answer = self._answer(state)
            if answer is not None:
                things.append(answer)
        position = state.position
        if len(things) > 1:
            alike_here = self._below if state.pending else self._between
            position = alike_here.get(position, position)
        place = (position, state.expecting, state.agreed)
        return (place, tuple(things[: self._together])), len(things)

    def _answer(self, state: State) -> Thing | None:
        """The most deciding answer that somebody who simply answered well would not have given."""
        place, given, pending = self._places.get(state.position), state.given, state.pending
        for name, well in self._well[: max(place or 0, 0)]:
            answer = given.get(name)
            if (answer is None or answer.answer is not well) and name not in pending:
                return "behind", self._group.get(name), answer and answer.answer
        asked = pending[0] if pending else state.position
        found: tuple[int, Thing] | None = None
        for name, one in given.items():
            question, number = self._flow.question[name], self._flow.number[name]
            if question.turned_round or (place is not None and number < place):
                continue
            rank = self._rank(name, asked, one.answer, place)
            if rank is not None and (found is None or rank < found[0]):
                group = self._group.get(name) if "doubt" not in _RANKS[rank] else None
                found = rank, (_RANKS[rank], group)
        return found[1] if found else None

    def _rank(self, name: str, asked: str, answer: Answer, place: int | None) -> int | None:
        red = name in self._group
        if name == asked:
            return 0 if answer is Answer.YES else None
        if answer in _WORRIES:
            return 5 if not red else 1 if answer is Answer.YES else 4
        if answer is Answer.NO and red and place is not None:
            return 2 if self._flow.number[name] == place + 1 else 3
        return None


def _same_moves(flow: Flow) -> dict[str, str]:
    """For each place the first one with the same legal moves, but those along the questions."""
    moves: dict[str, set[tuple[str, str]]] = {}
    for row in rows(flow):
        if row.trigger not in (GO_ON, BACK):
            moves.setdefault(row.source, set()).add((row.trigger, row.dest))
    first: dict[Hashable, str] = {}
    below = {}
    for place, legal in moves.items():
        end = flow.disposition.get(place)
        sort = (frozenset(legal), end and end.tier, place in flow.question)
        below[place] = first.setdefault(sort, place)
    return below


def everything(flow: Flow, state: State, at: datetime) -> Hashable:
    """All that is told of a state, with nothing taken together."""
    limit = timedelta(hours=flow.settings.floor_hours)
    answers = tuple(
        (name, given.answer, at - given.at < _YOUNG, at - given.at <= limit)
        for name, given in sorted(state.given.items())
    )
    reached = rules.floor(flow, state.reached, at)
    return (
        (state.position, state.expecting, state.agreed, state.pending, state.heard),
        (state.doubts, state.skips, state.misses, state.opted_out, answers),
        (reached and (reached.disposition, at - reached.at < _YOUNG), _held(flow, state, at)),
        (at == state.since, at - state.since < _YOUNG, at - state.since <= limit),
        (tuple(sorted(state.alerted)), state.unread),
    )


def _of_the_question(flow: Flow, state: State) -> Iterator[Thing]:
    """What has been met at the question that is asked."""
    if state.pending:
        asked = flow.question[state.pending[0]]
        yield "out of turn", asked.tier, asked.yes, asked.unsure, len(state.pending) > 1
    if state.heard is not None:
        yield "read back", state.heard
    elif state.expecting is Expecting.CHOICE:
        yield ("welcome back",)
    if state.misses:
        yield "misses", min(state.misses, flow.settings.misses_at_most)
    if state.doubts:
        yield "doubts", state.doubts
    if state.skips:
        yield "skips", state.skips


def _of_the_contact(flow: Flow, state: State, at: datetime) -> Iterator[Thing]:
    """What was reached lately, a T1 of the last weeks, a STOP."""
    ended = flow.disposition.get(state.position)
    if ended is None or ended.tier is not Tier.T1:
        reached = rules.floor(flow, state.reached, at)
        if reached is not None:
            young = at - reached.at < _YOUNG
            if reached.disposition != state.position or not young:
                yield "reached", flow.disposition[reached.disposition].tier, young
        elif ended is not None and ended.tier in _KEPT_TIERS:
            yield "reached", None
        held = _held(flow, state, at)
        if any(held):
            yield "hold", held
    elif state.emergency_at is None:
        yield ("released",)
    if state.opted_out:
        yield ("stop",)


def _held(flow: Flow, state: State, at: datetime) -> tuple[bool, bool]:
    """Whether a T1 is as late as the setting says, and as the invariant does."""
    if state.emergency_at is None:
        return False, False
    age = at - state.emergency_at
    return age <= timedelta(days=flow.settings.hold_days), age <= WEEKS
