"""Words as they were meant: without what a speaker adds while looking for the next one.

In come a vocabulary and words, out come the same with no hesitation ("um"), no word said
twice in a row ("I I haven't") and no sentence left off at its first word ("I, no"). What is dropped
answers nothing, and a pause beside it stays.
"""

from flows.vocabulary import Vocabulary
from flows.words import SENTENCE, Tokens


def fluent(vocabulary: Vocabulary, tokens: Tokens) -> Tokens:
    """The words without hesitations, stutters and false starts, unless nothing would be left."""
    if vocabulary.halting.isdisjoint(tokens.words):
        return tokens
    kept: list[str] = []
    breaks: list[int] = []
    pause = until = 0
    for at, word in enumerate(tokens.words):
        pause = max(pause, tokens.breaks[at])
        if at >= until:
            if _is_stutter(vocabulary, kept, word, pause):
                # The same word on either side shows that nothing ends there: "any, uh, any".
                pause = 0
                continue
            known = vocabulary.marks.longest(tokens, at)
            # "Uh huh" is an answer; "um" alone is none.
            until = known[0] if known and known[0] > at + 1 else at
        if at < until or not _is_dropped(vocabulary, tokens, at):
            kept.append(word)
            breaks.append(pause)
            pause = 0
    return Tokens(kept, breaks, tokens.asked) if kept else tokens


def _is_stutter(vocabulary: Vocabulary, kept: list[str], word: str, pause: int) -> bool:
    again = bool(kept) and kept[-1] == word and pause < SENTENCE
    return again and word in vocabulary.stutters


def _is_dropped(vocabulary: Vocabulary, tokens: Tokens, at: int) -> bool:
    word, after = tokens.words[at], at + 1
    left_off = after < len(tokens.words) and tokens.breaks[after] > 0
    return word in vocabulary.hesitations or (left_off and word in vocabulary.starts)
