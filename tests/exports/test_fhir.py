"""FHIR: every resource fits the published models of R4, and says what was said."""

import json
from typing import Any
from uuid import UUID

import pytest

from exports.fhir.conversation import bundle
from exports.fhir.questionnaire import questionnaire
from flows.definition import read_locales
from flows.line import build_line
from flows.utterance import Medium
from flows.wording import Clinic
from store.database import Database
from store.turns import TurnLog
from tests.exports.models import faults
from tests.exports.talking import AMERICAN, LINE, stored, talk

CONVERSATIONS = {
    "completed": ("hello", "1", *["2"] * 13, "1", "1"),
    "emergency": ("hello", "1", "2", "1", "thanks", "checked"),
    "today": ("hello", "1", *["2"] * 10, "1"),
    "unfinished": ("hello", "1", "no", "3", "junk"),
    "refused": ("hello", "no"),
    "crisis": ("i want to kill myself",),
    "stopped": ("hello", "1", "STOP"),
    "picture": ("hello", "1", "[picture]", "  ", "\ud83d broken \x07 bell"),
    "call": ("hello", "1", "[call]", "1", "[silence]", "skip", "[hang up]"),
}


def held(log: TurnLog, database: Database, *acts: str, numbers: bool = False) -> dict[str, Any]:
    talk(log, *acts)
    (one,) = stored(database, numbers=numbers)
    return bundle(one, LINE)


