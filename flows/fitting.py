"""What fits the safe answer to the question asked: "no, months ago" to "did it start this week?".

In come phrases as `flows.words` writes them, too many to be listed one by one, and words; out
comes how far a phrase reaches. Such words are a doubt at every other question, so they are looked
for only where a plain reading found no answer.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flows.words import SENTENCE, Tokens

# No phrase is longer; a longer text is not looked through word by word.
_LONGEST = 14
_WORD = re.compile(r"\w+(?= |$)")


@dataclass(frozen=True, slots=True)
class Fitting:
    """Phrases as one pattern, and the words that they begin with."""

    pattern: re.Pattern[str]
    begin: frozenset[str]


def fitting(phrases: Iterable[str]) -> Fitting:
    """The phrases, ready for `reach`. Raises re.error for one that is written wrong.

    Choices that may be left out leave their spaces behind, so a space may be missing.
    """
    written = tuple(phrases)
    pattern = re.compile("|".join(written).replace("(", "(?:").replace(" ", " *"))
    return Fitting(pattern, frozenset(word for phrase in written for word in _begin(phrase)))


def reach(known: Iterable[Fitting], tokens: Tokens, start: int) -> int | None:
    """Where the longest phrase that begins at word `start` ends, within its sentence."""
    words = tokens.words
    begun = [one.pattern for one in known if words[start] in one.begin]
    if not begun:
        return None
    last = start + 1
    while last < min(len(words), start + _LONGEST) and tokens.breaks[last] < SENTENCE:
        last += 1
    said = " ".join(words[start:last])
    begun = [pattern for pattern in begun if pattern.match(said)]
    for end in range(last, start, -1) if begun else ():
        if any(pattern.fullmatch(said) for pattern in begun):
            return end
        said = said[: -len(words[end - 1]) - 1]
    return None


def _begin(phrase: str) -> Iterator[str]:
    """The words that a phrase may begin with."""
    ways = [phrase]
    while ways:
        way = ways.pop().lstrip()
        word = _WORD.match(way)
        if word:
            yield word[0]
        elif way:
            ways += _choose(way)


def _choose(phrase: str) -> Iterator[str]:
    """The phrase once for each way to choose in its first brackets."""
    opened = phrase.index("(")
    depth, since, choices, at = 1, opened + 1, list[str](), opened
    while depth:
        at += 1
        depth += {"(": 1, ")": -1}.get(phrase[at], 0)
        if depth == 0 or (depth == 1 and phrase[at] == "|"):
            choices.append(phrase[since:at])
            since = at + 1
    for choice in choices:
        yield phrase[:opened] + choice + phrase[since:]
