"""The words that callers used, as keyed hashes, so that staff can search what is sealed.

A word is folded as the understanding folds it: small, without accents, spelt as the vocabulary
spells it. Left out are the words of plain answers and what stands in any sentence: their hashes
could be told by how often they come, and with them who said yes to what.

The index says in which conversation a word was used, not where in it nor how often. It is derived
from the turns (`store.rebuild`), anew when a vocabulary has changed.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from sqlalchemy import BigInteger, Insert, bindparam, exists, insert, select

from flows.conversation import Turn
from flows.marks import Mark, Tail
from flows.reading import Answer
from flows.spelling import tokenise
from flows.utterance import Kind
from flows.vocabulary import Vocabulary, read_vocabulary
from store.card_tables import words
from store.database import Database
from store.link import Write
from store.sealing import Sealer
from store.tables import conversations
from store.turns import Appended, Companion

_SAID: Final = (Kind.TEXT, Kind.SPEECH)
_TELLING: Final = frozenset((Mark.BACK, Mark.CLINIC, Mark.YES_SOFT))
"""Words of a reply that are also words of the body, or of how bad it is."""
_EMPTY_TAILS: Final = frozenset((Tail.HARMLESS, Tail.NOT, Tail.FRAME))


def fold(vocabulary: Vocabulary, said: str) -> frozenset[str]:
    """The words of `said` that are worth searching for, in the form in which they are kept."""
    if said.isdigit():
        return frozenset()
    left_out = _left_out(vocabulary.language)
    found = tokenise(vocabulary.spelling, said).words
    return frozenset(
        word
        for word in found
        if word not in left_out
        and len(word) > 1
        and not word.isdigit()
        and not _is_plain(vocabulary, word)
    )


def words_of(vocabularies: Mapping[str, Vocabulary], turn: Turn) -> frozenset[str]:
    """The words of a turn that are kept; none where nothing was written or said."""
    if turn.utterance.kind not in _SAID:
        return frozenset()
    vocabulary = vocabularies[turn.state.language]
    found = fold(vocabulary, turn.utterance.words)
    answered = turn.reading is not None and isinstance(turn.reading.meaning, Answer)
    if answered and found <= _of_replies(vocabulary.language):
        return frozenset()
    return found


def word_hash(sealer: Sealer, clinic: int, word: str) -> int:
    """A number of 64 bits that stands for the word at that clinic."""
    content = f"{clinic}\0{word}".encode("utf-8", "surrogatepass")
    return int.from_bytes(sealer.mark("word", content)[:8], signed=True)


def word_writes(
    database: Database, sealer: Sealer, vocabularies: Mapping[str, Vocabulary]
) -> Companion:
    """The companion that keeps the words of each turn."""
    add = database.query(add_word())

    def writes(appended: Appended) -> Iterable[Write]:
        for word in sorted(words_of(vocabularies, appended.turn)):
            hashed = word_hash(sealer, appended.clinic, word)
            yield add, {"word": hashed, "of": appended.conversation}

    return writes


def add_word() -> Insert:
    """A word of the conversation `of`, unless it is there."""
    word = bindparam("word", type_=BigInteger)
    this = conversations.c.id == bindparam("of")
    known = exists().where(words.c.word == word, words.c.conversation_id == bindparam("of"))
    chosen = select(word, conversations.c.id).where(this, ~known)
    return insert(words).from_select(["word", "conversation_id"], chosen)


def _is_plain(vocabulary: Vocabulary, word: str) -> bool:
    return any(mark not in _TELLING for mark in vocabulary.marks.alone(word))


@lru_cache
def _of_replies(language: str) -> frozenset[str]:
    """The words that an answer can be made of, "know" of "I don't know" among them."""
    return frozenset(read_vocabulary(language).marks.words())


@lru_cache
def _left_out(language: str) -> frozenset[str]:
    """What stands in any sentence; and what answers are made of, where it says nothing else."""
    vocabulary = read_vocabulary(language)
    telling = {word for word, tail in vocabulary.tails.items() if tail is Tail.NOUN}
    telling.update(vocabulary.concepts.words())
    replies = vocabulary.marks.words() - telling
    tails = {word for word, tail in vocabulary.tails.items() if tail in _EMPTY_TAILS}
    return vocabulary.skipped | replies | tails
