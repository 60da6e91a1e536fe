"""One request of a speaker, answered: the turns that it takes, and the number to call back."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from alexa import callback
from alexa.callback import Callbacks, Given
from alexa.envelope import Envelope
from alexa.hear import ALEXA, contact, hear, said
from alexa.intents import read_phrasing
from alexa.reply import Reply, reply_to
from flows.conversation import Conversation, Turn, take_turn
from flows.line import Line
from flows.utterance import Kind, Utterance
from store.turns import CarrierKey
from telephony.door import Log

Heard = Callable[[Conversation | None], Utterance | None]
"""What was heard, as the conversation so far makes it plain; None for what is no turn of it."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A request, and what it is answered with.

    `line`: the clinic's in a speaker's words.  `at`: when it came in (UTC).
    """

    envelope: Envelope
    line: Line
    log: Log
    callbacks: Callbacks
    at: datetime

    def answer(self) -> Reply | None:
        """What is said to it; None for a request that says nothing of a conversation."""
        if hear(self.envelope, self.line.language) is None:
            return None
        given = callback.number_in(self.envelope, self.line.locale.partition("-")[2])
        if given is not None:
            return self._about_number(given)
        turn = self._must_take(lambda before: hear(self.envelope, self._language(before)))
        return self._asking_for_number(turn, self._told(turn))

    def note_end(self) -> None:
        """The session ended: the conversation stays as it is, to be gone on with."""
        self._take(lambda before: Utterance(ALEXA, Kind.HANG_UP) if before else None)

    # --- What is said -------------------------------------------------------------------------

    def _told(self, turn: Turn) -> Reply:
        """What `turn` says. A speaker puts nobody through, so the clinic was not reached."""
        reply = reply_to(turn, self.line)
        if not turn.connect:
            return reply
        missed = Utterance(ALEXA, Kind.CLINIC_MISSED, in_reply_to=turn.number)
        then = reply_to(self._must_take(lambda _: missed, ":clinic"), self.line)
        # After a T1 both turns give the advice: once is enough.
        first = tuple(message for message in reply.messages if message not in then.messages)
        return replace(then, messages=(*first, *then.messages))

    def _asking_for_number(self, turn: Turn, reply: Reply) -> Reply:
        """`reply`, with the question for a number where that is due and was not put before."""
        if callback.ASKED in self.envelope.attributes:
            return replace(reply, keep={**reply.keep, callback.ASKED: callback.BEFORE})
        if callback.asks(turn, self.line) and not self.callbacks.known(contact(self.envelope)):
            return callback.asking(reply, self.line)
        return reply

    def _about_number(self, given: Given) -> Reply:
        """What is said to a number, or to none: then what was open is put again."""
        over: Conversation | None = None

        def heard(before: Conversation | None) -> Utterance | None:
            nonlocal over
            over = before if callback.is_aside(given, before, self.line) else None
            # The number itself is kept apart, and is not in the turn.
            again = read_phrasing(self._language(before)).said["again"]
            return None if over else said(self.envelope, again)

        turn = self._take(heard)
        if given.number:
            self.callbacks.keep(contact(self.envelope), given.number)
        if turn is not None:
            reply = callback.ahead(given, self._told(turn), self.line)
            return self._asking_for_number(turn, reply)
        assert over is not None
        return callback.answered(given, self.line, over.state.language, self.envelope.attributes)

    # --- The turns ----------------------------------------------------------------------------

    def _must_take(self, heard: Heard, part: str = "") -> Turn:
        turn = self._take(heard, part)
        if turn is None:
            raise LookupError("the log kept no turn")
        return turn

    def _take(self, heard: Heard, part: str = "") -> Turn | None:
        """The turn of the request; `part`: which of its turns, where it takes more than one."""

        def decide(before: Conversation | None) -> Turn | None:
            utterance = heard(before)
            if utterance is None:
                return None
            return take_turn(self._beginning(), before, utterance, self.at)

        key = CarrierKey(f"{self.envelope.request.request_id}{part}", None)
        return self.log.take(contact(self.envelope), key, decide)

    def _language(self, before: Conversation | None) -> str:
        """The conversation's, in which an intent's own words must be understood."""
        return before.state.language if before else self._beginning().language

    def _beginning(self) -> Line:
        """The line as it begins on a device that is set to one of its languages."""
        language = self.envelope.request.locale.partition("-")[0]
        known = language in self.line.words
        return replace(self.line, language=language) if known else self.line
