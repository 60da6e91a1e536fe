"""A reply cut into pieces that the vocabulary knows, and what stands in its tail.

In come a vocabulary and words, out comes a `Reply`. Its questions ("does nothing but courtesy
follow?", "does a doubt close it?") are what `understanding` decides by; whether a no stays one is
asked in `plain_no`. A word that is not known to be harmless is never taken for it.
"""

from collections.abc import Sequence

import msgspec

from flows.clauses import begins_anew
from flows.flags import Found
from flows.marks import Mark, Sort, Tail
from flows.vocabulary import Vocabulary
from flows.words import Tokens

NUMBERS = frozenset((Mark.ONE, Mark.TWO, Mark.THREE, Mark.FOUR))
PLAIN_YES = frozenset((Mark.YES, Mark.ONE))
ANY_YES = frozenset((Mark.YES, Mark.YES_SHORT, Mark.YES_GRUNT, Mark.YES_SOFT, Mark.ONE))
ANY_NO = frozenset((Mark.NO, Mark.NO_SHORT, Mark.NOT_YET, Mark.TWO))
SPOIL = frozenset(Mark) - {
    *(Mark.YES, Mark.YES_SHORT, Mark.DISAGREE),
    *(Mark.FILLER, Mark.ASKING, Mark.AGREE, Mark.GO_ON, Mark.RIGHT),
}
_QUALIFY = frozenset((Mark.YES_SOFT, Mark.UNSURE, Mark.ELSEWHERE, Mark.CORRECTION))
_TROUBLES = frozenset((Sort.SYMPTOM, Sort.TROUBLE, Sort.LACK))
_BARE = frozenset((Mark.FILLER, Mark.FITTING))
_UNSURE = frozenset((Mark.UNSURE,))
_SAYING_NOTHING = frozenset((Tail.FRAME, Tail.LINK, Tail.HARMLESS, Tail.DENIABLE))


class Piece(msgspec.Struct, frozen=True):
    """Some words of a reply and what they mark; no mark where they are not known."""

    marks: tuple[Mark, ...]
    start: int
    end: int

    @property
    def mark(self) -> Mark | None:
        """The first of its marks, in the order of `Mark`: what it is when it leads a reply."""
        return self.marks[0] if self.marks else None

    def is_any(self, marks: frozenset[Mark]) -> bool:
        return not marks.isdisjoint(self.marks)


class Reply(msgspec.Struct, frozen=True):
    """A reply from its first piece that is no filler: what leads, and what follows."""

    vocabulary: Vocabulary
    tokens: Tokens
    lead: Piece
    tail: tuple[Piece, ...]
    found: Found

    def tail_has(self, marks: frozenset[Mark]) -> bool:
        return any(not marks.isdisjoint(piece.marks) for piece in self.tail)

    def is_bare(self) -> bool:
        """Whether nothing but words of a bare yes follow."""
        return all(
            (piece.is_any(_BARE) and not self.is_thinking(piece))
            or (not piece.is_any(SPOIL) and self._all_bare(piece))
            for piece in self.tail
        )

    def is_framed(self) -> bool:
        """Whether what follows says nothing by itself: "I do", "get that"."""
        return all(
            not piece.is_any(SPOIL | ANY_NO)
            and all(
                self.vocabulary.tails.get(word) in _SAYING_NOTHING
                for word in self.tokens.words[piece.start : piece.end]
            )
            for piece in self.tail
        )

    def is_courteous(self, also: frozenset[Mark] = frozenset()) -> bool:
        """Whether nothing but fillers follow, or pieces of marks `also` allowed."""
        allowed = also | {Mark.FILLER, Mark.ASKING}
        return all(piece.is_any(allowed) or self._all_bare(piece) for piece in self.tail)

    def is_choice(self) -> bool:
        """Whether a leading number is a choice ("2", "2. no") and not an amount ("2 weeks")."""
        if self.lead.mark not in NUMBERS:
            return True
        if self.tail_has(NUMBERS - {self.lead.mark}):
            return False
        if not self.tail:
            return True
        following = self.tail[0]
        if self.tokens.words[following.start].isdigit():
            return False
        return bool(self.tokens.breaks[following.start] or following.marks)

    def says_no_later(self) -> bool:
        """Whether a no in the tail stands for an answer, and not for "no feeling"."""
        previous = self.lead
        for i, piece in enumerate(self.tail):
            if piece.is_any(ANY_NO) and (
                Mark.CORRECTION in previous.marks
                or (i + 1 < len(self.tail) and self.tail[i + 1].marks)
                or self.tokens.pause_before(piece.end)
                or (
                    Mark.TWO not in piece.marks
                    and begins_anew(self.vocabulary, self.tokens, piece.end)
                )
            ):
                return True
            previous = piece
        return False

    def is_qualified(self) -> bool:
        """Whether a doubt, an exception or a symptom follows: "but not the leg", "I guess"."""
        after = self.tokens.words[self.lead.end :]
        return (
            self.tail_has(_QUALIFY)
            or not self.vocabulary.syntax.qualifying.isdisjoint(after)
            or any(hit.sort in _TROUBLES and not hit.negated for hit in self.found.hits)
        )

    def ends_in(self, *marks: Mark) -> bool:
        """Whether its last words are one of these: "no, it is", unlike "no, it is weak"."""
        return bool(self.tail) and self.tail[-1].is_any(frozenset(marks))

    def ends_in_yes(self) -> bool:
        """Whether a yes closes the tail, and no no stands in it: "the left one, yes"."""
        return bool(self.tail) and Mark.YES in self.tail[-1].marks and not self.tail_has(ANY_NO)

    def repeats_yes(self) -> bool:
        """Whether a plain yes follows, and neither a no nor a doubt: "I do, yes, on one side"."""
        return self.tail_has(PLAIN_YES) and not self.tail_has(ANY_NO | _UNSURE)

    def holds_doubt(self) -> bool:
        """Whether a doubt stands in the tail, and no answer: "let me look, not sure".

        A soft yes before it is taken back by it: "mostly the left, but I'm not sure".
        """
        closed = bool(self.tail) and self.tail[-1].is_any(_UNSURE)
        answers = (ANY_YES - {Mark.YES_SOFT} if closed else ANY_YES) | ANY_NO
        return self.tail_has(_UNSURE) and not self.tail_has(answers)

    def is_told(self) -> bool:
        """Whether a pause and a story follow, with no no, doubt or word of being well in it."""
        return (
            bool(self.tail)
            and self.tokens.breaks[self.tail[0].start] > 0
            and not self.tail_has(SPOIL | ANY_NO)
            and not (self.tails_of(Tail.NOT) or self.tails_of(Tail.WELL))
        )

    def ends_in_doubt(self) -> bool:
        """Whether a doubt closes the tail after a pause, and no answer stands in it."""
        closing = self.tail[-1] if self.holds_doubt() else None
        return (
            closing is not None
            and closing.is_any(_UNSURE)
            and self.tokens.breaks[closing.start] > 0
        )

    def is_corrected(self) -> bool:
        """Whether the tail takes the lead back for a yes, as its last word: "no wait, yes"."""
        corrected = False
        for piece in self.tail:
            corrected = corrected or Mark.CORRECTION in piece.marks
        return corrected and self.tail[-1].is_any(PLAIN_YES)

    def says_well(self) -> bool:
        """Whether the tail says that something is well, or that a symptom is not there."""
        return bool(self.tails_of(Tail.WELL)) or any(
            hit.negated and hit.sort is not Sort.ABILITY for hit in self.found.hits
        )

    def tails_of(self, tail: Tail) -> list[int]:
        """The places of the words of a kind, the lead's too."""
        tails, words = self.vocabulary.tails, self.tokens.words
        return [i for i in range(self.lead.start, len(words)) if tails.get(words[i]) is tail]

    def is_thinking(self, piece: Piece) -> bool:
        """Whether a filler takes the answer before it back: "no, let me see"."""
        words = self.tokens.words[piece.start : piece.end]
        return Mark.FILLER in piece.marks and not self.vocabulary.syntax.thinking.isdisjoint(words)

    def _all_bare(self, piece: Piece) -> bool:
        vocabulary = self.vocabulary
        low, high = vocabulary.bare_numbers
        return all(
            word in vocabulary.bare or (word.isdigit() and low <= int(word) <= high)
            for word in self.tokens.words[piece.start : piece.end]
        )


