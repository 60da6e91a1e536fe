"""The codes and names that the resources use: HL7's own where there is one, else ours.

Ours are URNs of UUIDs that follow from a name, so that they are the same in every installation and
in every year, and need no web address that somebody has to keep.
"""

from typing import Any, Final
from uuid import UUID, uuid5

from flows.definition import Disposition
from flows.reading import Answer

Resource = dict[str, Any]

_OURS: Final = UUID("5d0a3b0e-6c7b-4b0b-9d53-0f4f5f6f2f31")
_YES_NO: Final = "http://terminology.hl7.org/CodeSystem/v2-0136"
_NULL_FLAVOR: Final = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
_ABSENT: Final = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
_MODE: Final = "http://terminology.hl7.org/CodeSystem/v3-ParticipationMode"
_FLAG: Final = "http://terminology.hl7.org/CodeSystem/flag-category"

# The members of HL7's value set "expanded yes/no indicator" (v2-0532) that can occur, and the
# reason that HL7 has for somebody who would not say.
_ANSWERS: Final[dict[Answer, tuple[str, str, str]]] = {
    Answer.YES: (_YES_NO, "Y", "Yes"),
    Answer.NO: (_YES_NO, "N", "No"),
    Answer.UNSURE: (_NULL_FLAVOR, "ASKU", "asked but unknown"),
    Answer.SKIPPED: (_ABSENT, "asked-declined", "Asked But Declined"),
}

WRITTEN: Final = {"system": _MODE, "code": "WRITTEN", "display": "written"}
BY_PHONE: Final = {"system": _MODE, "code": "PHONE", "display": "telephone"}
SAFETY: Final = {"system": _FLAG, "code": "safety", "display": "Safety"}


def canonical(name: str) -> str:
    """The URN that stands for one of our names, for good."""
    return f"urn:uuid:{uuid5(_OURS, name)}"


def part_id(conversation: str, name: str) -> str:
    """The id of a resource that is a part of a conversation: the same at every export."""
    return str(uuid5(UUID(conversation), name))


def urn(id_: str) -> str:
    """How resources of one bundle refer to each other."""
    return f"urn:uuid:{id_}"


CONVERSATION: Final = canonical("identifier/conversation")
CONTACT: Final = canonical("identifier/contact")
CONTENT: Final = canonical("identifier/content")
DISPOSITIONS: Final = canonical("CodeSystem/disposition")
ALERTS: Final = canonical("CodeSystem/alert")


def answer_coding(answer: Answer) -> Resource:
    """An answer as HL7 codes it."""
    system, code, display = _ANSWERS[answer]
    return {"system": system, "code": code, "display": display}


def disposition_coding(end: Disposition) -> Resource:
    """A disposition as we code it: its id; its tier is what people read."""
    return {"system": DISPOSITIONS, "code": end.id, "display": f"{end.tier}: {end.id}"}
