"""The carrier's news of what it took: how a text or a call stands, in any order.

Each state has a rank that only grows on the way, so that news that comes late is known to be old.

Sources: Twilio's "Track the Message Status of Outbound Messages", its pages of the Message
resource's and the Call resource's status values.
"""

from collections.abc import Mapping
from typing import Final

from duty.delivery import Receipt, Stage
from telephony.outgoing import Taken

JOB: Final = "job"
"""The name, in the query of a status URL, of the id of what the news is about."""

REPLY: Final = "reply"
"""Likewise, of the carrier's key of the text that was answered with what the news is about."""

_OVER: Final = 9

_TEXT: Final = {
    "accepted": (1, Stage.SENT),
    "scheduled": (1, Stage.SENT),
    "queued": (1, Stage.SENT),
    "sending": (2, Stage.SENT),
    "sent": (3, Stage.SENT),
    "delivered": (_OVER, Stage.DELIVERED),
    "read": (_OVER + 1, Stage.DELIVERED),
    "undelivered": (_OVER, Stage.FAILED),
    "failed": (_OVER, Stage.FAILED),
    "canceled": (_OVER, Stage.FAILED),
    # Some parts of it: nobody can tell which words are missing.
    "partially_delivered": (_OVER, Stage.FAILED),
}
_CALL: Final = {
    "queued": (1, Stage.SENT),
    "initiated": (1, Stage.SENT),
    "ringing": (2, Stage.SENT),
    "in-progress": (3, Stage.SENT),
    "answered": (3, Stage.SENT),
    "completed": (_OVER, Stage.DELIVERED),
    "busy": (_OVER, Stage.FAILED),
    "no-answer": (_OVER, Stage.FAILED),
    "failed": (_OVER, Stage.FAILED),
    "canceled": (_OVER, Stage.FAILED),
}


def text_receipt(form: Mapping[str, str]) -> Receipt | None:
    """The news of a text; None for a state that is not known, or one of a text that came in."""
    sid = form.get("MessageSid") or form.get("SmsSid", "")
    state = form.get("MessageStatus") or form.get("SmsStatus", "")
    return _receipt(_TEXT, sid, state, form.get("ErrorCode", ""))


def call_receipt(form: Mapping[str, str]) -> Receipt | None:
    """The news of a call that we placed; None for a state that is not known."""
    return _receipt(_CALL, form.get("CallSid", ""), form.get("CallStatus", ""), "")


def text_looked_up(taken: Taken) -> Receipt | None:
    """As `text_receipt`, of a text that was looked up."""
    return _receipt(_TEXT, taken.sid, taken.state, str(taken.code or ""))


def reply_to(query: Mapping[str, str]) -> str | None:
    """The carrier's key of the text that was answered; None where the URL does not say."""
    return query.get(REPLY) or None


def job_id(query: Mapping[str, str]) -> int | None:
    """What the news is about, by the URL that it came to; None where that does not say."""
    value = query.get(JOB, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < _DIGITS else None


_DIGITS: Final = 10  # PostgreSQL's integers end there, and would make an error of a longer one


def _receipt(
    states: Mapping[str, tuple[int, Stage]], sid: str, state: str, code: str
) -> Receipt | None:
    known = states.get(state.lower())
    if known is None or not sid:
        return None
    rank, stage = known
    return Receipt(sid, state.lower(), rank, stage, int(code) if code.isdecimal() else None)
