"""The same words heard otherwise, where how they were cut may be a guess.

In come a vocabulary and words, out come the same words with other pauses or in another order; None
where they cannot be heard so.
"""

from flows.marks import Mark, Role
from flows.vocabulary import Vocabulary
from flows.words import COMMA, SENTENCE, Tokens


def without_guesses(vocabulary: Vocabulary, tokens: Tokens) -> Tokens | None:
    """The words without the commas after a no, which are the recogniser's guess; None: no such.

    "No, respiro bien" and "no respiro bien" sound alike, so a no must be one either way.
    """
    guessed = [
        at
        for at in range(1, len(tokens.words))
        if tokens.breaks[at] == COMMA and Role.NO in vocabulary.roles.alone(tokens.words[at - 1])
    ]
    if not guessed:
        return None
    breaks = [0 if at in guessed else pause for at, pause in enumerate(tokens.breaks)]
    return Tokens(tokens.words, breaks, tokens.asked)


def closing_no_first(vocabulary: Vocabulary, tokens: Tokens) -> Tokens | None:
    """The words with the no that closes them in front of them: "not swollen, no".

    None where none does, or it is no answer of its own.
    """
    *before, last = tokens.words
    if not before or tokens.asked or Mark.NO not in vocabulary.marks.alone(last):
        return None
    if not tokens.breaks[-1] and before[-1] in vocabulary.syntax.before_no:
        # "I wouldn't say no", "espero que no".
        return None
    return Tokens([last, *before], [0, SENTENCE, *tokens.breaks[1:-1]], asked=False)
