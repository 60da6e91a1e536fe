"""Words as they were meant: without what a speaker adds while looking for the next one.

In come a vocabulary and words, out come the same with no hesitation ("um"), words said
twice in a row ("I I haven't") and no sentence left off at its first word ("I, no"). What is dropped
answers nothing, and a pause beside it stays.
"""

from flows.marks import Tail
from flows.vocabulary import Vocabulary
from flows.words import SENTENCE, Tokens

_SEVERAL = (3, 2)


def fluent(vocabulary: Vocabulary, tokens: Tokens) -> Tokens:
    """The words without hesitations, stutters and false starts, unless nothing would be left."""
    if not _is_halting(vocabulary, tokens):
        return tokens
    kept: list[str] = []
    breaks: list[int] = []
    at = pause = until = 0
    while at < len(tokens.words):
        pause = max(pause, tokens.breaks[at])
        if at >= until:
            again = _said_again(vocabulary, kept, tokens, at) if pause < SENTENCE else 0
            if again:
                # The same words on either side show that nothing ends there: "any, uh, any".
                at, pause = at + again, 0
                continue
            known = vocabulary.marks.longest(tokens, at)
            # "Uh huh" is an answer; "um" alone is none.
            until = known[0] if known and known[0] > at + 1 else at
        if at < until or not _is_dropped(vocabulary, tokens, at):
            kept.append(tokens.words[at])
            breaks.append(pause)
            pause = 0
        at += 1
    return Tokens(kept, breaks, tokens.asked) if kept else tokens


def _is_halting(vocabulary: Vocabulary, tokens: Tokens) -> bool:
    words = tokens.words
    left_off = any(tokens.breaks[1:]) and not vocabulary.syntax.starts.isdisjoint(words)
    again = len(set(words)) < len(words)
    return left_off or again or not vocabulary.syntax.hesitations.isdisjoint(words)


def _said_again(vocabulary: Vocabulary, kept: list[str], tokens: Tokens, at: int) -> int:
    """How many words from this one on are those just kept, said once more."""
    words, breaks = tokens.words, tokens.breaks
    for count in _SEVERAL:
        again = words[at : at + count]
        if len(again) == count and kept[-count:] == again and not any(breaks[at + 1 : at + count]):
            return count
    # "Not not numb" is no stutter, and "not, not really" is one.
    parted = breaks[at] > 0 and vocabulary.tails.get(words[at]) is Tail.NOT
    return int(kept[-1:] == [words[at]] and (parted or words[at] in vocabulary.syntax.stutters))


def _is_dropped(vocabulary: Vocabulary, tokens: Tokens, at: int) -> bool:
    word, after = tokens.words[at], at + 1
    left_off = after < len(tokens.words) and tokens.breaks[after] > 0
    return word in vocabulary.syntax.hesitations or (left_off and word in vocabulary.syntax.starts)
