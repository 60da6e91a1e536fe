"""A log of turns and what a test wants to know of it; turns that need no flow to be decided."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, Self, TypeVar

from sqlalchemy import NullPool, create_engine, text

from flows.conversation import Conversation, Turn
from flows.prompts import Part
from flows.reading import Answer, Expecting, Flag, Reading
from flows.state import Given, State
from flows.utterance import Channel, Kind, Medium, Utterance
from store.clinics import ensure_clinic
from store.database import Database
from store.review import StoredConversation, conversations
from store.sealing import Sealer
from store.turns import CarrierKey, Companion, TurnLog

SECRET = "a secret of the tests, 32 and more"
NOON = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)
ANN, BEN = "+12025550143", "+12025550199"

Decide = Callable[[Conversation | None], Turn | None]
_Result = TypeVar("_Result")


def a_turn(so_far: Conversation | None = None, words: str = "no", *, opens: bool = False) -> Turn:
    """The next turn of `so_far`, or the first of a new conversation."""
    opens = opens or so_far is None
    number = 1 if opens or so_far is None else so_far.number + 1
    at = NOON + timedelta(seconds=number)
    return Turn(
        number=number,
        opens=opens,
        at=at,
        utterance=Utterance(Channel("sms", Medium.TEXT), Kind.TEXT, words),
        asked="bladder",
        reading=Reading(Answer.NO, "no.first_word", (Flag("bladder", certain=False, rule="x"),)),
        said=((Part("question.bowel", f"You said {words}. And your bowel?"),),),
        state=State(
            position="bowel",
            expecting=Expecting.ANSWER,
            since=at,
            language="en",
            begun=Medium.TEXT,
            given={"bladder": Given(Answer.NO, at)},
        ),
        alerts=("T1",),
    )


def saying(words: str) -> Decide:
    """Decides that the conversation goes on with `words`, or begins with them."""
    return lambda so_far: a_turn(so_far, words)


def opening(words: str) -> Decide:
    """Decides that a new conversation begins, whatever there was."""
    return lambda so_far: a_turn(so_far, words, opens=True)


def never(_: Conversation | None) -> Turn | None:
    raise AssertionError("decided though it was stored")


def key(sid: str, token: str | None = None) -> CarrierKey:
    return CarrierKey(sid, token)


class Shelf:
    """A log in the database at `url`."""

    def __init__(self, url: str, secret: str = SECRET) -> None:
        self.url = url
        self.database = Database(url)
        self.sealer = Sealer(secret)
        self.clinic = ensure_clinic(self.database, "Test Clinic", "en-US")
        self.log = self.new_log()

    def new_log(self, *companions: Companion) -> TurnLog:
        flow, version = "red_flags", "1.2.0"
        return TurnLog(self.database, self.sealer, flow, version, self.clinic, companions)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.database.close()

    def take(self, contact: str, sid: str, decide: Decide | str = "no") -> Turn:
        """The turn of a request that must leave one."""
        if isinstance(decide, str):
            decide = saying(decide)
        turn = self.log.take(contact, key(sid), decide)
        assert turn is not None
        return turn

    def stored(self) -> list[StoredConversation]:
        return list(conversations(self.database, self.sealer, self.clinic))

    def words(self) -> list[list[str]]:
        """What was heard, turn by turn, of each conversation."""
        return [[turn.utterance.words for turn in one.turns] for one in self.stored()]

    def rows(self, statement: str) -> Sequence[Any]:
        """What `statement` gives, on a connection of its own, and committed."""
        engine = create_engine(self.url, poolclass=NullPool)
        with engine.begin() as connection:
            result = connection.execute(text(statement))
            return result.fetchall() if result.returns_rows else []


def at_once(count: int, do: Callable[[int], _Result]) -> list[_Result]:
    """What `do` returns for each number under `count`, all begun at the same moment."""
    together = threading.Barrier(count)

    def begin(number: int) -> _Result:
        together.wait()
        return do(number)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(begin, range(count)))
