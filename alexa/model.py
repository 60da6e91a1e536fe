"""The interaction model of the skill: what Amazon is told to listen for, in one language.

It is made from the flow's vocabulary, so that what the flow understands is what Amazon hears.
An answer, a request and the beginning of free words are each an intent.

Source: Amazon's "Interaction Model Schema".
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from alexa.intents import (
    CALLBACK,
    FALLBACK,
    MARKED,
    NUMBER_SLOT,
    SAID,
    WORDS,
    WORDS_SLOT,
    Phrasing,
    beginnings,
    read_phrasing,
)
from flows.marks import Mark
from flows.reading import Request
from flows.vocabulary import Vocabulary, read_vocabulary
from flows.words import Phrases

WORDS_AT_MOST: Final = 4
"""Longer phrases are heard as free words as well as any."""

SAMPLES_AT_MOST: Final = 100

_SEARCH: Final = "AMAZON.SearchQuery"
_PHONE: Final = "AMAZON.PhoneNumber"
_PROMPT: Final = "Elicit.Slot.Words"
_PLAIN: Final = re.compile(r"[a-záéíóúüñ' ]{2,}")
_CHECKED: Final = "CheckedIntent"


def interaction_model(language: str) -> dict[str, Any]:
    """The model for `language`, such as `en`, as Amazon's console and its tools take it."""
    phrasing = read_phrasing(language)
    return {
        "interactionModel": {
            "languageModel": {
                "invocationName": phrasing.invocation,
                "intents": [*_intents(phrasing, read_vocabulary(language))],
                "types": [],
                "modelConfiguration": {"fallbackIntentSensitivity": {"level": "LOW"}},
            },
            "dialog": {
                "intents": [
                    {
                        "name": WORDS,
                        "delegationStrategy": "SKILL_RESPONSE",
                        "confirmationRequired": False,
                        "prompts": {},
                        "slots": [
                            {
                                "name": WORDS_SLOT,
                                "type": _SEARCH,
                                "confirmationRequired": False,
                                "elicitationRequired": True,
                                "prompts": {"elicitation": _PROMPT},
                            }
                        ],
                    }
                ],
                "delegationStrategy": "SKILL_RESPONSE",
            },
            "prompts": [
                {
                    "id": _PROMPT,
                    "variations": [{"type": "PlainText", "value": phrasing.prompt}],
                }
            ],
        }
    }


def _intents(phrasing: Phrasing, vocabulary: Vocabulary) -> Iterator[dict[str, Any]]:
    found = {name: list[str]() for name in MARKED}
    for phrase, marks in phrases(vocabulary.marks):
        for name, mark in MARKED.items():
            # "Go on" agrees too, where that is asked for: it must not be taken for "I agree".
            leading = Mark.GO_ON if Mark.GO_ON in marks else marks[0]
            if mark is leading:
                found[name].append(phrase)
    found[_CHECKED] = [p for p, meant in vocabulary.whole.items() if meant is Request.CHECKED]
    taken: set[str] = set()
    for name in SAID:
        own = phrasing.said[SAID[name]].lower()
        samples = [own, *_written(phrasing, found.get(name, []))]
        plain = [one for one in dict.fromkeys(samples) if one not in taken][:SAMPLES_AT_MOST]
        # Amazon's own stop, cancel and help know how people say so.
        plain = plain if name in found or not name.startswith("AMAZON.") else []
        taken.update(plain)
        yield {"name": name, "samples": plain}
    yield {"name": FALLBACK, "samples": []}
    yield {
        "name": CALLBACK,
        "slots": [{"name": NUMBER_SLOT, "type": _PHONE}],
        "samples": list(phrasing.callback),
    }
    yield _free(WORDS, phrasing.answer)
    for name, beginning in beginnings(phrasing.language).items():
        yield _free(name, beginning)


def _free(name: str, beginning: str) -> dict[str, Any]:
    slot: dict[str, Any] = {"name": WORDS_SLOT, "type": _SEARCH}
    if name == WORDS:
        slot["samples"] = [f"{{{WORDS_SLOT}}}"]
    return {"name": name, "slots": [slot], "samples": [f"{beginning} {{{WORDS_SLOT}}}"]}


def phrases(
    tree: Phrases[Mark], before: tuple[str, ...] = ()
) -> Iterator[tuple[str, tuple[Mark, ...]]]:
    """Every phrase of a tree with what it is, in the order of its words."""
    for word, further in sorted(tree.next.items()):
        if further.meanings:
            yield " ".join((*before, word)), further.meanings
        yield from phrases(further, (*before, word))


def _written(phrasing: Phrasing, found: list[str]) -> Iterator[str]:
    """The phrases that can be said, shortest first, as they are written."""
    for phrase in sorted(found, key=lambda one: (one.count(" "), one)):
        words = phrase.split()
        left_out = phrase in phrasing.left_out or set(words) & set(phrasing.left_out)
        written = " ".join(phrasing.written.get(word, word) for word in words)
        if not left_out and len(words) <= WORDS_AT_MOST and _PLAIN.fullmatch(written):
            yield written
