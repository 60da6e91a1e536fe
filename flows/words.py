"""Words and phrases: somebody's words as `Tokens`, and a tree that finds phrases in them.

Many phrases are written as one: "leak(|s|ed) (in|at (home|work))" is leak in, leaks in, leaked in,
leak at home and so on. No language is known here.
"""

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")

_MARK = re.compile(r"[()|]")
_DEEPER = {"(": 1, "|": 0, ")": -1}

COMMA = 1
SENTENCE = 2
"""What stands between two words, as in `Tokens.breaks`; 0 for nothing."""


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
    def of(cls, entries: Iterable[tuple[str, T]]) -> "Phrases[T]":
        """The tree of `entries`: phrases as they are written, each with what it means.

        Phrases are not spelt out: a node is made from what may follow it, as it is written, and
        nodes with the same to follow are one. Equal branches are kept once, too: the endings of a
        phrase are alike for all its beginnings. (Brzozowski, Journal of the ACM 11(4), 1964:
        derivatives of expressions.)
        """
        return _Building(cls).leading_to(tuple(entries))

    def words(self, wanted: AbstractSet[T] | None = None) -> set[str]:
        """Every word of every phrase, or of those that mean one of `wanted`."""
        words: set[str] = set()
        met: dict[Phrases[T], bool] = {}

        def leads_there(node: Phrases[T]) -> bool:
            leads = wanted is None or not wanted.isdisjoint(node.meanings)
            for word, further in node.next.items():
                if met[further] if further in met else leads_there(further):
                    words.add(word)
                    leads = True
            met[node] = leads
            return leads

        leads_there(self)
        return words

    def single_words(self, wanted: AbstractSet[T]) -> set[str]:
        """The words that by themselves mean one of `wanted`."""
        return {word for word, at in self.next.items() if not wanted.isdisjoint(at.meanings)}

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
    """A tree as it is made, and what it holds once: each node, each word."""

    def __init__(self, kind: type[Phrases[T]]) -> None:
        self._kind = kind
        self._made: dict[tuple[tuple[str, T], ...], Phrases[T]] = {}
        self._kept: dict[tuple[object, ...], Phrases[T]] = {}
        self._opened: dict[str, tuple[tuple[str, str], ...]] = {}
        self._words: dict[str, str] = {}

    def leading_to(self, left: tuple[tuple[str, T], ...]) -> Phrases[T]:
        """The node after which one of `left` is to follow."""
        # In dicts, since they keep the order and hold nothing twice.
        meanings: dict[T, None] = {}
        further: dict[str, dict[tuple[str, T], None]] = {}
        for phrase, meaning in left:
            begin = self._opened.get(phrase)
            if begin is None:
                begin = self._opened[phrase] = first_words(phrase)
            for written, rest in begin:
                if written:
                    word = self._words.setdefault(written, written)
                    further.setdefault(word, {})[rest, meaning] = None
                else:
                    meanings[meaning] = None
        node = self._kind()
        node.meanings = tuple(meanings)
        for word in sorted(further):
            after = tuple(further[word])
            node.next[word] = self._made.get(after) or self.leading_to(after)
        self._made[left] = node = self._kept.setdefault((node.meanings, *node.next.items()), node)
        return node


def first_words(phrase: str) -> tuple[tuple[str, str], ...]:
    """The words that a written phrase may begin with, each with what is left of it.

    ("", "") is among them where it may have no word at all. Brackets are opened as far as the
    first word needs it, and no further.
    """
    before, bracket, rest = phrase.lstrip().partition("(")
    word, space, more = before.partition(" ")
    if space:
        return ((word, (more + bracket + rest).lstrip()),)
    if not bracket:
        return ((word, ""),)
    found: dict[tuple[str, str], None] = {}
    ways, after = _choices(rest)
    for way in ways:
        found.update(dict.fromkeys(first_words(before + way + after)))
    return tuple(found)


def _choices(opened: str) -> tuple[list[str], str]:
    """What may stand in a bracket, and what follows it; `opened` begins right after the "("."""
    depth, begin = 1, 0
    ways: list[str] = []
    marks = _MARK.finditer(opened)
    while depth:
        mark = next(marks)
        depth += _DEEPER[mark[0]]
        if depth == 0 or (depth == 1 and mark[0] == "|"):
            ways.append(opened[begin : mark.start()])
            begin = mark.end()
    return ways, opened[begin:]
