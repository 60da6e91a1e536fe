"""A broken flow is refused, and every fault is named."""

import ast
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

import flows.step
from flows.check import problems, read_problems
from flows.check_words import STEP_TEXTS
from flows.definition import (
    Flow,
    Language,
    Locale,
    Tier,
    read_flow,
    read_language,
    read_locales,
)
from flows.machine import rows

FLOW = read_flow()
ENGLISH = read_language("en")
LOCALES = read_locales()


def with_question(name: str, **changes: Any) -> Flow:
    questions = tuple(
        replace(question, **changes) if question.id == name else question
        for question in FLOW.questions
    )
    return replace(FLOW, questions=questions)


def with_disposition(name: str, **changes: Any) -> Flow:
    ends = tuple(replace(end, **changes) if end.id == name else end for end in FLOW.dispositions)
    return replace(FLOW, dispositions=ends)


def with_text(key: str, **changes: str) -> Language:
    return replace(ENGLISH, texts={**ENGLISH.texts, key: replace(ENGLISH.texts[key], **changes)})


def with_wording(name: str, **changes: str) -> Language:
    wording = replace(ENGLISH.questions[name], **changes)
    return replace(ENGLISH, questions={**ENGLISH.questions, name: wording})


def without_text(key: str) -> Language:
    texts = {name: text for name, text in ENGLISH.texts.items() if name != key}
    return replace(ENGLISH, texts=texts)


def found(
    flow: Flow = FLOW, language: Language = ENGLISH, locales: dict[str, Locale] = LOCALES
) -> str:
    return "\n".join(map(str, problems(flow, [language], locales)))


def test_the_shipped_flow_is_sound() -> None:
    assert read_problems() == ()