def of(found: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    resources = [entry["resource"] for entry in found["entry"]]
    return [one for one in resources if one["resourceType"] == kind]


def references(value: Any) -> list[str]:
    """Every reference inside a resource."""
    if isinstance(value, list):
        return [one for part in value for one in references(part)]
    if isinstance(value, dict):
        here = [value["reference"]] if "reference" in value else []
        return here + [one for part in value.values() for one in references(part)]
    return []


def test_the_models_refuse_what_is_wrong() -> None:
    sound = questionnaire(LINE)
    assert faults(sound) == []
    assert faults({**sound, "status": "ready"})
    assert faults({**sound, "colour": "red"})
    assert faults({key: value for key, value in sound.items() if key != "status"})
    # R4 has a `choice`; R5, with which this is not to be confused, has `coding` in its place.
    wrong = json.loads(json.dumps(sound))
    wrong["item"][0]["type"] = "coding"
    assert faults(wrong)


@pytest.mark.parametrize("locale", sorted(read_locales()))
def test_the_questionnaire_fits_in_every_locale(locale: str) -> None:
    line = build_line(locale, Clinic("Harbour Clinic", "+12025550143", "202-555-0143"), 0)
    found = questionnaire(line)
    assert faults(found) == []
    asked = found["item"][:-1]
    assert [item["linkId"] for item in asked] == list(line.flow.question)
    assert found["language"] == locale
    assert "{" not in json.dumps([item["text"] for item in asked])


def test_the_questionnaire_carries_the_other_language() -> None:
    first, *_ = questionnaire(AMERICAN)["item"]
    (translation,) = first["_text"]["extension"]
    assert translation["extension"][0] == {"url": "lang", "valueCode": "es"}
    assert translation["extension"][1]["valueString"] == AMERICAN.words["es"].of(
        "question.bladder", Medium.TEXT
    )


def test_the_questionnaire_is_a_draft_until_it_is_signed() -> None:
    assert questionnaire(LINE)["status"] == "draft"
    signed = questionnaire(LINE, signed=True)
    assert signed["status"] == "active"
    assert faults(signed) == []


@pytest.mark.parametrize("acts", CONVERSATIONS.values(), ids=CONVERSATIONS)
@pytest.mark.parametrize("numbers", [False, True])
def test_every_conversation_fits_the_models(
    log: TurnLog, database: Database, acts: tuple[str, ...], numbers: bool
) -> None:
    found = held(log, database, *acts, numbers=numbers)
    assert faults(found) == []
    ids = [entry["resource"]["id"] for entry in found["entry"]]
    assert len(set(ids)) == len(ids)
    assert all(UUID(id_) for id_ in ids)
    for entry in found["entry"]:
        assert entry["fullUrl"] == f"urn:uuid:{entry['resource']['id']}"
        assert faults(entry["resource"]) == []
    assert set(references(found)) <= {entry["fullUrl"] for entry in found["entry"]}
    assert ("+447700900009" in json.dumps(found)) is numbers


def test_the_answers_are_those_that_were_given(log: TurnLog, database: Database) -> None:
    found = held(log, database, "hello", "1", "2", "skip", "skip")
    (response,) = of(found, "QuestionnaireResponse")
    codes = {item["linkId"]: item["answer"][0]["valueCoding"]["code"] for item in response["item"]}
    assert codes == {"bladder": "N", "saddle": "asked-declined", "disposition": "same_day"}
    assert response["status"] == "completed"
    assert response["authored"] == "2026-03-02T09:01:40.000Z"
    whole = questionnaire(LINE)
    assert response["questionnaire"] == f"{whole['url']}|{whole['version']}"
    linked = {item["linkId"]: item for item in whole["item"]}
    for item in response["item"]:
        options = [option["valueCoding"] for option in linked[item["linkId"]]["answerOption"]]
        assert item["answer"][0]["valueCoding"] in options


@pytest.mark.parametrize(
    ("acts", "status", "items"),
    [
        (("hello", "1"), "in-progress", 0),
        (("hello", "no"), "stopped", 1),
        (("hello", "1", "2"), "in-progress", 1),
    ],
)
def test_the_status_says_how_far_it_came(
    log: TurnLog, database: Database, acts: tuple[str, ...], status: str, items: int
) -> None:
    (response,) = of(held(log, database, *acts), "QuestionnaireResponse")
    assert response["status"] == status
    assert len(response.get("item", [])) == items


def test_what_the_clinic_is_told_is_a_flag(log: TurnLog, database: Database) -> None:
    (flag,) = of(held(log, database, "hello", "1", "1", "thanks"), "Flag")
    assert flag["code"]["coding"][0]["code"] == "T1"
    assert flag["status"] == "active"
    assert flag["period"]["start"] == "2026-03-02T09:01:00.000Z"


def test_nothing_found_is_no_flag(log: TurnLog, database: Database) -> None:
    assert of(held(log, database, "hello", "1", "2"), "Flag") == []


def test_every_message_is_a_communication(log: TurnLog, database: Database) -> None:
    found = held(log, database, "hello", "1", "1")
    heard = [one for one in of(found, "Communication") if "received" in one]
    said = [one for one in of(found, "Communication") if "sent" in one]
    assert [one["payload"][0]["contentString"] for one in heard] == ["hello", "1", "1"]
    assert len(said) == 4  # the introduction, the question, and T1 in two messages
    assert heard[2]["note"] == [{"text": "Understood as yes by digit.1, at bladder."}]
    assert said[-1]["inResponseTo"] == [{"reference": f"urn:uuid:{heard[2]['id']}"}]
    assert heard[0]["sender"] == said[0]["recipient"][0] == found["entry"][0]["resource"]["subject"]
    assert said[0]["sender"]["display"] == "Harbour Clinic"


def test_a_person_has_one_name_that_says_nothing(log: TurnLog, database: Database) -> None:
    talk(log, "hello", "no", "[wait 30d]", "hello")
    talk(log, "hello", hour=10)
    names = [one.contact for one in stored(database)]
    assert len(names) == 3
    assert names[0] == names[2] != names[1]
    assert "7700900009" not in "".join(names)


def test_an_export_is_the_same_every_time(log: TurnLog, database: Database) -> None:
    first = held(log, database, "hello", "1", "1")
    (again,) = stored(database)
    assert bundle(again, LINE) == first
