"""A call as the caller meets it: it carries out the TwiML that the line answers.

Rules followed, and where they come from: the verbs run from top to bottom and the end of the
document ends the call; a <Gather> that is met with silence asks its action URL if
`actionOnEmptyResult` says so, and otherwise falls through; a <Redirect> ends the document; a
<Dial> with an action asks it, without one falls through (Twilio's pages of these verbs, and the
specs of somleng-switch, which quote them).

    call = Call(carrier, number, to)
    call.ring()                     # says everything up to the first <Gather> or <Dial>
    call.press("1")                 # or say(), silence(), hang_up(), clinic(answers=True)
    call.said                       # what was said since the last act
    call.ended

What Twilio would not take raises `BadTwiml`; what the caller cannot do now raises `NotNow`.
"""

import secrets
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from typing import Self

from handset.carrier import VERSION, Carrier
from handset.twiml import BadTwiml, Spoken, spoken


class NotNow(Exception):
    """The call does not stand where this can be done."""


@dataclass
class Call:
    """A call to the line.

    `said`: what was said since the last act, one for each <Say>.
    `gather`: what it listens with now.
    `dialled`: the number that it is being put through to, by the verb `dial`.
    `honours_empty`: False for a carrier that lets an empty <Gather> fall through.
    """

    carrier: Carrier
    number: str
    to: str
    sid: str = field(default_factory=lambda: f"CA{secrets.token_hex(16)}")
    honours_empty: bool = True
    said: list[Spoken] = field(default_factory=list)
    gather: ET.Element | None = None
    dialled: str | None = None
    dial: ET.Element | None = None
    ended: bool = False
    _rest: list[ET.Element] = field(default_factory=list)

    # --- What a caller does -----------------------------------------------------------------

    def ring(self, path: str = "/voice") -> Self:
        """Call the number."""
        self._request(self.carrier.public_url + path, CallStatus="ringing")
        return self

    def press(self, keys: str) -> Self:
        """Press keys while the line listens."""
        gather = self._listening()
        if "dtmf" not in gather.get("input", "dtmf"):
            raise NotNow("keys are not listened for")
        return self._gathered(Digits=keys[: int(gather.get("numDigits", "100"))])

    def say(self, words: str, confidence: float | str | None = 0.9) -> Self:
        """Say words; `confidence`: the recogniser's own, None for none sent."""
        if "speech" not in self._listening().get("input", "dtmf"):
            raise NotNow("speech is not listened for")
        fields = {"SpeechResult": words}
        if confidence is not None:
            fields["Confidence"] = str(confidence)
        return self._gathered(**fields)

    def silence(self) -> Self:
        """Say and press nothing until the line has waited long enough."""
        gather = self._listening()
        if self.honours_empty and gather.get("actionOnEmptyResult") == "true":
            return self._gathered()
        self.gather = None
        self.said = []
        self._run(self._rest)
        return self

    def clinic(self, *, answers: bool, status: str = "no-answer") -> Self:
        """The clinic that is being rung answers and talks to the end, or does not answer."""
        dial = self.dial
        if dial is None:
            raise NotNow("nobody is being rung")
        self.dial = self.dialled = None
        fields = {"DialCallStatus": "completed" if answers else status}
        self.said = []
        action = dial.get("action")
        if action is None:
            self._run(self._rest)
        else:
            self._request(action, **fields)
        return self

    def hang_up(self) -> Self:
        """Put the receiver down; the carrier tells the status callback."""
        self.ended, self.gather, self.dial, self.dialled = True, None, None, None
        url = self.carrier.public_url + "/voice/status"
        answer = self.carrier.post(url, self.fields(CallStatus="completed", CallDuration="9"))
        if answer.status_code not in (200, 204):
            raise BadTwiml(f"status {answer.status_code}")
        return self

    # --- Between two acts -------------------------------------------------------------------

    def kept(self) -> str:
        """Where the call stands, as `resume` takes it; "" for one that has ended."""
        waits = self.gather if self.gather is not None else self.dial
        if waits is None:
            return ""
        bare = ET.Element(waits.tag, {k: v for k, v in waits.attrib.items() if k != "hints"})
        bare.extend(number for number in waits if number.tag == "Number")
        document = ET.Element("Response")
        document.extend([bare, *self._rest])
        return ET.tostring(document, encoding="unicode")

    def resume(self, kept: str) -> Self:
        """Go on where a call of this `sid` stood."""
        self._run(list(ET.fromstring(kept)))  # noqa: S314  our own
        return self

    # --- What the carrier does ----------------------------------------------------------------

    def fields(self, **more: str) -> dict[str, str]:
        """The form of a voice request."""
        return {
            "CallSid": self.sid,
            "AccountSid": self.carrier.account,
            "From": self.number,
            "To": self.to,
            "Caller": self.number,
            "Called": self.to,
            "CallStatus": "in-progress",
            "Direction": "inbound",
            "ApiVersion": VERSION,
            **more,
        }

    def _listening(self) -> ET.Element:
        if self.gather is None:
            raise NotNow("the line does not listen now")
        return self.gather

    def _gathered(self, **fields: str) -> Self:
        gather, self.gather = self._listening(), None
        self._request(gather.get("action", ""), **fields)
        return self

    def _request(self, url: str, **fields: str) -> None:
        self.said = []
        self.gather = self.dial = self.dialled = None
        self._run(list(self.carrier.document(url, self.fields(**fields))))

    def _run(self, verbs: list[ET.Element]) -> None:
        while verbs:
            verb, *verbs = verbs
            if verb.tag == "Say":
                self._speak(spoken(verb, interruptible=False))
            elif verb.tag == "Gather":
                for say in verb.iter("Say"):
                    self._speak(spoken(say, interruptible=True))
                self.gather, self._rest = verb, verbs
                return
            elif verb.tag == "Redirect":
                if verb.get("method", "POST") != "POST":
                    raise BadTwiml("a redirect by GET")
                self._request((verb.text or "").strip())
                return
            elif verb.tag == "Dial":
                self.dialled = "".join(verb.itertext())
                self.dial, self._rest = verb, verbs
                return
            elif verb.tag == "Hangup":
                break
            elif verb.tag != "Pause":
                raise BadTwiml(f"<{verb.tag}> in a call")
        self.hang_up()

    def _speak(self, said: Spoken) -> None:
        self.said.append(said)
