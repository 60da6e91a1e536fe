"""What Amazon is told to listen for: of its own shape, and read by the flow as it is meant."""

import json
import re
from functools import cache
from typing import Any

import ask_smapi_model.v1.skill.interaction_model.interaction_model_data as published
import pytest
from ask_sdk_core.serialize import DefaultSerializer

from alexa.hear import ALEXA
from alexa.intents import CALLBACK, FALLBACK, MARKED, SAID, WORDS, beginnings, read_phrasing
from alexa.model import interaction_model
from flows.definition import read_languages
from flows.reading import Answer, Expecting, Miss
from flows.understanding import understand
from flows.utterance import Kind, Utterance
from flows.vocabulary import read_vocabulary

LANGUAGES = read_languages()
SAMPLE = re.compile(r"[a-záéíóúüñ' ]*(\{(words|number)\})?")
"""Amazon's "Create Intents, Utterances, and Slots": letters, apostrophes, spaces and a blank."""


@cache
def intents(language: str) -> dict[str, dict[str, Any]]:
    model = interaction_model(language)["interactionModel"]["languageModel"]
    return {intent["name"]: intent for intent in model["intents"]}


def read(language: str, words: str, expecting: Expecting, *, turned: bool = False) -> Any:
    utterance = Utterance(ALEXA, Kind.SPEECH, words)
    return understand(read_vocabulary(language), utterance, expecting, turned_round=turned).meaning


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_of_the_shape_that_amazon_publishes(language: str) -> None:
    """Read by the classes of Amazon's own library, and written again: nothing is lost."""
    model = interaction_model(language)
    serializer = DefaultSerializer()
    document = json.dumps(model)
    assert serializer.serialize(
        serializer.deserialize(document, published.InteractionModelData)
    ) == json.loads(document)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_intent_that_is_understood_is_in_it_and_no_other(language: str) -> None:
    known = {*SAID, WORDS, CALLBACK, FALLBACK, *beginnings(language)}
    assert intents(language).keys() == known
    assert all(re.fullmatch(r"(AMAZON\.)?[A-Za-z]+Intent", name) for name in known)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_stands_for_two_things(language: str) -> None:
    samples = [sample for intent in intents(language).values() for sample in intent["samples"]]
    assert len(samples) == len(set(samples))
    assert all(SAMPLE.fullmatch(sample) and sample.strip() for sample in samples)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_intent_of_our_own_has_phrases(language: str) -> None:
    for name, intent in intents(language).items():
        assert intent["samples"] or name.startswith("AMAZON."), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_free_words_need_a_beginning_but_where_they_are_asked_for(language: str) -> None:
    """Amazon's rule for AMAZON.SearchQuery; and it takes one such blank in a phrase."""
    for intent in intents(language).values():
        for slot in intent.get("slots", ()):
            if slot["type"] == "AMAZON.SearchQuery":
                assert all(re.fullmatch(r"[^{]+ \{words\}", s) for s in intent["samples"])
    assert intents(language)[WORDS]["slots"][0]["samples"] == ["{words}"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_free_to_ask_for_is_in_the_dialog(language: str) -> None:
    """Else Amazon refuses an answer that asks for it."""
    dialog = interaction_model(language)["interactionModel"]["dialog"]
    (intent,) = dialog["intents"]
    assert intent["name"] == WORDS
    assert intent["slots"][0]["elicitationRequired"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_name_by_which_it_is_opened_is_one_that_amazon_takes(language: str) -> None:
    """Two words or more, and none of Amazon's own (its "Choose the Invocation Name")."""
    name = read_phrasing(language).invocation
    assert re.fullmatch(r"[a-z]+( [a-z]+)+", name)
    assert not set(name.split()) & {"alexa", "amazon", "echo", "skill", "app", "open", "ask"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_of_an_intent_is_read_as_the_opposite(language: str) -> None:
    """What counts as NO must be a NO by the flow's own reading, and no doubt; YES alike."""
    for sample in intents(language)["AMAZON.NoIntent"]["samples"]:
        assert read(language, sample, Expecting.ANSWER) is Answer.NO, sample
    for sample in intents(language)["AMAZON.YesIntent"]["samples"]:
        assert read(language, sample, Expecting.ANSWER) is Answer.YES, sample
    for sample in intents(language)["NotSureIntent"]["samples"]:
        assert read(language, sample, Expecting.ANSWER) in (Answer.UNSURE, Miss.NO_MATCH), sample


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "name", sorted({"more", "again", "back", "start_over", "clinic", "checked", "stop", "help"})
)
def test_the_phrase_of_a_request_is_read_as_that_request(language: str, name: str) -> None:
    words = read_phrasing(language).said[name]
    assert read(language, words, Expecting.ANSWER).value == name


@pytest.mark.parametrize("language", LANGUAGES)
def test_agreeing_and_going_on_are_understood_where_they_are_asked_for(language: str) -> None:
    said = read_phrasing(language).said
    assert read(language, said["agree"], Expecting.CONSENT) is Answer.YES
    assert read(language, said["yes"], Expecting.CONSENT) is Answer.YES
    assert read(language, said["go_on"], Expecting.CHOICE) is Answer.YES
    assert read(language, said["yes"], Expecting.ANSWER, turned=True) is Answer.YES
    assert read(language, said["unsure"], Expecting.ANSWER) is Answer.UNSURE
    assert read(language, said["skip"], Expecting.ANSWER) is Answer.SKIPPED


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_made_from_the_vocabulary(language: str) -> None:
    assert all(len(intents(language)[name]["samples"]) > 3 for name in MARKED)
