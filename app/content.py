"""Whether the content is signed off, in the words that every surface shows.

What cannot be looked up counts as a draft: a wrong "signed off" would be believed.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.command import CLINIC
from app.environment import WrongSettings
from app.keys import FOLDER
from app.settings import Settings, read_settings
from flows.content import content_digest, lowered, red_flags
from flows.definition import Flow, read_flow

if TYPE_CHECKING:
    from store.database import Database
    from store.sealing import Sealer
    from store.sign_offs import SignOff

DRAFT: Final = "draft content, not signed off"


def sign_off_state(signed: "SignOff | None", flow: Flow, digest: str) -> str:
    """What the newest sign-off says of the content that has this digest."""
    if signed is None:
        return DRAFT
    day = signed.at.date().isoformat()
    if not signed.digest:
        return f"draft content, not signed off: withdrawn by {signed.name} on {day}"
    if signed.digest == digest:
        return f"signed off by {signed.name}, {signed.role}, {signed.registration}, {day}"
    gone = lowered(signed.red_flags, red_flags(flow))
    less = f"; red flags lowered or removed since: {', '.join(gone)}" if gone else ""
    return f"draft content, not signed off: changed since {signed.name} signed on {day}{less}"


def refusal(signed: "SignOff | None", flow: Flow) -> str:
    """Why the flow may not be signed after `signed`, in a sentence; "" where it may (I-25)."""
    if signed is None:
        return ""
    gone = lowered(signed.red_flags, red_flags(flow))
    before = signed.flow_version.partition(".")[0]
    if not gone or int(flow.major) > int(before):
        return ""
    return (
        f"Since {signed.name} signed version {signed.flow_version}, these red flags were lowered or"
        f" removed: {', '.join(gone)}. That needs a new major version of the flow"
        f" ({int(before) + 1}.0.0): raise it in flows/red_flags/flow.toml, or restore them."
    )


def stored_state(database: "Database", sealer: "Sealer", flow: Flow) -> str:
    """The state of the content by the sign-offs in a database; a draft where it does not answer."""
    # Here, and below: a surface without a database starts at once.
    from store.errors import StoreError  # noqa: PLC0415
    from store.sign_offs import newest_sign_off  # noqa: PLC0415

    try:
        signed = newest_sign_off(database, sealer, CLINIC)
    except StoreError:
        return DRAFT
    # The digest reads every data file again: not for nothing.
    return sign_off_state(signed, flow, content_digest() if signed else "")


def state_by(settings: Settings) -> str:
    """The state of the content in the installation of these settings."""
    from store.database import Database  # noqa: PLC0415
    from store.sealing import Sealer  # noqa: PLC0415

    database = Database(settings.database_url)
    try:
        return stored_state(database, Sealer(settings.secret_key), read_flow())
    finally:
        database.close()  # the server forks after it


def state_here() -> str:
    """The state of the content in the working folder's installation; nothing is made there.

    A draft where nothing is installed, or its settings are wrong.
    """
    if not any((Path(".env").exists(), Path(FOLDER).exists(), "DATABASE_URL" in os.environ)):
        return DRAFT
    try:
        return state_by(read_settings())
    except WrongSettings:
        return DRAFT


def sentence(state: str) -> str:
    """`state` as a sentence."""
    return f"{state[0].upper()}{state[1:]}."
