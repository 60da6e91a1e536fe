"""A request as Amazon sends it, as far as it is needed; fields that are not named are passed over.

Sources: Amazon's "Request and Response JSON Reference" and "Request Types Reference".
"""

import re
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec

LAUNCH: Final = "LaunchRequest"
INTENT: Final = "IntentRequest"
SESSION_ENDED: Final = "SessionEndedRequest"

_FAULT: Final = re.compile(r"[A-Z_]{1,60}")
_Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Slot(msgspec.Struct, frozen=True, rename="camel"):
    """A blank in a phrase. `value`: what was heard in it, or None where nothing was."""

    value: str | None = None


class Intent(msgspec.Struct, frozen=True, rename="camel"):
    """What Amazon takes the words for."""

    name: str
    slots: dict[str, Slot] | None = None

    def slot(self, name: str) -> str:
        """What was heard in a blank; "" where nothing was."""
        found = (self.slots or {}).get(name)
        return (found.value if found else None) or ""


class Fault(msgspec.Struct, frozen=True, rename="camel"):
    """Why a session ended with a fault. `type`: such as `INVALID_RESPONSE`."""

    type: str = ""

    @property
    def kind(self) -> str:
        """Its type, for a line of the log; nothing that is not Amazon's way of writing one."""
        return self.type if _FAULT.fullmatch(self.type) else "unnamed"


class Asked(msgspec.Struct, frozen=True, rename="camel"):
    """What was asked of the skill.

    `timestamp`: when (UTC).  `locale`: the language and country that the device is set to.
    `reason`: why a session ended.
    """

    type: str
    request_id: str
    timestamp: _Moment
    locale: str = ""
    intent: Intent | None = None
    reason: str = ""
    error: Fault | None = None


class Application(msgspec.Struct, frozen=True, rename="camel"):
    """A skill, by its id."""

    application_id: str


class User(msgspec.Struct, frozen=True, rename="camel"):
    """An account, as this one skill knows it: another skill gets another id."""

    user_id: str


class System(msgspec.Struct, frozen=True, rename="camel"):
    application: Application
    user: User


class Context(msgspec.Struct, frozen=True):
    system: System = msgspec.field(name="System")


class Session(msgspec.Struct, frozen=True, rename="camel"):
    """`attributes`: what the last answer of this session gave to keep."""

    application: Application
    attributes: dict[str, Any] | None = None


class Envelope(msgspec.Struct, frozen=True, rename="camel"):
    """A whole request."""

    context: Context
    request: Asked
    session: Session | None = None

    @property
    def skills(self) -> set[str]:
        """The ids of the skills that it says it is for: one, unless it was made up."""
        named = {self.context.system.application.application_id}
        return named | ({self.session.application.application_id} if self.session else set())

    @property
    def attributes(self) -> dict[str, str]:
        """What we gave to keep; anything that is no word of ours is left out."""
        kept = (self.session.attributes if self.session else None) or {}
        return {key: value for key, value in kept.items() if isinstance(value, str)}


_decode = msgspec.json.Decoder(Envelope).decode


def read_envelope(body: bytes) -> Envelope:
    """The request in `body`; `msgspec.DecodeError` for anything else."""
    return _decode(body)
