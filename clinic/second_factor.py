"""The second factor: six digits from an app on the phone (TOTP, RFC 6238), or a recovery code."""

import re
from datetime import datetime
from typing import Final

import pyotp
import segno
from markupsafe import Markup

from clinic.office import Office
from store.errors import Conflict
from store.link import Write
from store.staff import Staff

ISSUER: Final = "Backline"
SECONDS: Final = 30
_STEPS: Final = (0, -1, 1)
"""The step of now, and one to each side: clocks differ, and typing takes a while."""


def new_secret() -> str:
    """160 bits in base32, as RFC 4226 asks for."""
    return pyotp.random_base32()


def address(secret: str, login: str) -> str:
    """The otpauth: address that an app takes a secret from."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def picture(secret: str, login: str) -> Markup:
    """The same as a QR code: an SVG for the page itself, without a style of its own."""
    code = segno.make(address(secret, login), error="m", micro=False)
    # What it draws is ours from end to end, the login included: that is inside the code.
    return Markup(  # noqa: S704
        code.svg_inline(scale=4, border=4, omitsize=True, svgclass="qr", lineclass="qr-ink")
    )


def step_of(secret: str, given: str, at: datetime) -> int | None:
    """The number of the time step that a code is of; None where it is of none near `at`."""
    digits = re.sub(r"[\s-]", "", given)
    if not re.fullmatch(r"[0-9]{6}", digits):
        return None
    totp, here = pyotp.TOTP(secret), int(at.timestamp()) // SECONDS
    for offset in _STEPS:
        if pyotp.utils.strings_equal(totp.generate_otp(here + offset), digits):
            return here + offset
    return None


def spend_code(office: Office, person: Staff, given: str, also: list[Write]) -> bool:
    """Use a code, once, and do `also` with it; False where it is not one, or was used before."""
    if person.totp is None:
        return False
    at = office.now()
    step = step_of(person.totp, given, at)
    if step is None:
        return False
    return spend(office, [office.staff.spending(person.id, f"totp:{step}", at), *also])


def spend_recovery(office: Office, person: Staff, given: str, also: list[Write]) -> bool:
    """As `spend_code`, with a recovery code."""
    found = office.staff.redeeming("recovery", given, office.now())
    if found is None or found[0] != person.id:
        return False
    return spend(office, [*found[1], *also])


def spend(office: Office, writes: list[Write]) -> bool:
    """Do the writes; False where one of them uses what was used before, and then none is done."""
    try:
        with office.database.link() as link:
            link.write(writes)
    except Conflict:
        return False
    return True
