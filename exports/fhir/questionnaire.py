"""The flow as a FHIR Questionnaire: every question, its wordings, its possible answers."""

from collections.abc import Mapping

from exports.fhir.codes import (
    CONTENT,
    Resource,
    answer_coding,
    canonical,
    disposition_coding,
)
from flows.content import content_digest
from flows.definition import Flow
from flows.line import Line
from flows.reading import Answer
from flows.utterance import Medium
from flows.wording import Words

DISPOSITION = "disposition"
"""The item that holds where the conversation ended; it is worked out, not asked."""

_TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
_PURPOSE = (
    "Looks for signs in back and neck trouble that need a hospital or a doctor before any massage."
    " It is not a diagnosis. Questions are asked one at a time, and the first answer that needs"
    " care ends it; the routing is the line's own and is not repeated here."
)


def canonical_of(flow: str, version: str) -> str:
    """What a response names the questionnaire by: its URL and its version."""
    return f"{canonical(f'Questionnaire/{flow}')}|{version}"


def questionnaire(line: Line, *, signed: bool = False) -> Resource:
    """The questionnaire, worded for the locale of `line`, in all its languages.

    `signed`: a clinician has signed the content; it is a draft until then.
    """
    flow, main = line.flow, line.words[line.language]
    others = {name: words for name, words in line.words.items() if name != line.language}
    url = canonical(f"Questionnaire/{flow.id}")
    return {
        "resourceType": "Questionnaire",
        "id": url.removeprefix("urn:uuid:"),
        "language": line.locale,
        "url": url,
        "identifier": [{"system": CONTENT, "value": f"sha256:{content_digest()}"}],
        "version": flow.version,
        "name": "".join(word.capitalize() for word in flow.id.split("_")),
        "title": "Back and neck massage check",
        "status": "active" if signed else "draft",
        "subjectType": ["Patient"],
        "purpose": _PURPOSE,
        "item": [
            *(_asked(flow, name, main, others) for name in flow.question),
            {
                "linkId": DISPOSITION,
                "text": "Where the conversation ended",
                "type": "choice",
                "readOnly": True,
                "answerOption": [
                    {"valueCoding": disposition_coding(end)} for end in flow.dispositions
                ],
            },
        ],
    }


def _asked(flow: Flow, name: str, main: Words, others: Mapping[str, Words]) -> Resource:
    key = f"question.{name}"
    item: Resource = {
        "linkId": name,
        "prefix": str(flow.number[name] + 1),
        "text": main.of(key, Medium.TEXT),
        "type": "choice",
        "answerOption": [{"valueCoding": answer_coding(answer)} for answer in Answer],
    }
    if others:
        item["_text"] = {
            "extension": [
                {
                    "url": _TRANSLATION,
                    "extension": [
                        {"url": "lang", "valueCode": language},
                        {"url": "content", "valueString": words.of(key, Medium.TEXT)},
                    ],
                }
                for language, words in others.items()
            ]
        }
    return item
