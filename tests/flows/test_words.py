"""A tree of phrases is that of the phrases spelt out, whichever way they are written."""

import re
from collections.abc import Iterator
from itertools import product

import pytest

from flows.words import Phrases, Tokens

WRITTEN = (
    "pee",
    " (|i) leak",
    "leak(|s) (in|at (home|work))",
    "((did|do)n't|cannot (now|ever)) feel(| (|so) (ill|sick))",
    "(|(a|the) foot)",
)


@pytest.mark.parametrize("phrase", WRITTEN)
def test_a_tree_of_phrases_as_they_are_written_is_that_of_phrases_spelt_out(phrase: str) -> None:
    spelt_out = {" ".join(one.split()) for one in expand(phrase)} - {""}
    tree = Phrases[str].of([(phrase, "found")])
    assert set(_phrases(tree)) == spelt_out
    assert tree.words() == {word for one in spelt_out for word in one.split()}
    assert tree.single_words({"found"}) == {one for one in spelt_out if " " not in one}


def test_a_phrase_keeps_each_of_its_meanings_once_and_in_their_order() -> None:
    tree = Phrases[str].of([("(no|not) pee", "b"), ("no (pee|wee)", "a"), ("no(|) pee", "b")])
    assert tree.longest(Tokens(["no", "pee"], [0, 0], asked=False), 0) == (2, ("b", "a"))


def test_the_words_of_some_phrases_are_those_on_the_way_to_them() -> None:
    tree = Phrases[str].of([("no (pee|wee) at all", "a"), ("not (wee|pee)", "b"), ("no", "c")])
    assert tree.words({"a"}) == {"no", "pee", "wee", "at", "all"}
    assert tree.words({"c"}) == tree.single_words({"c"}) == {"no"}
    assert tree.words({"c", "another"}) == {"no"}
    assert tree.words(set()) == set()


def test_phrases_are_written_with_choices_within_choices() -> None:
    assert set(expand("leak(|s) (in|at (home|work))")) == {
        f"leak{ending} {where}" for ending in ("", "s") for where in ("in", "at home", "at work")
    }


def expand(phrase: str) -> Iterator[str]:
    """Phrases that are written as one, spelt out the long way."""
    nested = re.search(r"\([^()]*(\([^()]*\))", phrase)
    if nested:
        for way in nested[1][1:-1].split("|"):
            yield from expand(phrase[: nested.start(1)] + way + phrase[nested.end(1) :])
        return
    pieces = re.split(r"\(([^()]*)\)", phrase)
    # Every second piece stood in brackets.
    ways = [piece.split("|") if i % 2 else [piece] for i, piece in enumerate(pieces)]
    yield from map("".join, product(*ways))


def _phrases(tree: Phrases[str], before: tuple[str, ...] = ()) -> Iterator[str]:
    for word, further in tree.next.items():
        if further.meanings:
            yield " ".join((*before, word))
        yield from _phrases(further, (*before, word))
