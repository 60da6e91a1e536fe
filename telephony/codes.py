"""The carrier's error codes in plain words: what it means, and what somebody can do.

Source: Twilio's "Error and Warning Dictionary", and what its users report of the codes.
"""

from typing import Final

_WORDS: Final = {
    # --- Said when it is asked to send ---------------------------------------------------------
    20003: "Twilio does not accept the account's key: give TWILIO_ACCOUNT_SID and "
    "TWILIO_AUTH_TOKEN anew.",
    20005: "The Twilio account is suspended: look into the Twilio console.",
    20404: "Twilio does not know what was asked for.",
    20429: "Twilio is asked too often; it is tried again.",
    14107: "Twilio is asked to send too much at once; it is tried again.",
    13224: "The number that was to be called is no valid phone number.",
    21201: "There was no number to call.",
    21205: "Twilio does not accept the address that says what is spoken: check PUBLIC_URL.",
    21210: "The line's number may not place calls: verify it in the Twilio console.",
    21211: "The number is not a valid phone number.",
    21212: "The line's number is not one that Twilio can send from.",
    21214: "The number cannot be called.",
    21215: "Calls to that country are switched off in the Twilio account (geographic permissions).",
    21216: "Twilio does not allow calls to that number.",
    21219: "The Twilio account is a trial: it reaches verified numbers alone.",
    21265: "The number is a short code, which cannot be texted.",
    21408: "Texts to that country are switched off in the Twilio account (geographic permissions).",
    21601: "The line's number cannot send texts: choose another one for texts.",
    21602: "There was nothing to send.",
    21603: "There was no number to send from.",
    21604: "There was no number to send to.",
    21606: "The line's number cannot send texts to that number: choose another one for texts.",
    21608: "The Twilio account is a trial: it reaches verified numbers alone.",
    21609: "Twilio does not accept the address for receipts: check PUBLIC_URL.",
    21610: "The person has sent STOP, so Twilio sends nothing to that number. Ring them.",
    21611: "Twilio's queue of the line's number is full; it is tried again.",
    21612: "Twilio has no way to text that number from the line's number.",
    21614: "The number is no mobile number, so it cannot get texts.",
    21617: "The text is longer than 1600 characters.",
    21619: "There was nothing to send.",
    21635: "The number is a landline, so it cannot get texts.",
    21701: "The messaging service does not exist: check the number that texts are sent from.",
    21703: "The messaging service has no number to send from.",
    63016: "WhatsApp takes a text only within a day of the person's own last one.",
    63024: "The number is not on WhatsApp.",
    # --- Said afterwards -----------------------------------------------------------------------
    30001: "The text waited too long in Twilio's queue and was not sent.",
    30002: "The Twilio account was suspended before the text was sent.",
    30003: "The phone cannot be reached: it may be switched off or out of service.",
    30004: "The text was blocked, by the phone's owner or by its carrier.",
    30005: "The number is unknown or not in service any more.",
    30006: "The number is a landline, or its carrier takes no texts.",
    30007: "A carrier took the text for unwanted mass mail and dropped it.",
    30008: "The text did not arrive, and its carrier does not say why.",
    30009: "A part of the text is missing.",
    30010: "The text costs more than the account allows.",
    30022: "US carriers let this number send fewer texts than it tried to.",
    30023: "US carriers' limit for a day is reached: register the number for more traffic.",
    30032: "The toll-free number is not verified yet: finish that in the Twilio console.",
    30034: "The US number is not registered for texts (A2P 10DLC): finish that in the Twilio "
    "console.",
    30036: "The text could not be sent within the time in which it is of use.",
    30410: "The carrier of that number took too long; nobody knows whether it arrived.",
    30450: "Twilio held the text back because so many went to such numbers.",
    30453: "Twilio held the text back as a suspected fraud on the account.",
}
"""As they are shown to staff and operators. None speaks of what a text says."""

OPTED_OUT: Final = 21610
QUEUE_FULL: Final = 21611
EXPIRED: Final = frozenset((30001, 30036))

_PASSING: Final = frozenset((14107, 20003, 20005, 20429, QUEUE_FULL))
"""Asking again helps, once somebody has mended something or some time has passed."""


def in_words(code: int | None) -> str:
    """What `code` means, as a sentence; of one that is not known, where it is explained."""
    if code is None:
        return "Twilio did not say what was wrong."
    known = _WORDS.get(code)
    return known or f"Twilio's error {code}: https://www.twilio.com/docs/api/errors/{code}"


def passes(code: int | None) -> bool:
    """Whether what was refused with `code` may be taken later."""
    return code in _PASSING
