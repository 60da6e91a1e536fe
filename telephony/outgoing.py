"""What goes out through the carrier, as values; the carrier's library is not needed for them."""

from dataclasses import dataclass
from datetime import datetime

from telephony.codes import in_words


@dataclass(frozen=True, slots=True)
class Text:
    """A text to send.

    `to`: E.164, or "whatsapp:" and that.  `sender`: a number of ours, written likewise, or the
    sid of a messaging service ("MG...").  `body`: at most 1600 characters.
    `status_url`: where its receipts go; None for none.
    `valid_seconds`: how long the carrier may keep it in its queue, 1 to 36000; None for the
    carrier's own ten hours.
    `template`: the sid of a Content template ("HX...") that shows the text, in place of the plain
    `body`; `variables`: what it fills in, by the number of its blank.
    """

    to: str
    sender: str
    body: str
    status_url: str | None = None
    valid_seconds: int | None = None
    template: str | None = None
    variables: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """A call to place.

    `to`, `sender`: E.164.  `url`: where the carrier asks, with POST, what to say once it is
    answered.  `status_url`: where its receipts go; None for none.  `ring_seconds`: how long it
    rings; a voicemail answers most phones after some 25.
    """

    to: str
    sender: str
    url: str
    status_url: str | None = None
    ring_seconds: int = 25


Outgoing = Text | Call


@dataclass(frozen=True, slots=True)
class Taken:
    """What the carrier has of ours: its key, the state that it is in, and since when.

    `code`: of the carrier's error, or None.
    """

    sid: str
    state: str
    created_at: datetime | None = None
    code: int | None = None


class DeliveryError(Exception):
    """The carrier did not take it, or it is not known whether it did.

    `permanent`: it will never take it so, and asking again is no use.
    `unknown`: it may have taken it: look before asking again.
    `code`: Twilio's own, or None.  `retry_after`: seconds to wait before asking again, where it
    said so.  The message is a sentence for a person, with nobody's words or number.
    """

    def __init__(
        self,
        *,
        permanent: bool = False,
        unknown: bool = False,
        code: int | None = None,
        retry_after: float | None = None,
        sentence: str = "",
    ) -> None:
        self.permanent = permanent
        self.unknown = unknown
        self.code = code
        self.retry_after = retry_after
        self.sentence = sentence or in_words(code)
        super().__init__(self.sentence)
