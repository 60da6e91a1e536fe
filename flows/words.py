"""Words as they came, made plain, and phrases looked up in them.

In comes any string, out come `Tokens`; and a table of phrases finds the longest one that begins
at a word. Rests on the Unicode data of the standard library alone. No language is known here.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TypeVar

T = TypeVar("T")

Phrases = Mapping[str, tuple[tuple[tuple[str, ...], T], ...]]
"""First word -> what may follow it and what that means, the longest first."""

_APOSTROPHES = str.maketrans(
    dict.fromkeys("\u2019\u2018\u02bc\u0060\u00b4\uff07\u2032\u02b9\u201b", "'")
)
_HIDDEN = frozenset(("Mn", "Me", "Cf"))
_GROUP = re.compile(r"\(([^()]*)\)")
_RUN = re.compile(r"(.)\1+")
_SENTENCE = frozenset(".!?;\n\r")
_PIECE = (
    r"[0-9]+(?:[.,][0-9]+)?|[^\W\d_]+(?:'[^\W\d_]+)*|[.!?;\n\r]+"
    r"|[,:()/=\[\]\u2013\u2014]|\s-+(?=\s)"
)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Somebody's words, ready to be looked up.

    `breaks[i]`: what stands before word i: 0 nothing, 1 a comma or dash, 2 the end of a sentence.
    `end`: the same after the last word. `asked`: there was a question mark.
    """

    words: list[str]
    breaks: list[int]
    end: int
    asked: bool

    def pause_after(self, end: int) -> int:
        """What stands after the words up to `end`; 2 after the last one."""
        return self.breaks[end] if end < len(self.words) else 2


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a language's written words are made uniform.

    `variants`: a spelling -> the words meant. `known`: words that are right as they stand.
    `stretchable`: words that may be written with letters doubled ("noo").
    `splitter`: finds words, numbers, breaks, and the symbols that mean something.
    """

    variants: Mapping[str, tuple[str, ...]]
    known: frozenset[str]
    stretchable: frozenset[str]
    splitter: re.Pattern[str]


def splitter(symbols: Iterable[str]) -> re.Pattern[str]:
    """The pattern that cuts words, given the symbols (emoji) that mean something."""
    return re.compile("|".join((_PIECE, *(re.escape(symbol) for symbol in symbols))))


def tokenise(spelling: Spelling, words: str) -> Tokens:
    """Words as they came -> plain small words, apostrophes and accents gone, and their breaks."""
    if not words.isascii():
        words = _plain(words)
    found: list[str] = []
    breaks: list[int] = []
    pause = 0
    asked = False
    variants = spelling.variants
    for piece in spelling.splitter.findall(words.lower()):
        meant = variants.get(piece)
        if meant is None:
            first = piece[0]
            if first in _SENTENCE:
                pause = 2
                asked = asked or "?" in piece
                continue
            if not first.isalnum():
                pause = max(pause, 1)
                continue
            meant = _uniform(spelling, piece.replace("'", ""))
        for word in meant:
            found.append(word)
            breaks.append(pause)
            pause = 0
    return Tokens(found, breaks, pause, asked)


def longest(phrases: Phrases[T], words: list[str], start: int) -> tuple[int, T] | None:
    """The longest phrase that begins at `start`: where it ends, and what it means."""
    for rest, meaning in phrases.get(words[start], ()):
        end = start + 1 + len(rest)
        if not rest or tuple(words[start + 1 : end]) == rest:
            return end, meaning
    return None


def expand(phrase: str) -> list[str]:
    """ "leak(|s|ed)" -> leak, leaks, leaked."""
    parts = _GROUP.split(phrase)
    choices = [[part] if i % 2 == 0 else part.split("|") for i, part in enumerate(parts)]
    return ["".join(choice) for choice in product(*choices)]


def index(
    phrases: Iterable[tuple[str, T]], keep: Callable[[str], bool] = bool
) -> dict[str, tuple[tuple[tuple[str, ...], tuple[T, ...]], ...]]:
    """Phrases (in the notation of `expand`) by first word, less the words not to `keep`."""
    found: dict[str, dict[tuple[str, ...], tuple[T, ...]]] = {}
    for phrase, meaning in phrases:
        for one in expand(phrase):
            words = one.split()
            first, *rest = [word for word in words if keep(word)] or words
            options = found.setdefault(first, {})
            meanings = options.get(tuple(rest), ())
            if meaning not in meanings:
                options[tuple(rest)] = (*meanings, meaning)
    return {
        first: tuple(sorted(options.items(), key=lambda option: -len(option[0])))
        for first, options in found.items()
    }


def vocabulary_of(phrases: Phrases[T]) -> Iterable[str]:
    """Every word of a table of phrases."""
    for first, options in phrases.items():
        yield first
        for rest, _ in options:
            yield from rest


def _plain(words: str) -> str:
    """Widths, ligatures, accents, curly apostrophes and invisible characters made plain."""
    words = unicodedata.normalize("NFKC", words.translate(_APOSTROPHES))
    words = unicodedata.normalize("NFD", words)
    return "".join(c for c in words if unicodedata.category(c) not in _HIDDEN)


def _uniform(spelling: Spelling, word: str) -> tuple[str, ...]:
    meant = spelling.variants.get(word)
    if meant is not None:
        return meant
    if word not in spelling.known and _RUN.search(word) and not word[0].isdigit():
        short = _RUN.sub(r"\1", word)
        short = spelling.variants.get(short, (short,))[0]
        if short in spelling.stretchable:
            return (short,)
        # Two of a letter may be another word ("loose", "lose"); three are always stretched.
        if any(len(run[0]) > 2 for run in _RUN.finditer(word)):
            for shorter in (_RUN.sub(r"\1\1", word), short):
                if shorter in spelling.known:
                    return (shorter,)
    return (word,)