def cut(vocabulary: Vocabulary, tokens: Tokens) -> list[Piece]:
    """Words in pieces: the longest phrases that the vocabulary knows, and the words between."""
    pieces: list[Piece] = []
    at = 0
    while at < len(tokens.words):
        end, marks = _parted(vocabulary, tokens, at) or (at + 1, ())
        if at and marks and not tokens.breaks[at] and _is_amount(tokens, at, marks, pieces[-1]):
            marks = ()
        pieces.append(Piece(marks, at, end))
        at = end
    return pieces


def _parted(vocabulary: Vocabulary, tokens: Tokens, at: int) -> tuple[int, tuple[Mark, ...]] | None:
    """The longest phrase from a word on; a no that a pause parts from it is none of it."""
    found = vocabulary.marks.longest(tokens, at)
    if found is None:
        return None
    alone = vocabulary.marks.alone(tokens.words[at])
    if found[0] > at + 1 and tokens.breaks[at + 1] and Mark.NO in alone and _says_no(found[1]):
        # "No, tengo": by text the pause is the writer's own.
        return at + 1, alone
    if Mark.UNSURE not in found[1]:
        return found
    last = found[0] - 1
    if last <= at or not tokens.breaks[last]:
        return found
    before = Tokens(tokens.words[:last], tokens.breaks[:last], tokens.asked)
    shorter = vocabulary.marks.longest(before, at)
    closes = Mark.NO in vocabulary.marks.alone(tokens.words[last])
    # "I don't, no" is no "I don't know".
    return shorter if closes and shorter and _says_no(shorter[1]) else found


def _says_no(marks: tuple[Mark, ...]) -> bool:
    return not ANY_NO.isdisjoint(marks)


def reply_of(
    vocabulary: Vocabulary, tokens: Tokens, pieces: Sequence[Piece], found: Found
) -> Reply | None:
    """The reply that these pieces hold; None where there are only fillers."""
    for i, piece in enumerate(pieces):
        if Mark.FILLER not in piece.marks:
            lead, tail = piece, tuple(pieces[i + 1 :])
            if lead.mark is Mark.COURTESY and any(h.start >= lead.end for h in found.hits):
                # "No problem peeing" is a no of its first word.
                rest = Piece((), lead.start + 1, lead.end)
                lead, tail = Piece((Mark.NO,), lead.start, lead.start + 1), (rest, *tail)
            return Reply(vocabulary, tokens, lead, tail, found)
    return None


def _is_amount(tokens: Tokens, at: int, marks: tuple[Mark, ...], before: Piece) -> bool:
    """Whether a number in letters is no choice: "in one place", unlike "no, wait, one"."""
    counts = not NUMBERS.isdisjoint(marks) and not before.marks
    return counts and not tokens.words[at].isdigit()
