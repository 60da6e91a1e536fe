"""A stored conversation as a FHIR Bundle: its QuestionnaireResponse, Flags and Communications.

A Flag is what the clinic was told: T1, T2, words of self-harm, or an unfinished conversation that
held something. A Communication is one message, in either direction.
"""

from collections.abc import Iterator
from typing import Any

from exports.fhir.codes import (
    ALERTS,
    BY_PHONE,
    CONTACT,
    CONVERSATION,
    SAFETY,
    WRITTEN,
    Resource,
    answer_coding,
    disposition_coding,
    part_id,
    urn,
)
from exports.fhir.questionnaire import DISPOSITION, canonical_of
from exports.record import answers, ended_at, joined, utc, whole
from flows.conversation import Turn
from flows.definition import Disposition, Tier
from flows.line import Line
from flows.utterance import Medium
from store.review import StoredConversation

_ALERTS = {
    "T1": "T1: an emergency sign",
    "T2": "T2: needs medical help today",
    "T0": "Not finished, with an answer or words that need a look",
    "crisis": "Words of self-harm",
}


def bundle(stored: StoredConversation, line: Line) -> Resource:
    """Everything about one conversation, in one resource."""
    subject = _subject(stored)
    resources = [
        _response(stored, line, subject),
        *_flags(stored, subject),
        *_communications(stored, subject),
    ]
    return {
        "resourceType": "Bundle",
        "id": part_id(stored.id, "bundle"),
        "identifier": {"system": CONVERSATION, "value": stored.id},
        "type": "collection",
        "entry": [{"fullUrl": urn(one["id"]), "resource": one} for one in resources],
    }


def _subject(stored: StoredConversation) -> Resource:
    """The person, by a name that says nothing; with the number only where that was asked for."""
    subject: Resource = {
        "type": "Patient",
        "identifier": {"system": CONTACT, "value": stored.contact},
    }
    if stored.address is not None:
        subject["display"] = stored.address
    return subject


def _clinic(stored: StoredConversation) -> Resource:
    return {"type": "Organization", "display": stored.clinic_name}


# --- The answers ------------------------------------------------------------------------------


def _response(stored: StoredConversation, line: Line, subject: Resource) -> Resource:
    turns, flow = stored.turns, line.flow
    end = flow.disposition.get(turns[-1].state.position)
    words = line.words.get(turns[-1].state.language, line.words[line.language])
    items: list[Resource] = [
        {
            "linkId": name,
            "text": words.of(f"question.{name}", Medium.TEXT),
            "answer": [{"valueCoding": answer_coding(answer)}],
        }
        for name, answer in answers(turns, flow).items()
    ]
    if end is not None:
        items.append({"linkId": DISPOSITION, "answer": [{"valueCoding": disposition_coding(end)}]})
    response: Resource = {
        "resourceType": "QuestionnaireResponse",
        "id": stored.id,
        "language": turns[-1].state.language,
        "identifier": {"system": CONVERSATION, "value": stored.id},
        "questionnaire": canonical_of(stored.flow, stored.flow_version),
        "status": _status(end),
        "subject": subject,
        "authored": utc(ended_at(turns) if end else turns[-1].at),
        "source": subject,
    }
    return {**response, "item": items} if items else response


def _status(end: Disposition | None) -> str:
    if end is None:
        return "in-progress"
    return "stopped" if end.tier is Tier.T0 else "completed"


# --- What the clinic was told -----------------------------------------------------------------


def _flags(stored: StoredConversation, subject: Resource) -> Iterator[Resource]:
    for turn in stored.turns:
        for alert in turn.alerts:
            yield {
                "resourceType": "Flag",
                "id": part_id(stored.id, f"flag/{alert}"),
                "identifier": [{"system": CONVERSATION, "value": f"{stored.id}/{alert}"}],
                "status": "active",
                "category": [{"coding": [SAFETY]}],
                "code": {
                    "coding": [{"system": ALERTS, "code": alert, "display": _ALERTS[alert]}],
                    "text": _ALERTS[alert],
                },
                "subject": subject,
                "period": {"start": utc(turn.at)},
                "author": _clinic(stored),
            }


# --- What was said ----------------------------------------------------------------------------


def _communications(stored: StoredConversation, subject: Resource) -> Iterator[Resource]:
    clinic = _clinic(stored)
    for turn in stored.turns:
        heard = part_id(stored.id, f"turn/{turn.number}/heard")
        words = _printable(turn.utterance.words)
        if words:
            yield {
                **_message(stored, turn, heard, words),
                "received": utc(turn.at),
                "sender": subject,
                "recipient": [clinic],
                **_understood(turn),
            }
        for place, message in enumerate(turn.said, 1):
            said = part_id(stored.id, f"turn/{turn.number}/said/{place}")
            answer_to = {"inResponseTo": [{"reference": urn(heard)}]} if words else {}
            yield {
                **_message(stored, turn, said, joined(message, turn.utterance.channel)),
                **answer_to,
                "sent": utc(turn.at),
                "sender": clinic,
                "recipient": [subject],
            }


def _message(stored: StoredConversation, turn: Turn, id_: str, words: str) -> Resource:
    """What messages of both directions have in common."""
    channel = turn.utterance.channel
    mode = BY_PHONE if channel.medium is Medium.VOICE else WRITTEN
    return {
        "resourceType": "Communication",
        "id": id_,
        "language": turn.state.language,
        "status": "completed",
        "medium": [{"coding": [mode], "text": channel.name}],
        "subject": _subject(stored),
        "about": [{"reference": urn(stored.id)}],
        "payload": [{"contentString": words}],
    }


def _understood(turn: Turn) -> dict[str, Any]:
    """How the line took what it heard, and by which rule."""
    if turn.reading is None:
        return {}
    at = f", at {turn.asked}" if turn.asked else ""
    said = f"Understood as {turn.reading.meaning.value} by {turn.reading.rule}{at}."
    return {"note": [{"text": said}]}


def _printable(words: str) -> str:
    """`words` without the control marks that no FHIR string may hold; "" where nothing is left."""
    kept = "".join(mark for mark in whole(words) if mark >= " " or mark in "\t\r\n")
    return kept if kept.strip() else ""
