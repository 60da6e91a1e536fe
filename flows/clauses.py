"""Where one clause of a reply ends and the next begins, and how far a negation reaches.

In come a vocabulary, words and places among them, out come places. A pause parts clauses, and so
does a word that can only begin one ("I don't have that I'm fine"). What is denied in one clause is
not denied in the next; and what is claimed in one is not taken back by another.
"""

from itertools import pairwise

from flows.marks import Role, Tail
from flows.vocabulary import Vocabulary
from flows.words import SENTENCE, Tokens

_DENYING = frozenset((Role.CANNOT, Role.LOST))


def begins_anew(vocabulary: Vocabulary, tokens: Tokens, at: int) -> bool:
    """Whether a word, or it and the next, shows that a no before it was a reply of its own."""
    return _stands(vocabulary.subjects, tokens, at)


def governs(vocabulary: Vocabulary, tokens: Tokens, at: int) -> bool:
    """Whether the word is a no that belongs to the next one ("no feeling") and is no reply."""
    if Role.NO not in vocabulary.roles.alone(tokens.words[at]):
        return False
    return not (tokens.pause_before(at + 1) or begins_anew(vocabulary, tokens, at + 1))


def clauses(vocabulary: Vocabulary, tokens: Tokens, start: int) -> list[range]:
    """The clauses from a word on, each as the places of its words."""
    begins = [
        start,
        *(
            at
            for at in range(start + 1, len(tokens.words))
            if tokens.breaks[at] or opens(vocabulary, tokens, at)
        ),
    ]
    return [range(*ends) for ends in pairwise([*begins, len(tokens.words)])]


def is_denied(vocabulary: Vocabulary, tokens: Tokens, start: int, at: int) -> bool:
    """Whether a negation from `start` on reaches a word: "it has never really been normal".

    It reaches to the end of its clause, over the commas in it; not over one right after it, nor
    over one that a clause of its own follows: "no numbness, both are fine".
    """
    words = tokens.words
    tensed = False
    for before in range(at - 1, start - 1, -1):
        tensed = tensed or words[before + 1] in vocabulary.tensed
        pause = tokens.breaks[before + 1]
        if pause == SENTENCE or (pause and tensed) or opens(vocabulary, tokens, before + 1):
            return False
        negates = vocabulary.tails.get(words[before]) is Tail.NOT
        if negates or governs(vocabulary, tokens, before):
            return not pause
        if not _DENYING.isdisjoint(vocabulary.roles.alone(words[before])):
            return True
    return False


def is_denied_after(vocabulary: Vocabulary, tokens: Tokens, at: int) -> bool:
    """Whether a no right after a word may take it away: "bien no"."""
    if tokens.words[at] not in vocabulary.before_no or tokens.pause_before(at + 1):
        return False
    return Role.NO in vocabulary.roles.alone(tokens.words[at + 1])


def is_held(vocabulary: Vocabulary, tokens: Tokens, at: int) -> bool:
    """Whether what follows a word is there, whatever is said of it: "with my pregnancy"."""
    return _stands(vocabulary.holding, tokens, at)


def opens(vocabulary: Vocabulary, tokens: Tokens, at: int) -> bool:
    """Whether a word can only begin a clause: "im", unlike "nothing i take", "not that im well"."""
    if not _stands(vocabulary.openers, tokens, at):
        return False
    if tokens.breaks[at]:
        return True
    before = tokens.words[at - 1]
    leads_up = vocabulary.tails.get(before) is Tail.NOT and before not in vocabulary.standing
    two = "_".join(tokens.words[max(at - 2, 0) : at])
    return not (leads_up or before in vocabulary.leading or two in vocabulary.leading)


def _stands(known: frozenset[str], tokens: Tokens, at: int) -> bool:
    words = tokens.words
    return words[at] in known or "_".join(words[at : at + 2]) in known
