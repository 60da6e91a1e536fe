"""A vocabulary that contradicts itself is refused, and its odd corners never make a no."""

from importlib import resources

import msgspec
import pytest
from msgspec.structs import replace

from flows import vocabulary
from flows.definition import read_flow
from flows.reading import Answer, Expecting, Miss
from flows.rules import floor
from flows.state import Reached
from flows.understanding import understand
from flows.utterance import Kind, Utterance
from flows.vocabulary import read_vocabulary
from flows.words import Phrases, Tokens
from tests.flows.talk import NOON, SMS

ENGLISH = read_vocabulary("en")


@pytest.mark.parametrize(
    ("words", "expecting", "turned", "meaning"),
    [
        ("ok right", Expecting.CONFIRMATION, False, Answer.YES),
        ("a bit no", Expecting.ANSWER, True, Miss.NO_MATCH),
        ("3 yes", Expecting.ANSWER, False, Miss.NO_MATCH),
        ("not at all pain in leg", Expecting.ANSWER, False, Miss.NO_MATCH),
        ("no leg, my arm", Expecting.ANSWER, False, Miss.NO_MATCH),
        ("blaaah", Expecting.ANSWER, False, Miss.NO_MATCH),
        ("legggs feel weak", Expecting.ANSWER, False, Miss.NO_MATCH),
    ],
)
def test_odd_replies(
    words: str, expecting: Expecting, turned: bool, meaning: Answer | Miss
) -> None:
    heard = Utterance(SMS, Kind.TEXT, words)
    assert understand(ENGLISH, heard, expecting, turned_round=turned).meaning is meaning


def test_a_phrase_that_begins_with_an_unknown_word_is_not_there() -> None:
    tree = Phrases[str].of([("my leg", "leg")])
    assert tree.every(Tokens(["his", "leg"], [0, 0], False), 0, frozenset()) == []


def test_what_was_reached_under_another_flow_is_no_floor() -> None:
    assert floor(read_flow(), Reached("of_another_flow", NOON), NOON) is None


def _flags() -> vocabulary._FlagFile:
    data = (resources.files("flows") / "vocabulary" / "en_flags.toml").read_bytes()
    return msgspec.toml.decode(data, type=vocabulary._FlagFile)  # noqa: SLF001 - the loader has no other door


def test_two_concepts_of_one_name_are_refused() -> None:
    flags = _flags()
    name = next(iter(flags.symptoms))
    twice = replace(flags, parts={**flags.parts, name: ["x"]})
    with pytest.raises(ValueError, match=f"two concepts are called {name}"):
        vocabulary._sorts(twice)  # noqa: SLF001 - the loader has no other door


def test_a_rule_about_a_concept_that_is_not_there_is_refused() -> None:
    flags = _flags()
    rule = replace(flags.rules[0], unless=["no_such_thing"])
    with pytest.raises(ValueError, match="no concept is called no_such_thing"):
        vocabulary._by_first_concept([rule], vocabulary._sorts(flags))  # noqa: SLF001 - the loader has no other door


def test_what_is_told_by_a_concept_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="no concept is called no_such_thing"):
        vocabulary._told({"bladder": "no_such_thing"}, {})  # noqa: SLF001 - the loader has no other door
