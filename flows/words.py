"""Words and phrases: somebody's words as `Tokens`, and a tree that finds phrases in them.

No language is known here.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Generic, Self, TypeVar

import msgspec

T = TypeVar("T")

COMMA = 1
SENTENCE = 2
"""What stands between two words, as in `Tokens.breaks`; 0 for nothing."""

_NESTED = re.compile(r"\([^()]*(\([^()]*\))")
_CHOICE = re.compile(r"\(([^()]*)\)")


class Tokens(msgspec.Struct, frozen=True):
    """Somebody's words, ready to be looked up.

    `breaks[i]`: what stands before word i: 0 nothing, `COMMA` (a dash too) or `SENTENCE`.
    `asked`: there was a question mark.
    """

    words: list[str]
    breaks: list[int]
    asked: bool

    def pause_before(self, at: int) -> int:
        """What stands before a word; `SENTENCE` after the last one."""
        return self.breaks[at] if at < len(self.breaks) else SENTENCE


class Phrases(Generic[T]):
    """A tree of phrases, word by word: `longest` and `every` find those that begin at a word."""

    __slots__ = ("meanings", "next")

    def __init__(self) -> None:
        self.next: dict[str, Phrases[T]] = {}
        self.meanings: tuple[T, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[tuple[str, T]]) -> Self:
        """The tree of `entries`: phrases in the notation of `expand`, each with what it means.

        Equal branches are kept once, which makes it much smaller: the endings of a
        phrase are alike for all its beginnings. (Daciuk and others, Computational Linguistics
        26(1), 2000: incremental construction from sorted words.)
        """
        by_first: dict[str, list[tuple[str, T]]] = {}
        for phrase, meaning in entries:
            for first, led in by_first_word(phrase):
                by_first.setdefault(first, []).append((led, meaning))
        root = cls()
        building = _Building(root)
        # One first word after the other: all phrases at once would take five times the memory.
        for first in sorted(by_first):
            meant: dict[str, tuple[T, ...]] = {}
            for phrase, meaning in by_first[first]:
                for one in expand(phrase):
                    words = " ".join(one.split())
                    if meaning not in meant.get(words, ()):
                        meant[words] = (*meant.get(words, ()), meaning)
            for words in sorted(meant):
                building.add(words.split(), meant[words])
        building.close(0)
        return root

    def words(self) -> Iterator[str]:
        """Every word of every phrase."""
        for word, more in self.next.items():
            yield word
            yield from more.words()

    def longest(self, tokens: Tokens, start: int) -> tuple[int, tuple[T, ...]] | None:
        """The longest phrase that begins at `start`, within a sentence: its end and meanings."""
        words = tokens.words
        at = self.next.get(words[start])
        if at is None:
            return None
        end = start + 1
        found = (end, at.meanings) if at.meanings else None
        while at.next and end < len(words) and tokens.breaks[end] < SENTENCE:
            at = at.next.get(words[end])
            if at is None:
                break
            end += 1
            if at.meanings:
                found = end, at.meanings
        return found

    def alone(self, word: str) -> tuple[T, ...]:
        """What a word means by itself."""
        at = self.next.get(word)
        return at.meanings if at else ()

    def every(
        self, tokens: Tokens, start: int, skipped: frozenset[str]
    ) -> list[tuple[int, tuple[T, ...]]]:
        """Every phrase that begins at `start`, within a sentence; `skipped` words may intervene."""
        first = self.next.get(tokens.words[start])
        if first is None:
            return []
        found = [(start + 1, first.meanings)] if first.meanings else []
        if not first.next:
            return found
        ways = [first]
        for end in range(start + 1, len(tokens.words)):
            if tokens.breaks[end] == SENTENCE:
                break
            word = tokens.words[end]
            further = []
            for way in ways:
                at = way.next.get(word)
                if at is not None:
                    further.append(at)
                    if at.meanings:
                        found.append((end + 1, at.meanings))
            if word in skipped:
                further += ways
            elif not further:
                break
            ways = further
        return found


class _Building(Generic[T]):
    """A tree that grows along one path; what is left of the path is finished and shared."""

    def __init__(self, root: Phrases[T]) -> None:
        self._nodes = [root]
        self._words: list[str] = []
        self._known: dict[tuple[object, ...], Phrases[T]] = {}

    def add(self, words: list[str], meanings: tuple[T, ...]) -> None:
        """Adds a phrase; they come sorted, so a branch that was left is not met again."""
        same = 0
        for word, one in zip(words, self._words, strict=False):
            if word != one:
                break
            same += 1
        self.close(same)
        for word in words[same:]:
            node: Phrases[T] = Phrases()
            self._nodes[-1].next[word] = node
            self._nodes.append(node)
            self._words.append(word)
        self._nodes[-1].meanings = meanings

    def close(self, depth: int) -> None:
        """Finishes the path down to `depth` words: an equal branch takes its place."""
        while len(self._words) > depth:
            word, node = self._words.pop(), self._nodes.pop()
            ways = tuple((further, id(at)) for further, at in node.next.items())
            self._nodes[-1].next[word] = self._known.setdefault((node.meanings, ways), node)


def by_first_word(phrase: str) -> Iterator[tuple[str, str]]:
    """What a phrase in the notation of `expand` may begin with, each with the phrase from there.

    Brackets are opened as far as the first word needs it, and no further.
    """
    before, bracket, rest = phrase.lstrip().partition("(")
    if not bracket or " " in before:
        yield before.split(None, 1)[0], phrase
        return
    depth, begin, at = 1, 0, 0
    ways: list[str] = []
    while depth:
        letter = rest[at]
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth == 0 or (depth == 1 and letter == "|"):
            ways.append(rest[begin:at])
            begin = at + 1
        at += 1
    for way in ways:
        yield from by_first_word(before + way + rest[begin:])


def expand(phrase: str) -> Iterator[str]:
    """Phrases written as one: "leak(|s|ed) (in|at (home|work))" -> leak in, leaks in, ..."""
    nested = _NESTED.search(phrase)
    if nested:
        before, after = phrase[: nested.start(1)], phrase[nested.end(1) :]
        for way in nested[1][1:-1].split("|"):
            yield from expand(before + way + after)
        return
    pieces = _CHOICE.split(phrase)
    # Every second piece stood in brackets.
    ways = [piece.split("|") if i % 2 else [piece] for i, piece in enumerate(pieces)]
    yield from map("".join, product(*ways))