BROKEN_FLOWS = {
    "a doubt goes on past a red flag": (
        with_question("bladder", unsure=("explain", "go_on")), "bladder.unsure: goes on"),
    "a red flag's yes goes on": (
        with_question("saddle", yes=("go_on",)), "saddle.yes: goes on"),
    "a red flag's tier is lowered": (
        with_question("bowel", yes=("see_doctor",)), "bowel.yes: leads to T3"),
    "a skip lowers a red flag": (
        with_question("weakness", skipped=("insist", "postpone")), "weakness.skipped: leads to T4"),
    "a danger is asked twice": (
        with_question("unwell", yes=("explain", "same_day")), "unwell.yes: must lead there at once"),  # noqa: E501 - a table
    "an answer leads nowhere": (
        with_question("unwell", skipped=()), "unwell.skipped: leads nowhere"),
    "a target is misspelt": (
        with_question("adult", no=("see_docter",)), "adult.no: there is no 'see_docter'"),
    "a question is asked for ever": (
        with_question("history", unsure=("explain",)), "history.unsure: would be asked again"),
    "as_unsure in the wrong place": (
        with_question("history", unsure=("as_unsure",)), "history.unsure: as_unsure is for"),
    "guidance from a question in the middle": (
        with_question("recent", no=("guidance",)), "recent: only the last question"),
    "the last question is not turned round": (
        with_question("final_check", turned_round=False), "final_check: the last question"),
    "two things of one name": (
        with_question("saddle", id="bladder"), "bladder: is the name of two things"),
    "no questions at all": (
        replace(FLOW, questions=()), "questions: there is none"),
    "a disposition is missing": (
        replace(FLOW, dispositions=tuple(e for e in FLOW.dispositions if e.id != "held")),
        "dispositions: held is missing"),
    "a disposition cannot be reached": (
        replace(FLOW, dispositions=(*FLOW.dispositions,
                replace(FLOW.disposition["guidance"], id="spare"))),
        "spare: cannot be reached"),
    "an ending without the safety net": (
        with_disposition("postpone", messages=(("postpone",),)), "postpone: ends without"),
    "an urgent ending that tells nobody": (
        with_disposition("same_day", alert=False), "same_day: does not alert"),
    "two rows of the machine for one move": (
        with_disposition("unfinished", tier=Tier.T4), "has two rows for unfinished"),
    "guidance that anything leads to": (
        with_disposition("guidance", tier=Tier.T4), "guidance can be reached without asking it"),
    "an ending with words that are not there": (
        with_disposition("guidance", messages=(("guidance_9", "safety_net"),)),
        "guidance_9 has no words"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN_FLOWS)
def test_a_broken_flow_is_refused(name: str) -> None:
    flow, problem = BROKEN_FLOWS[name]
    assert problem in found(flow)


BROKEN_WORDS = {
    "a question too long for one part": (
        with_wording("bladder", text="Any trouble? " * 14), "en-US.en.bladder: 2 parts (I-13)"),
    "a mark that GSM-7 lacks": (
        with_wording("recent", text="Did this start in the last week? \u2713 " * 2),
        "en-US.en.recent: has a mark that GSM-7 lacks"),
    "a question without its MORE": (
        with_wording("bladder", more_text=" "), "en.bladder.more_text: is empty"),
    "a question without its spoken wording": (
        with_wording("bladder", voice=""), "en.bladder.voice: is empty"),
    "no reason to give": (
        with_wording("recent", reason_text=""), "en.recent: has no reason"),
    "a promise": (
        with_text("guidance_1", text="Massage is safe for you. GENTLE massage."),
        "en.guidance_1.text: says 'safe'"),
    "guidance without its stop rule": (
        with_text("guidance_3", voice="You set the pressure. For a while. It won't fix the disc."),
        "en.guidance.voice: does not say 'stop if pain shoots'"),
    "a number of its own": (
        with_text("emergency", voice="Call 911 now, or {emergency}."),
        "en.emergency.voice: holds the number 911"),
    "an emergency text without a number": (
        with_text("emergency", text="Go to {ed} now."), "en.emergency.text: does not hold"),
    "an opening without a number": (
        with_text("intro_1", text="Welcome."), "en.intro_1.text: does not hold"),
    "a text that is missing": (
        without_text("insist"), "en.texts: insist has no words"),
    "a text that nobody says": (
        replace(ENGLISH, texts={**ENGLISH.texts, "spare": ENGLISH.texts["goodbye"]}),
        "en.texts: spare is never said"),
    "a word in braces that no locale has": (
        with_text("goodbye", text="Goodbye from {town}."), "en-US.en: has no word for {town}"),
    "a reason where none is known": (
        with_text("goodbye", text="Goodbye, {reason}."), "en.goodbye.text: {reason} is known only"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN_WORDS)
def test_broken_words_are_refused(name: str) -> None:
    language, problem = BROKEN_WORDS[name]
    assert problem in found(language=language)


def with_locale(**changes: Any) -> dict[str, Locale]:
    return {**LOCALES, "en-GB": replace(LOCALES["en-GB"], **changes)}


def test_a_foreign_number_in_a_locale_is_refused() -> None:
    words = {"en": {**LOCALES["en-GB"].words["en"], "urgent": "911"}}
    assert "en-GB.en.urgent: 911 is not among" in found(locales=with_locale(words=words))


def test_a_locale_without_an_emergency_number_is_refused() -> None:
    numbers = {"urgent": ("111", "999"), "crisis": ("116 123",)}
    assert "en-GB: has no emergency number" in found(locales=with_locale(numbers=numbers))


def test_a_locale_without_words_is_refused() -> None:
    assert "en-GB: has words for no language" in found(locales=with_locale(words={}))


def test_every_problem_is_named_at_once() -> None:
    flow = replace(with_question("bladder", unsure=("go_on",)), dispositions=FLOW.dispositions[1:])
    named = found(flow)
    assert "bladder.unsure: goes on" in named
    assert "saddle.yes: there is no 'emergency'" in named


def test_no_two_rows_of_the_machine_share_a_place_and_a_trigger() -> None:
    moves = [(row.trigger, row.source) for row in rows(FLOW)]
    assert len(moves) == len(set(moves))


def test_an_unknown_key_in_the_data_is_refused() -> None:
    data = msgspec.to_builtins(FLOW)
    data["questions"][0]["unshure"] = ["explain"]
    with pytest.raises(msgspec.ValidationError, match="unshure"):
        msgspec.convert(data, Flow)


def test_the_texts_that_the_code_says_by_name_are_all_known_to_the_check() -> None:
    """A text key in the code that the check does not know could be missing in a language."""
    folder = Path(flows.step.__file__).parent
    said: set[str] = set()
    for module in ("prompts", "step", "conversation", "answering", "danger", "clock"):
        tree = ast.parse((folder / f"{module}.py").read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                said.add(node.value)
    by_number = {"no_input_1", "no_input_2", "not_understood_1", "not_understood_2"}
    elsewhere = {"failure", "clinic_number", "safety_net"}
    assert said | by_number | elsewhere >= STEP_TEXTS
