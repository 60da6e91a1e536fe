"""What the clinic's account may do at the carrier, as far as the carrier's API tells.

Out come sentences, each with whether it is well, wrong, or cannot be told.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

import phonenumbers

from app.counted import counted
from app.finding import Finding, Verdict
from telephony.account import Account, AccountError, Number, Service

_COUNTRIES_AT_MOST: Final = 3
"""That the account may call besides its own, before that is worth a sentence."""

_WELL: Final = frozenset(("TWILIO_APPROVED", "VERIFIED"))


def of_dialling(account: Account, country: str) -> Iterator[Finding]:
    """Whether staff can be called, and nobody who costs a fortune."""
    own = account.dialling(country)
    yield Finding(
        "calls to your country",
        Verdict.OK if own.allowed else Verdict.WRONG,
        f"{country} can be called."
        if own.allowed
        else f"{country} cannot be called, so neither the clinic nor staff: allow it in the Twilio"
        " console under Voice, Geo Permissions.",
    )
    if own.costly:
        yield Finding(
            "costly numbers",
            Verdict.WRONG,
            f"The costly numbers of {country} can be called, with which fraud is made: switch them"
            " off under Voice, Geo Permissions.",
        )
    others = [one for one in account.callable_countries() if one != country]
    few = len(others) <= _COUNTRIES_AT_MOST
    yield Finding(
        "calls to other countries",
        Verdict.OK if few else Verdict.WRONG,
        f"{counted(len(others), 'other country', 'other countries')} can be called."
        + ("" if few else " Switch off those that you do not need, under Voice, Geo Permissions."),
    )


def of_texting(account: Account, country: str) -> Iterator[Finding]:
    """Whether people can be texted."""
    allowed = account.textable(country)
    if allowed is None:
        yield Finding("texts to your country", Verdict.UNKNOWN, "Twilio does not say.")
        return
    yield Finding(
        "texts to your country",
        Verdict.OK if allowed else Verdict.WRONG,
        f"{country} can be texted."
        if allowed
        else f"{country} cannot be texted: allow it under Messaging, Geo Permissions.",
    )


def of_registration(
    account: Account, numbers: Iterable[Number], services: Iterable[Service]
) -> Iterator[Finding]:
    """Whether each number is registered: carriers in the United States block all others."""
    of_number = {phone: service for service in services for phone in service.numbers}
    for number in numbers:
        kind = kind_of(number.phone)
        if not number.sms or kind is None:
            continue
        name = f"registration of {number.phone}"
        if kind == "toll-free":
            status = account.toll_free(number)
            yield _registered(name, "toll-free verification", [status] if status else [])
            continue
        service = of_number.get(number.phone)
        campaigns = account.campaigns(service) if service else ()
        yield _registered(name, "A2P 10DLC campaign", campaigns)


def kind_of(phone: str) -> str | None:
    """For a number of the United States or Canada "toll-free" or "local"; else None."""
    number = phonenumbers.parse(phone)
    if number.country_code != 1:
        return None
    toll_free = phonenumbers.PhoneNumberType.TOLL_FREE
    return "toll-free" if phonenumbers.number_type(number) == toll_free else "local"


def _registered(name: str, what: str, found: Iterable[str]) -> Finding:
    states = list(found)
    if any(state in _WELL for state in states):
        return Finding(name, Verdict.OK, f"Its {what} is approved.")
    if not states:
        sentence = f"It has no {what}: without one, carriers in the United States block its texts."
    else:
        sentence = f"Its {what} is not approved yet: {', '.join(states)}."
    return Finding(name, Verdict.WRONG, sentence)


def each(name: str, look: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """What `look` finds; where the carrier does not answer, that it cannot be told."""
    try:
        yield from look()
    except AccountError as error:
        yield Finding(name, Verdict.UNKNOWN, str(error))
