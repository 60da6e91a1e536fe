"""How often anybody may try to sign in. A try counts before it is looked at."""

import ipaddress
from typing import Final

from flask import request

from clinic.office import Office

PER_PAIR: Final = 5
"""For one account from one address: whoever mistypes more waits for a quarter of an hour."""

PER_ADDRESS: Final = 30
PER_ACCOUNT: Final = 50
"""From one address for any account, and for one account from anywhere: more than a stranger needs
to keep the right person out, and far too few to guess a password."""

PER_CODE: Final = 5
"""Codes of the second factor, for one account: six digits can be guessed in a million tries."""


def too_many(office: Office, login: str) -> bool:
    """Count an attempt to sign in with `login`, and say whether there were too many."""
    counts = [office.attempts.count(kind, who, office.now()) for kind, who in _kinds(login)]
    return any(count > limit for count, limit in zip(counts, _LIMITS, strict=True))


def went_well(office: Office, login: str) -> None:
    """Take back what was counted for `login`: the password was right."""
    (pair, address, account) = _kinds(login)
    office.attempts.forget(*pair)
    office.attempts.take_back(*address)
    office.attempts.take_back(*account)


def too_many_codes(office: Office, staff_id: int) -> bool:
    """Count a code of the second factor, and say whether there were too many."""
    return office.attempts.count("code", str(staff_id), office.now()) > PER_CODE


def code_went_well(office: Office, staff_id: int) -> None:
    office.attempts.forget("code", str(staff_id))


def too_many_links(office: Office) -> bool:
    """Count a link that somebody opens, and say whether there were too many from there."""
    address = network(request.remote_addr or "")
    return office.attempts.count("link", address, office.now()) > PER_ADDRESS


_LIMITS: Final = (PER_PAIR, PER_ADDRESS, PER_ACCOUNT)


def _kinds(login: str) -> tuple[tuple[str, str], ...]:
    address = network(request.remote_addr or "")
    return ("pair", f"{login}\0{address}"), ("address", address), ("account", login)


def network(address: str) -> str:
    """Where somebody comes from: of an IPv6 address the network, which one person has whole."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 6:  # noqa: PLR2004
        return str(ipaddress.ip_network((int(found), 64), strict=False))
    return str(found)
