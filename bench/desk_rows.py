"""A clinic's years of conversations, as rows: made once by the real core, then told many times.

A few conversations are really held; what differs from one telling to the next is who, when, and
the keys. The words of a telling that the benchmark opens are sealed for their own place; those of
the others have the same size and are never opened.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from flows.conversation import Conversation, Turn, take_turn
from flows.line import Line
from flows.utterance import Channel, Kind, Medium, Utterance
from store.cards import HANDS_ON, WAITING, Card, Place, card_of, card_values, place_of
from store.ids import conversation_id
from store.records import turn_values
from store.sealing import Sealer
from store.tables import contacts, turns
from store.word_index import word_hash

CLINIC: Final = 1
_NOBODY: Final = dict.fromkeys(column.key for column in contacts.c)
_NOTHING: Final = dict.fromkeys(column.key for column in turns.c)
YEARS: Final = timedelta(days=3 * 365)
BEGAN: Final = datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0) - YEARS
"""The years end today, since a page counts the last days."""
OPENED_EACH: Final = 997
"""Every so manyth telling has words that open."""
STILL_WAITING: Final = 40
STILL_IN_HAND: Final = 200
VOCABULARY: Final = 3000

_SMS, _VOICE = Channel("sms", Medium.TEXT), Channel("voice", Medium.VOICE)
_NO: Final = ("no",) * 7
_HELD: Final[tuple[tuple[int, str, tuple[str, ...]], ...]] = (
    # How often, by which channel, and what is said: ten things heard on average.
    (36, "sms", ("can massage help my back", "agree", *_NO)),
    (4, "sms", ("hello", "agree", *["no"] * 13, "yes", "yes", *["no"] * 5, "yes")),
    (7, "sms", ("hello", "agree", *["no"] * 13, "yes", "no")),
    (8, "voice", ("1", *["2"] * 9)),
    (6, "sms", ("hello", "agree", "no", "not sure", "purple", "elephant", "chair")),
    (6, "sms", ("hola", "acepto", *_NO)),
    (5, "sms", ("hello", "agree", "no", "no", "no", "yes", "thanks", "ok")),
    (4, "sms", ("hello", "agree", *["no"] * 10, "yes")),
    (1, "sms", ("I can't feel between my legs", "what", "hello")),
)


@dataclass(frozen=True, slots=True)
class Telling:
    """A conversation that was really held.  `rows`: of its turns, but for keys and times."""

    channel: str
    turns: tuple[Turn, ...]
    rows: tuple[dict[str, Any], ...]
    card: Card
    about: tuple[str, ...]


def tellings(line: Line, sealer: Sealer) -> list[Telling]:
    """Each conversation, as often as it comes among a hundred or so."""
    found = []
    for often, channel, said in _HELD:
        turns = tuple(_held(line, channel, said))
        rows = tuple(turn_values(turn, "told", sealer) for turn in turns)
        about = tuple(about for turn in turns for about in turn.alerts)
        found += [Telling(channel, turns, rows, card_of(line.flow, turns), about)] * often
    return found


def _held(line: Line, channel: str, said: Sequence[str]) -> Iterator[Turn]:
    talk: Conversation | None = None
    at = BEGAN
    heard = [Utterance(_SMS, Kind.TEXT, words) for words in said]
    if channel == "voice":
        heard = [Utterance(_VOICE, Kind.ARRIVAL)]
        heard += [Utterance(_VOICE, Kind.DIGITS, words) for words in said]
    for utterance in heard:
        turn = take_turn(line, talk, utterance, at)
        talk = Conversation(line.flow.version, turn.number, turn.state)
        at += timedelta(seconds=40)
        yield turn


@dataclass(slots=True)
class Made:
    """What the benchmark asks about: ids that open, and numbers of people."""

    opened: list[str]
    numbers: list[str]


class Years:
    """The rows of `count` conversations, table by table in an order that can be stored."""

    def __init__(self, line: Line, sealer: Sealer, count: int) -> None:
        chance = random.Random(7)  # noqa: S311  it makes rows, and no secret
        self.sealer, self.line, self.count = sealer, line, count
        self._kinds = tellings(line, sealer)
        step = YEARS / count
        self._when = [BEGAN + step * place for place in range(count)]
        self.ids = [conversation_id(at) for at in self._when]
        self._which = [chance.randrange(len(self._kinds)) for _ in range(count)]
        urgent = [n for n in range(count) if place_of(self._kind(n).about) in WAITING]
        self._waiting = frozenset(urgent[-STILL_WAITING:])
        self._in_hand = frozenset(urgent[-STILL_WAITING - STILL_IN_HAND : -STILL_WAITING])
        every = range(0, count, OPENED_EACH)
        self.made = Made([self.ids[n] for n in every], [self._number(n // 2) for n in every])

    def _kind(self, number: int) -> Telling:
        return self._kinds[self._which[number]]

    def _number(self, contact: int) -> str:
        return f"+1202{5_000_000 + contact:07}"

    def contacts(self) -> Iterator[dict[str, Any]]:
        for n in range((self.count + 1) // 2):
            number = self._number(n)
            print_ = self.sealer.fingerprint(CLINIC, number)
            yield {
                **_NOBODY,
                "id": n + 1,
                "clinic_id": CLINIC,
                "fingerprint": print_,
                "address": self.sealer.seal(number, f"contact/{print_.hex()}"),
                "created_at": self._when[2 * n],
            }

    def conversations(self) -> Iterator[dict[str, Any]]:
        flow = self.line.flow
        for n, id_ in enumerate(self.ids):
            yield {
                "id": id_,
                "contact_id": n // 2 + 1,
                "flow": flow.id,
                "flow_version": flow.version,
                "started_at": self._when[n],
            }

    def turns(self, *, opened_alone: bool = False) -> Iterator[dict[str, Any]]:
        """`opened_alone`: of the conversations that the benchmark opens, and no others."""
        for n in range(0, self.count, OPENED_EACH if opened_alone else 1):
            id_, kind = self.ids[n], self._kind(n)
            for turn, row in zip(kind.turns, kind.rows, strict=True):
                if n % OPENED_EACH == 0:
                    row = turn_values(turn, id_, self.sealer)  # noqa: PLW2901
                yield {
                    **_NOTHING,
                    **row,
                    "conversation_id": id_,
                    "contact_id": n // 2 + 1,
                    "ordinal": self._before(n) + turn.number,
                    "clinic_id": CLINIC,
                    "sid": f"SM{n:024x}{turn.number:08x}",
                    "chain": row["digest"],
                    "at": self._when[n] + (turn.at - BEGAN),
                }

    def told(self) -> Iterator[dict[str, Any]]:
        """The turns of each kind of conversation, with the number of the kind."""
        for number, kind in enumerate(self._kinds):
            for turn, row in zip(kind.turns, kind.rows, strict=True):
                copied = {"conversation_id": "", "contact_id": 0, "ordinal": 0, "clinic_id": CLINIC}
                own = {"sid": "", "chain": row["digest"], "at": turn.at, "kind_number": number}
                yield {**_NOTHING, **row, **copied, **own}

    def tellings(self) -> Iterator[dict[str, Any]]:
        """Each conversation that the benchmark does not open, by its kind."""
        for n, id_ in enumerate(self.ids):
            if n % OPENED_EACH:
                yield {
                    "n": n,
                    "id": id_,
                    "kind_number": self._which[n],
                    "contact": n // 2 + 1,
                    "before": self._before(n),
                    "at": self._when[n],
                }

    def _before(self, n: int) -> int:
        """How many turns their contact has before them: every contact has two conversations."""
        return len(self._kind(n - 1).turns) if n % 2 else 0

    def _place(self, n: int) -> int:
        place = place_of(self._kind(n).about)
        if n in self._waiting:
            return place.value
        return place.value + HANDS_ON if n in self._in_hand else Place.REST.value

    def cards(self) -> Iterator[dict[str, Any]]:
        for n, id_ in enumerate(self.ids):
            kind, at = self._kind(n), self._when[n]
            urgent = place_of(kind.about) in WAITING
            answered = at + timedelta(minutes=9) if urgent and n not in self._waiting else None
            ended = kind.card.ended_at
            yield {
                **card_values(kind.card),
                "conversation_id": id_,
                "sort_id": id_,
                "clinic_id": CLINIC,
                "place": self._place(n),
                "started_at": at,
                "ended_at": at + (ended - BEGAN) if ended else None,
                "waiting_since": at if n in self._waiting else None,
                "acknowledged_at": answered,
                "settled_at": answered if n not in self._in_hand else None,
                "assignee": 1 if n in self._in_hand else None,
            }

    def marks(self) -> Iterator[dict[str, Any]]:
        for n, id_ in enumerate(self.ids):
            place = self._place(n)
            for mark in sorted(self._kind(n).card.marks):
                of = {"conversation_id": id_, "sort_id": id_, "clinic_id": CLINIC}
                yield {**of, "mark": mark, "place": place}

    def alerts(self) -> Iterator[dict[str, Any]]:
        number = 0
        for n, id_ in enumerate(self.ids):
            for about in self._kind(n).about:
                number += 1
                at = self._when[n]
                open_ = n in self._waiting
                yield {
                    "id": number,
                    "clinic_id": CLINIC,
                    "conversation_id": id_,
                    "turn_number": 1,
                    "about": about,
                    "raised_at": at,
                    "ladder": "climbs",
                    "acknowledged_at": None if open_ else at + timedelta(minutes=9),
                    "acknowledged_by": None if open_ else "Ann Example",
                    "acknowledged_how": None if open_ else "page",
                    "came_of": None,
                }

    def words(self) -> Iterator[dict[str, Any]]:
        """Some six words each; the word of rank r is in every r-and-eleventh conversation."""
        ranked = ((word_hash(self.sealer, CLINIC, word(r)), r) for r in range(VOCABULARY))
        for hashed, rank in sorted(ranked):
            for n in range(rank % (rank + 11), self.count, rank + 11):
                yield {"word": hashed, "conversation_id": self.ids[n]}


def word(rank: int) -> str:
    """A word that no vocabulary knows: "zqaab" and so on."""
    letters = "".join(chr(97 + rank // 26**place % 26) for place in (2, 1, 0))
    return f"zq{letters}x"
