"""The telephone exchange of a trial: what a visitor does goes to the line as the carrier brings it.

Every act is a signed request to the service's own webhooks, within this process: over the network
the service would wait for itself. Nothing here can reach anybody's phone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from exports.transcript import LONGEST_CALL
from handset.call import Call, NotNow
from handset.carrier import Carrier, Texter
from handset.numbers import line_in
from handset.twiml import BadTwiml
from handset.visit import CallUnderWay, Visit
from store.contact_turns import TakenTurn
from store.errors import StoreError

Read = Callable[[], tuple[TakenTurn, ...]]


class Refused(Exception):
    """Nothing was done. `why`: the key of the sentence that says so to the visitor."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Exchange:
    """Connects the phone of `visit`.

    `read`: the turns of that phone from the log.  `at`: now (UTC).
    Every method gives the visit as it is afterwards; `Refused` where nothing was done.
    """

    carrier: Carrier
    visit: Visit
    read: Read
    at: datetime

    def text(self, words: str, sid: str, *, picture: bool = False) -> Visit:
        """Send a text. `sid`: the same for the same text, however often it is sent."""
        texter = Texter(self.carrier, self.visit.contact, line_in(self.visit.locale))
        media = {"NumMedia": "1", "MediaContentType0": "image/jpeg"} if picture else {}
        sids = dict.fromkeys(("MessageSid", "SmsSid", "SmsMessageSid"), f"SM{sid}")
        try:
            said = texter.text(words, **sids, **media)
        except BadTwiml:
            raise Refused("failed") from None
        return self._with_unlogged(self.visit, said, by_phone=False)

    def ring(self, sid: str) -> Visit:
        """Call the line; a call that is under way ends first."""
        if self.visit.call is not None:
            self._do(lambda call: call.hang_up())
        call = self._new_call(f"CA{sid}")
        return self._after(call, lambda one: one.ring())

    def press(self, key: str) -> Visit:
        return self._do(lambda call: call.press(key))

    def say(self, words: str, confidence: float) -> Visit:
        if not words.strip():
            return self.silence()
        return self._do(lambda call: call.say(words, confidence))

    def silence(self) -> Visit:
        return self._do(lambda call: call.silence())

    def clinic(self, *, answers: bool) -> Visit:
        """The clinic, to which the call is being put through, answers or does not."""
        return self._do(lambda call: call.clinic(answers=answers))

    def hang_up(self) -> Visit:
        if self.visit.call is None:
            return self.visit  # the line was quicker
        return self._do(lambda call: call.hang_up())

    def cut_off(self) -> Visit:
        """The visit, without a call in which nobody has done anything for an hour."""
        call = self.visit.call
        if call is None or self.at - call.at <= LONGEST_CALL:
            return self.visit
        return self.hang_up()

    # --- Calls ----------------------------------------------------------------------------------

    def _new_call(self, sid: str) -> Call:
        return Call(self.carrier, self.visit.contact, line_in(self.visit.locale), sid)

    def _do(self, act: Callable[[Call], object]) -> Visit:
        under_way = self.visit.call
        if under_way is None:
            raise Refused("no_call")
        return self._after(self._new_call(under_way.sid).resume(under_way.stands), act)

    def _after(self, call: Call, act: Callable[[Call], object]) -> Visit:
        try:
            act(call)
        except NotNow:
            raise Refused("not_now") from None
        except BadTwiml:
            raise Refused("failed") from None
        stands = call.kept()
        under_way = CallUnderWay(call.sid, stands, self.at) if stands else None
        visit = replace(self.visit, call=under_way)
        return self._with_unlogged(visit, [one.words for one in call.said], by_phone=True)

    def _with_unlogged(self, visit: Visit, said: list[str], *, by_phone: bool) -> Visit:
        """`visit`, with what was said where the log does not have it: the safety net."""
        unlogged = tuple(said) if said and not self._is_logged(said) else ()
        return replace(visit, unlogged=unlogged, unlogged_by_phone=by_phone)

    def _is_logged(self, said: list[str]) -> bool:
        try:
            taken = self.read()
        except StoreError:
            return False
        wanted = _plain(said)
        # After words that end a call comes the end itself; a text sent twice has others after it.
        return any(
            wanted == _plain([part.words for message in one.turn.said for part in message])
            for one in reversed(taken)
        )


def _plain(words: list[str]) -> list[str]:
    return " ".join(words).split()
