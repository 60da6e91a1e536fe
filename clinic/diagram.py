"""The flow as a picture: a box for each question, and beside it where it is left to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flows.definition import Flow
from flows.outline import ways
from flows.reading import Answer

WIDTH: Final = 880
ROW: Final = 56
BOX: Final = 430
TALL: Final = 40
END: Final = 184
GAP: Final = 12


@dataclass(frozen=True, slots=True)
class End:
    """A disposition beside a question, and the answers that lead to it."""

    x: int
    tier: str
    disposition: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Box:
    """A question.  `put`: how often, lately.  `onward`: the answers that go on from it."""

    y: int
    number: int
    question: str
    tier: str
    put: int
    onward: tuple[Answer, ...]
    ends: tuple[End, ...]


@dataclass(frozen=True, slots=True)
class Diagram:
    """The picture, in its own units."""

    width: int
    height: int
    boxes: tuple[Box, ...]


def diagram(flow: Flow, put: Mapping[str, int]) -> Diagram:
    """The picture of `flow`.  `put`: how often each question was put, by its id."""
    boxes = []
    for place, question in enumerate(flow.questions):
        ends, onward = [], list[Answer]()
        for target, answers in ways(flow, question).items():
            end = flow.disposition.get(target)
            if end is None:
                onward += answers
            else:
                ends.append((end, answers))
        ends.sort(key=lambda one: -one[0].tier.urgency)
        boxes.append(
            Box(
                y=place * ROW,
                number=place + 1,
                question=question.id,
                tier=question.tier.value,
                put=put.get(question.id, 0),
                onward=tuple(onward),
                ends=tuple(
                    End(BOX + 40 + n * (END + GAP), end.tier.value, end.id, tuple(answers))
                    for n, (end, answers) in enumerate(ends)
                ),
            )
        )
    return Diagram(WIDTH, len(boxes) * ROW, tuple(boxes))
