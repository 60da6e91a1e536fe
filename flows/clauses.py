"""Where one clause of a reply ends and the next begins, and how far a negation reaches.

In come a vocabulary, words and places among them, out come places. A pause parts clauses, and so
does a word that can only begin one ("I don't have that I'm fine"). What is denied in one clause is
not denied in the next; and what is claimed in one is not taken back by another.
"""

from itertools import pairwise

from flows.marks import Role, Tail
from flows.vocabulary import Vocabulary
from flows.words import SENTENCE, Tokens

# So far before it a word may hedge another: "it can all be fine".
_NEAR = 3
_DENYING = frozenset((Role.CANNOT, Role.LOST))


def begins_anew(vocabulary: Vocabulary, tokens: Tokens, at: int) -> bool:
    """Whether a word, or it and the next, shows that a no before it was a reply of its own."""
    return _stands(vocabulary.syntax.subjects, tokens, at)


def governs(vocabulary: Vocabulary, tokens: Tokens, at: int) -> bool:
    """Whether the word is a no that belongs to the next one ("no feeling") and is no reply."""
    if Role.NO not in vocabulary.roles.alone(tokens.words[at]):
        return False
    return not (tokens.pause_before(at + 1) or begins_anew(vocabulary, tokens, at + 1))


def clauses(vocabulary: Vocabulary, tokens: Tokens, start: int) -> list[range]:
    """The clauses from a word on, each as the places of its words."""
    words = tokens.words
    begins = [start]
    for at in range(start + 1, len(words)):
        joins = words[at] in vocabulary.syntax.joining
        joins = joins and not vocabulary.syntax.claiming.isdisjoint(words[begins[-1] : at])
        if tokens.breaks[at] or joins or opens(vocabulary, tokens, at):
            begins.append(at)
    return [range(*ends) for ends in pairwise([*begins, len(words)])]


def is_denied(vocabulary: Vocabulary, tokens: Tokens, start: int, at: int) -> bool:
    """Whether a negation from `start` on reaches a word: "it has never really been normal".

    It reaches to the end of its clause, over the commas in it; not over one right after it, nor
    over one that a clause of its own follows: "no numbness, both are fine".
    """
    words = tokens.words
    tensed = False
    for before in range(at - 1, start - 1, -1):
        tensed = tensed or words[before + 1] in vocabulary.syntax.tensed
        pause = tokens.breaks[before + 1]
        if pause == SENTENCE or opens(vocabulary, tokens, before + 1):
            return False
        if pause and tensed and words[before + 1] not in vocabulary.syntax.tensed:
            return False
        negates = vocabulary.tails.get(words[before]) is Tail.NOT
        if negates or governs(vocabulary, tokens, before):
            return not pause
        if not _DENYING.isdisjoint(vocabulary.roles.alone(words[before])):
            return True
    return False


def is_denied_after(vocabulary: Vocabulary, tokens: Tokens, at: int) -> bool:
    """Whether a no right after a word may take it away: "bien no"."""
    if tokens.words[at] not in vocabulary.syntax.before_no or tokens.pause_before(at + 1):
        return False
    return Role.NO in vocabulary.roles.alone(tokens.words[at + 1])


def is_of_something(vocabulary: Vocabulary, tokens: Tokens, at: int) -> bool:
    """Whether a word of being well is of a thing that is there: "ok about it", "the good kind"."""
    if tokens.pause_before(at + 1):
        return False
    return _stands(vocabulary.syntax.well_before, tokens, at + 1)


def is_hedged(vocabulary: Vocabulary, tokens: Tokens, start: int, at: int) -> bool:
    """Whether a word before it makes a word of being well none: "it had been fine"."""
    words = tokens.words
    for before in range(at - 1, max(start, at - _NEAR) - 1, -1):
        if tokens.breaks[before + 1]:
            return False
        if words[before] in vocabulary.syntax.well_after:
            return True
    return False


def is_held(vocabulary: Vocabulary, tokens: Tokens, at: int) -> bool:
    """Whether what follows a word is there, whatever is said of it: "with my pregnancy"."""
    return _stands(vocabulary.syntax.holding, tokens, at)


def opens(vocabulary: Vocabulary, tokens: Tokens, at: int) -> bool:
    """Whether a word can only begin a clause: "im", unlike "nothing i take", "not that im well"."""
    if not _stands(vocabulary.syntax.openers, tokens, at):
        return False
    if tokens.breaks[at]:
        return True
    words, tails = tokens.words, vocabulary.tails
    before = words[at - 1]
    # "Neither are they normal".
    turned = at > 1 and before in vocabulary.syntax.tensed and tails.get(words[at - 2]) is Tail.NOT
    leads_up = tails.get(before) is Tail.NOT and before not in vocabulary.syntax.standing
    two = "_".join(words[max(at - 2, 0) : at])
    leads_up = leads_up or turned or before in vocabulary.syntax.leading
    return not (leads_up or two in vocabulary.syntax.leading)


def _stands(known: frozenset[str], tokens: Tokens, at: int) -> bool:
    words = tokens.words
    return words[at] in known or "_".join(words[at : at + 2]) in known
