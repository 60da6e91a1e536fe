"""A text from somebody on call that acknowledges an alert: its reference, and OK or 1.

Only a text of just that is one. Anything else from the same number is an ordinary text, for staff
can be patients; so words of danger go the way that they always go.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

from duty.alert import How
from duty.wording import say
from store.acknowledging import Acknowledging
from telephony.door import Site
from telephony.heard import Heard

_OK: Final = r"(?:ok(?:ay)?|1)"
_REPLY: Final = re.compile(
    rf"(?:{_OK}[\s,.:]+)?(?:ref[\s.:]*)?#?([0-9]{{4,10}})(?:[\s,.:]+{_OK})?[\s.!]*", re.IGNORECASE
)

Answer = Callable[[Site, Heard, datetime], str | None]
"""The words of the answer to a text that acknowledges an alert; None for any other text."""


def reference(words: str) -> str | None:
    """The reference in a text that could acknowledge an alert; None for any other text."""
    found = _REPLY.fullmatch(words.strip())
    return found[1] if found else None


def answering(staff: Acknowledging) -> Answer:
    """How the webhook knows such a text; everything else about it is the store's."""

    def answer(site: Site, heard: Heard, at: datetime) -> str | None:
        code = reference(heard.utterance.words)
        if code is None or heard.utterance.attachments:
            return None
        claim = staff.by_phone(site.id, heard.contact, code)
        if claim is None:
            return None
        alert = staff.take(claim, How.REPLY, at)
        name = alert.acknowledged_by or ""
        key = "text.taken" if name == claim.name else "text.taken_before"
        return say(site.line.language, key, clinic=site.clinic.name, ref=alert.reference, name=name)

    return answer
