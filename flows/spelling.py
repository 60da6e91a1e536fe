"""How words are written: as they came -> small, plain, spelt as the vocabulary spells them.

In comes any string, out come `Tokens`. Rests on the Unicode data of the standard library; which
spellings are meant, and which letters are vowels, is the vocabulary's to say.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flows.words import COMMA, SENTENCE, Tokens

_APOSTROPHES = str.maketrans(
    dict.fromkeys("\u2019\u2018\u02bc\u0060\u00b4\uff07\u2032\u02b9\u201b", "'")
)
_HIDDEN = frozenset(("Mn", "Me", "Cf"))
_RUN = re.compile(r"(.)\1+")
_STRETCHED = re.compile(r"(.)\1\1")
_STOPS = frozenset(".!?;\n\r")
_PIECE = (
    r"[0-9]+(?:[.,][0-9]+)?|[^\W\d_]+(?:'[^\W\d_]+)*|[.!?;\n\r]+"
    r"|[,:()/=\[\]\u2013\u2014]|\s-+(?=\s)"
)
# A shorter word has too many neighbours to be guessed.
_GUESSED = 7


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a language's written words are made uniform.

    `variants`: a spelling -> the words meant. `known`: words that are right as they stand.
    `stretchable`: words that may be written with letters doubled ("noo").
    `endings`: how an unknown word may end, and how the word meant does ("leakin", "leaking").
    `plain`: words that are not to be guessed at.
    `owners`: words of which an ending with an apostrophe is no part ("leg's").
    `guesses`: what is left of a word with one letter out -> the words it may have been.
    """

    variants: Mapping[str, tuple[str, ...]]
    known: frozenset[str]
    stretchable: frozenset[str]
    endings: Mapping[str, str]
    owners: frozenset[str]
    vowels: frozenset[str]
    guesses: Mapping[str, tuple[str, ...]]
    plain: frozenset[str]
    splitter: re.Pattern[str]


def splitter(symbols: Iterable[str]) -> re.Pattern[str]:
    """The pattern that cuts words; `symbols`: emoji, and words with digits, that mean something."""
    # In one group: what stands before it is then looked at once, and not for each of them.
    whole = "|".join(map(re.escape, symbols))
    return re.compile(rf"(?<!\w)(?:{whole})(?!\w)|{_PIECE}")


def tokenise(spelling: Spelling, words: str) -> Tokens:
    """Words as they came -> plain small words, apostrophes and accents gone, and their breaks."""
    words = words.replace("`", "'") if words.isascii() else _plain(words)
    found: list[str] = []
    breaks: list[int] = []
    pause = 0
    asked = False
    variants, known = spelling.variants, spelling.known
    for piece in spelling.splitter.findall(words.lower()):
        if piece in variants:
            meant = variants[piece]
        elif piece in known:
            meant = (piece,)
        else:
            first = piece[0]
            if first in _STOPS:
                pause = SENTENCE
                asked = asked or "?" in piece
                continue
            if not first.isalnum():
                pause = max(pause, COMMA)
                continue
            owner, _, owned = piece.rpartition("'")
            if owner in spelling.owners and "'" + owned in spelling.endings:
                meant = (owner,)
            else:
                meant = _uniform(spelling, piece.replace("'", ""))
        for word in meant:
            found.append(word)
            breaks.append(pause)
            pause = 0
    return Tokens(found, breaks, asked)


def guess(spelling: Spelling, word: str) -> str | None:
    """The word that an unknown one may be, one slip away; only ever good enough to ask about."""
    if len(word) < _GUESSED or word in spelling.plain or not word.isalpha():
        return None
    for left in (word, *_less_a_letter(word)):
        for meant in spelling.guesses.get(left, ()):
            if _is_slip(word, meant, spelling.vowels):
                return meant
    return None


def guesses(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The table of `Spelling.guesses` for the words that may be guessed."""
    table: dict[str, tuple[str, ...]] = {}
    for word in sorted({word for word in words if len(word) >= _GUESSED and word.isalpha()}):
        alone = (word,)  # one for all that is left of it: there are thousands
        for left in {word, *_less_a_letter(word)}:
            table[left] = (*table[left], word) if left in table else alone
    return table


def _less_a_letter(word: str) -> list[str]:
    return [word[:i] + word[i + 1 :] for i in range(1, len(word))]


def _is_slip(word: str, meant: str, vowels: frozenset[str]) -> bool:
    """A letter left out, put in or swapped with the next, or another vowel: no other change.

    The first letter is the same: neither word is ever looked up without it.
    """
    if len(word) != len(meant):
        return True
    apart = [i for i in range(len(word)) if word[i] != meant[i]]
    if len(apart) == 1:
        return word[apart[0]] in vowels and meant[apart[0]] in vowels
    one, two = apart[0], apart[-1]
    swapped = word[:one] + word[two] + word[one] + word[two + 1 :]
    return two == one + 1 and swapped == meant


def _plain(words: str) -> str:
    """Widths, ligatures, accents, curly apostrophes and invisible characters made plain."""
    words = unicodedata.normalize("NFKC", words.translate(_APOSTROPHES))
    words = unicodedata.normalize("NFD", words)
    return "".join(c for c in words if unicodedata.category(c) not in _HIDDEN)


def _uniform(spelling: Spelling, word: str) -> tuple[str, ...]:
    meant = spelling.variants.get(word)
    if meant is not None:
        return meant
    if word in spelling.known or word[0].isdigit():
        return (word,)
    for ending, meant_ending in spelling.endings.items():
        if word.endswith(ending):
            longer = word[: -len(ending)] + meant_ending
            if longer in spelling.known and longer not in spelling.stretchable:
                return (longer,)
    if _RUN.search(word):
        short = _RUN.sub(r"\1", word)
        short = spelling.variants.get(short, (short,))[0]
        if short in spelling.stretchable:
            return (short,)
        # Two of a letter may be another word ("loose", "lose"); three are always stretched.
        if _STRETCHED.search(word):
            for shorter in (_RUN.sub(r"\1\1", word), short):
                if shorter in spelling.known:
                    return (shorter,)
    return (word,)
