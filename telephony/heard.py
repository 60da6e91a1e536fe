"""What a request of the carrier comes to, once its field names are left behind."""

from typing import Final

import msgspec

from flows.utterance import Utterance

IDEMPOTENCY_HEADER: Final = "I-Twilio-Idempotency-Token"
"""One value per event, and the same when the carrier sends the event again."""


class Unheard(Exception):
    """The request lacks what is needed to place it; the message names the field, never a value."""


class Heard(msgspec.Struct, frozen=True):
    """One thing heard, from whom, and the carrier's own keys for it.

    `sid`: the same for the same event, whenever it is sent; unique among all events.
    `token`: the carrier's idempotency token, where it gave one.
    """

    contact: str
    sid: str
    token: str | None
    utterance: Utterance


def clean(words: str) -> str:
    """`words` as text that every store can hold.

    Null characters go, and half of a surrogate pair becomes U+FFFD: neither says anything, and
    both make databases and encoders fail.
    """
    if "\0" in words:
        words = words.replace("\0", "")
    if words.isascii():
        return words
    return words.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
