"""The carrier's error codes in plain words: what happened, and what to do.

Source: Twilio's "Error and Warning Dictionary" (twilio.com/docs/api/errors).
"""

from typing import Final

_SENTENCES: Final = {
    # The account, and how it is asked.
    10001: "The account is not active: pay what is owed, or write to Twilio's support.",
    10004: "More calls at once than the account may make: they go out one after the other.",
    20003: "Twilio does not accept the account's SID and token: copy both from its console again.",
    20005: "The account is not active: pay what is owed, or write to Twilio's support.",
    20006: "Twilio denies access: use the token of the account that owns the number.",
    20008: "These are test credentials: copy the live ones from Twilio's console.",
    20403: "The account may not do this: use the main token, not a restricted key.",
    20404: "Twilio has no such thing in this account: is TWILIO_ACCOUNT_SID the right one?",
    20429: "Too many requests at once: wait a minute and try again.",
    # Calls.
    13224: "The number to call is not valid: give it with + and the country's code.",
    13227: "Calls to that country are switched off: allow it under Voice, Geo Permissions.",
    21210: "The number to call from is not verified: use one that was bought in this account.",
    21211: "The number to reach is not valid: give it with + and the country's code.",
    21212: "The number to send from is not valid: use one that was bought in this account.",
    21214: "The number to call cannot be reached.",
    21215: "Calls to that country are switched off: allow it under Voice, Geo Permissions.",
    21216: "Twilio does not call that number: it is on a list of blocked numbers.",
    21217: "The number to call is not valid: give it with + and the country's code.",
    21219: "A trial account calls verified numbers alone: verify that one, or upgrade the account.",
    # The numbers and their addresses.
    21402: "Twilio does not take the address: PUBLIC_URL must be a full https address.",
    21451: "The area code is not valid.",
    21502: "Twilio does not take the address: PUBLIC_URL must be a full https address.",
    21609: "Twilio does not take the address for status: PUBLIC_URL must be a full https address.",
    # Texts that are refused at once.
    21408: "Texts to that country are switched off: allow it under Messaging, Geo Permissions.",
    21602: "The text is empty.",
    21604: "The text has nobody to go to.",
    21606: "That number cannot send texts to this one: use a number of this account that can.",
    21608: "A trial account texts verified numbers alone: verify that one, or upgrade the account.",
    21610: "The person has sent STOP: nothing reaches them until they text START.",
    21611: "The number's queue is full: it sends slower than texts come in.",
    21612: "No text goes from that number to this one: no route, or another country.",
    21614: "The number to reach cannot get texts: it is no mobile number.",
    21617: "The text is longer than 1600 characters.",
    21635: "The number to reach is a landline, which gets no texts.",
    21660: "The number to send from belongs to another account.",
    21703: "The messaging service has no number: add the clinic's number to it.",
    # Texts that were accepted and not delivered.
    30001: "The text waited too long in the queue.",
    30002: "The account was suspended while the text was on its way.",
    30003: "The phone is off, out of reach, or cannot get texts.",
    30004: "The phone or its carrier blocks this number.",
    30005: "The number is unknown, or in use no longer.",
    30006: "The number is a landline, or its carrier cannot be reached.",
    30007: "The carrier took the text for unwanted and filtered it.",
    30008: "The text was not delivered, and the carrier does not say why.",
    30022: "The texts of this campaign came faster than its carriers allow.",
    30023: "The campaign's limit for the day is reached.",
    30032: "The toll-free number is not verified yet: finish its verification at Twilio.",
    30034: "The number is in no registered A2P 10DLC campaign: register one, then add the number.",
    30035: "The number is still being added to its A2P campaign: wait until that is done.",
    30036: "The text was not delivered within its time.",
    30410: "The carrier did not answer in time.",
    30450: "The text was held back, since so many to that range of numbers look like fraud.",
    63038: "The account's limit of texts for the day is reached.",
    # Others.
    14107: "Twilio is asked to send too much at once; it is tried again.",
    21201: "There was no number to call.",
    21205: "Twilio does not accept the address that says what is spoken: check PUBLIC_URL.",
    21265: "The number is a short code, which cannot be texted.",
    21601: "The line's number cannot send texts: choose another one for texts.",
    21603: "There was no number to send from.",
    21619: "There was nothing to send.",
    21701: "The messaging service does not exist: check the number that texts are sent from.",
    30009: "A part of the text is missing.",
    30010: "The text costs more than the account allows.",
    30453: "Twilio held the text back as a suspected fraud on the account.",
    63016: "WhatsApp takes a text only within a day of the person's own last one.",
    63024: "The number is not on WhatsApp.",
    # What Twilio makes of our answers.
    11200: "Our server did not answer, or with an error.",
    11205: "Our server cannot be reached: is PUBLIC_URL right, and open to the world?",
    11210: "PUBLIC_URL names a host that nobody knows.",
    11220: "The certificate of our server is not in order.",
    11237: "The certificate of our server cannot be verified: send the whole chain of it.",
    12100: "Our answer could not be read.",
    12300: "Our answer had the wrong content type.",
}

OPTED_OUT: Final = 21610
QUEUE_FULL: Final = 21611
EXPIRED: Final = frozenset((30001, 30036))

_PASSING: Final = frozenset((14107, 20003, 20005, 20429, QUEUE_FULL))
"""Asking again helps, once somebody has mended something or some time has passed."""


def in_words(code: int | None, status: int | None = None) -> str:
    """A sentence about `code`, or about the HTTP `status` where there is none of it."""
    known = _SENTENCES.get(code or 0)
    if known:
        return f"{known} (Twilio {code})"
    if code:
        return f"Twilio refuses it: see twilio.com/docs/api/errors/{code}. (Twilio {code})"
    if status is None:
        return "Twilio gives no reason."
    if status in (401, 403):
        return f"{_SENTENCES[20003]} (HTTP {status})"
    return f"Twilio answers with HTTP {status}: try again later."


def passes(code: int | None) -> bool:
    """Whether what was refused with `code` may be taken later."""
    return code in _PASSING
