"""What a conversation's page tells: its happenings in their order, its answers as a table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from duty.alert import Alert
from duty.caps import Why, reason_of
from duty.climbing import Climb
from duty.delivery import Job, Lane
from duty.patient import Owed
from exports.decision import untimely
from flows.conversation import Turn
from flows.definition import Flow
from flows.reading import Answer, Miss
from store.actions import Action
from store.timeline import Timeline, Tombstone

_MISSED: Final = frozenset(
    (
        *("both", "no_words", "attachment", "no_with_flag", "low_confidence", "key"),
        *("nothing_asked", "silence"),
    )
)
"""What the rules of a miss begin with that say why; all others found no answer."""

_SENT = frozenset((*(owed.value for owed in Owed), *(climb.value for climb in Climb)))


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing on the timeline; what is not None is what it is."""

    at: datetime
    turn: Turn | None = None
    tombstone: Tombstone | None = None
    raised: Alert | None = None
    acknowledged: Alert | None = None
    action: Action | None = None
    delivery: Job | None = None

    @property
    def withheld(self) -> str | None:
        """Why the turn's reply was withheld, as a key (conversation.withheld.KEY)."""
        reason = reason_of(self.turn) if self.turn else None
        return reason if reason in set(Why) else None

    @property
    def missed(self) -> str | None:
        """Why what was heard is no answer, as a key (conversation.missed.KEY); None: it is one."""
        reading = self.turn.reading if self.turn else None
        if self.turn is None or reading is None or not isinstance(reading.meaning, Miss):
            return None
        if self.turn.opens:
            return "opening"
        if reading.meaning is Miss.OTHER_LANGUAGE:
            return reading.meaning.value
        rule = reading.rule.partition(".")[0]
        return rule if rule in _MISSED else "unknown"

    @property
    def untimely(self) -> str:
        """Why what was understood was not taken, as a key (conversation.untimely.KEY); or ""."""
        return untimely(self.turn) if self.turn else ""

    @property
    def sent(self) -> str:
        """What was to be delivered, as the key of its words (terms.sent.KEY)."""
        kind = self.delivery.kind if self.delivery else ""
        return kind if kind in _SENT else "other"


@dataclass(frozen=True, slots=True)
class Answered:
    """A question of the flow, and the answer that counts; None where it was not answered.

    `worry`: it is the answer that needs care, or NOT SURE.  `times`: how often it was put.
    """

    number: int
    question: str
    tier: str
    answer: Answer | None
    at: datetime | None
    worry: bool
    asked: bool

    @property
    def put(self) -> bool:
        """Whether the person was asked, or has answered without."""
        return self.asked or self.answer is not None


def happenings(
    told: Timeline, alerts: Iterable[Alert], done: Iterable[Action], sent: Iterable[Job]
) -> tuple[Happening, ...]:
    """All that happened, oldest first; of one moment the turn first."""
    found: list[tuple[datetime, int, Happening]] = []
    for turn in told.turns:
        if isinstance(turn, Tombstone):
            found.append((turn.at, 0, Happening(turn.at, tombstone=turn)))
        else:
            found.append((turn.at, 0, Happening(turn.at, turn=turn)))
    for alert in alerts:
        found.append((alert.raised_at, 1, Happening(alert.raised_at, raised=alert)))
        if alert.acknowledged_at is not None:
            at = alert.acknowledged_at
            found.append((at, 2, Happening(at, acknowledged=alert)))
    found += [
        (job.created_at, 1, Happening(job.created_at, delivery=job))
        for job in sent
        if job.lane is not Lane.CLOCK and job.kind != Climb.LADDER
    ]
    found += [(action.at, 3, Happening(action.at, action=action)) for action in done]
    return tuple(one for _, _, one in sorted(found, key=lambda entry: entry[:2]))


def answered(turns: Sequence[Turn], flow: Flow) -> tuple[Answered, ...]:
    """The questions in the flow's order, with the answers as they last stood."""
    given = [turn.state.given for turn in turns if turn.state.given]
    last = given[-1] if given else {}
    asked = {turn.asked for turn in turns if turn.asked}
    rows = []
    for number, question in enumerate(flow.questions, 1):
        one = last.get(question.id)
        safe = Answer.YES if question.turned_round else Answer.NO
        rows.append(
            Answered(
                number=number,
                question=question.id,
                tier=question.tier.value,
                answer=one.answer if one else None,
                at=one.at if one else None,
                worry=one is not None and one.answer is not safe,
                asked=question.id in asked,
            )
        )
    return tuple(rows)
