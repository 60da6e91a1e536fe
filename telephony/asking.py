"""Which turn something that was said is answering, where the carrier hands it back to us.

A call carries it in the query of the URL that Twilio is told to call; a speaker in what Amazon
keeps for the session. It holds no word and no number of anybody: URLs end in the logs of servers
and proxies, and a session is kept by somebody else.
"""

from collections.abc import Mapping
from typing import Self
from urllib.parse import quote_plus

import msgspec

from flows.conversation import Turn
from flows.line import Line
from flows.reading import Expecting
from flows.state import asked_question


class Asking(msgspec.Struct, frozen=True):
    """The turn that asked.

    `number`: its number.  `question`: the id of the question that it put, if it put one.
    `at`: when it was taken, in milliseconds since 1970.
    """

    number: int
    question: str | None
    at: int

    @classmethod
    def of(cls, line: Line, turn: Turn) -> Self:
        """Known from the stored turn alone, so that its TwiML is the same each time."""
        # A choice or a read-back has answers of its own, which say nothing about the question.
        asks = turn.state.expecting is Expecting.ANSWER
        question = asked_question(line.flow, turn.state) if asks else None
        at = int(turn.at.timestamp() * 1000)
        return cls(turn.number, question.id if question else None, at)

    @classmethod
    def read(cls, fields: Mapping[str, str]) -> Self:
        """From its fields; KeyError or ValueError for those that we did not make."""
        return cls(int(fields["n"]), fields.get("q") or None, int(fields["t"]))

    @property
    def key(self) -> str:
        """Different for each turn of one call.

        The number alone is not: when a new flow version is deployed during a call, its
        conversation gives way to a new one, which counts from 1 again.
        """
        return f"{self.number}:{self.at}"

    @property
    def fields(self) -> dict[str, str]:
        """As `read` takes it."""
        return {"n": str(self.number), "q": self.question or "", "t": str(self.at)}

    @property
    def query(self) -> str:
        # Not urlencode: it looks for characters that need it in the numbers too, and takes longer
        # than all else about a turn's TwiML.
        return f"n={self.number}&q={quote_plus(self.question or '')}&t={self.at}"
