"""What fits the safe answer to the question asked: "no, months ago" to "did it start this week?".

In come phrases in the notation of `words.expand`, too many to be listed one by one, and words; out
comes how far a phrase reaches. Such words are a doubt at every other question, so they are looked
for only where a plain reading found no answer.
"""

import re
from collections.abc import Iterable

from flows.words import SENTENCE, Tokens

# No phrase is longer; a longer text is not looked through word by word.
_LONGEST = 14


def fitting(phrases: Iterable[str]) -> re.Pattern[str]:
    """The pattern of `phrases`, as `reach` wants it. Raises re.error for one that is written wrong.

    Choices that may be left out leave their spaces behind, so a space may be missing.
    """
    return re.compile("|".join(phrases).replace("(", "(?:").replace(" ", " *"))


def reach(patterns: Iterable[re.Pattern[str]], tokens: Tokens, start: int) -> int | None:
    """Where the longest phrase that begins at word `start` ends, within its sentence."""
    words = tokens.words
    last = start + 1
    while last < min(len(words), start + _LONGEST) and tokens.breaks[last] < SENTENCE:
        last += 1
    said = " ".join(words[start:last])
    begun = [pattern for pattern in patterns if pattern.match(said)]
    for end in range(last, start, -1):
        if any(pattern.fullmatch(said) for pattern in begun):
            return end
        said = said[: -len(words[end - 1]) - 1]
    return None
