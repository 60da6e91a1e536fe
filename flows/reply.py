"""A reply cut into pieces that the vocabulary knows, and what stands in its tail.

In come a vocabulary and words, out comes a `Reply`. Its questions ("does nothing but courtesy
follow?", "does a no stay a no?") are what `understanding` decides by. A word that is not known to
be harmless is never taken for it.
"""

from collections.abc import Sequence

import msgspec

from flows.flags import Found, Hit
from flows.vocabulary import Mark, Role, Sort, Tail, Vocabulary
from flows.words import SENTENCE, Tokens

NUMBERS = frozenset((Mark.ONE, Mark.TWO, Mark.THREE, Mark.FOUR))
PLAIN_YES = frozenset((Mark.YES, Mark.ONE))
ANY_YES = frozenset((Mark.YES, Mark.YES_SHORT, Mark.YES_GRUNT, Mark.YES_SOFT, Mark.ONE))
ANY_NO = frozenset((Mark.NO, Mark.NO_SHORT, Mark.NOT_YET, Mark.TWO))
_SPOIL = frozenset(Mark) - {
    *(Mark.YES, Mark.YES_SHORT, Mark.DISAGREE),
    *(Mark.FILLER, Mark.ASKING, Mark.AGREE, Mark.GO_ON, Mark.RIGHT),
}
_SPOIL_NO = _SPOIL - {Mark.NO, Mark.NO_SHORT, Mark.TWO, Mark.ELSEWHERE, Mark.FITTING} | {Mark.YES}
_BARE = frozenset((Mark.FILLER, Mark.FITTING))
_NO = frozenset((Mark.NO,))
_UNSURE = frozenset((Mark.UNSURE,))
_LEAVE_NO = frozenset((Mark.FILLER, Mark.TWO, Mark.NO, Mark.ELSEWHERE, Mark.FITTING))
_APART = frozenset((Mark.ELSEWHERE, Mark.FITTING))
_FRAMES = frozenset((Tail.FRAME, Tail.LINK, Tail.NOUN))
_SAYING_NOTHING = frozenset((Tail.FRAME, Tail.LINK, Tail.HARMLESS))
_BESIDE_NOUNS = frozenset((Tail.LINK, Tail.HARMLESS))
_TAKING_BACK = frozenset((Tail.NOT, Tail.WELL))
_DENYING = frozenset((Role.NO, Role.NOT, Role.CANNOT, Role.LOST))
# "No, I don't feel good": the negation reaches the word of being well.
_NEAR = 3


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
            piece.is_any(_BARE) or (not piece.is_any(_SPOIL) and self._all_bare(piece))
            for piece in self.tail
        )

    def is_framed(self) -> bool:
        """Whether what follows says nothing by itself: "I do", "get that"."""
        return all(
            not piece.is_any(_SPOIL | ANY_NO)
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
                or (Mark.TWO not in piece.marks and self._is_subject(piece.end))
            ):
                return True
            previous = piece
        return False

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
            and not self.tail_has(_SPOIL | ANY_NO)
            and not (self._tails_of(Tail.NOT) or self._tails_of(Tail.WELL))
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
        return bool(self._tails_of(Tail.WELL)) or any(
            hit.negated and hit.sort is not Sort.ABILITY for hit in self.found.hits
        )

    def stays_no(self) -> bool:
        """Whether every word after a no leaves it one.

        Words about the body must be taken away ("no numbness") or said to be well; words that say
        nothing by themselves ("I have that") need a negation or a word of being well.
        """
        if not self.tail:
            return True
        if self.tail_has(_SPOIL_NO) or (self.tail_has(NUMBERS) and len(self.tail) > 1):
            return False
        start = self.tail[0].start
        bodily = self._bodily(start)
        if bodily is None or not self._takes_only_nouns(start):
            return False
        if self._is_claimed() or not self._takes_every_noun(start):
            return False
        negations = self._tails_of(Tail.NOT)
        well = self._tails_of(Tail.WELL)
        if any(0 < good - negation <= _NEAR for good in well for negation in negations):
            return False
        if any(not self._is_asserted(good, start) for good in well):
            return False
        if well and self._is_long_no() and not self.tokens.breaks[start]:
            return False
        taken = Sort.SYMPTOM in bodily.values()
        taken = taken or (self._governs(start) and not self._is_long_no())
        taken = taken or any(self._takes_a_noun(piece) for piece in self.tail)
        if (
            self._is_long_no()
            and self.lead.mark is Mark.NO
            and Sort.SYMPTOM in bodily.values()
            and not (any(at >= start for at in negations) or self.tail_has(_NO))
        ):
            return False
        if Sort.PART in bodily.values() and not (well or taken):
            return False
        framed = False
        for piece in self.tail:
            if piece.is_any(_APART) and self._is_denied(piece.start, start):
                return False
            if piece.is_any(_LEAVE_NO):
                continue
            for i in range(piece.start, piece.end):
                tail = self.vocabulary.tails.get(self.tokens.words[i])
                if tail is Tail.DOUBT or (tail is None and i not in bodily):
                    return False
                framed = framed or tail in _FRAMES or i in bodily
        return not framed or bool(negations or well or taken)

    def _is_claimed(self) -> bool:
        """Whether the tail holds a short yes that its own words do not take back: "I have that"."""
        return any(
            Mark.YES_SHORT in piece.marks
            and not self._all_harmless(piece)
            and self._is_asserted(piece.start, self.tail[0].start)
            and not self._is_taken_back(piece)
            for piece in self.tail
        )

    def _all_harmless(self, piece: Piece) -> bool:
        words, tails = self.tokens.words, self.vocabulary.tails
        return all(tails.get(word) is Tail.HARMLESS for word in words[piece.start : piece.end])

    def _is_taken_back(self, piece: Piece) -> bool:
        """Whether a negation or a word of being well stands in it, or follows in its clause."""
        words, vocabulary = self.tokens.words, self.vocabulary
        negated = {i for hit in self.found.hits if hit.negated for i in range(hit.start, hit.end)}
        for i in range(piece.start, len(words)):
            begun = self.tokens.breaks[i] or Role.SELF in vocabulary.roles.alone(words[i])
            if i >= piece.end and begun:
                break
            if vocabulary.tails.get(words[i]) in _TAKING_BACK or i in negated:
                return True
        return False

    def _is_denied(self, at: int, start: int) -> bool:
        """Whether a not stands right before a word: "its not only my back"."""
        before = self.tokens.words[at - 1]
        near = at > start and not self.tokens.breaks[at]
        return near and self.vocabulary.tails.get(before) is Tail.NOT

    def _is_asserted(self, at: int, start: int) -> bool:
        """Whether no negation of the tail reaches a word: "it is fine", unlike "no esta bien"."""
        words, vocabulary = self.tokens.words, self.vocabulary
        for before in range(at, max(start, at - _NEAR) - 1, -1):
            alone = vocabulary.roles.alone(words[before])
            if before < at and Role.NO in alone and self._is_subject(before + 1):
                # "No no that is fine": a reply of its own.
                break
            if vocabulary.tails.get(words[before]) is Tail.NOT or not _DENYING.isdisjoint(alone):
                return False
            if self.tokens.breaks[before]:
                break
        return True

    def _takes_only_nouns(self, start: int) -> bool:
        """Whether what a "no" governs, up to the next pause, is nothing but what it takes away.

        "No leg gave way" may be "no, leg gave way": after a no that is followed at once by a noun,
        there may be no verb. True where the no is a reply of its own.
        """
        if self._is_long_no() or not self._governs(start):
            return True
        parts = self._places_of(Sort.PART)
        # "No trouble walking", "no loss of feeling".
        given_back = self._places_of(Sort.TROUBLE) or self._loses(start)
        abilities = self._places_of(Sort.ABILITY) if given_back else set()
        nouns = others = 0
        for piece in self.tail:
            if self.tokens.breaks[piece.start] and piece is not self.tail[0]:
                break
            if piece.is_any(_LEAVE_NO):
                continue
            for i in range(piece.start, piece.end):
                tail = self.vocabulary.tails.get(self.tokens.words[i])
                if tail is Tail.NOUN:
                    nouns += 1
                elif tail in _BESIDE_NOUNS or i in parts or i in abilities:
                    others += tail is not Tail.HARMLESS
                else:
                    return False
        return bool(nouns) or not others

    def _takes_a_noun(self, piece: Piece) -> bool:
        """Whether a no of the tail takes away a noun, and nothing else: "no, no symptoms"."""
        if Mark.NO not in piece.marks or not self._governs(piece.end):
            return False
        nouns = 0
        for i in range(piece.end, len(self.tokens.words)):
            tail = self.vocabulary.tails.get(self.tokens.words[i])
            if self.tokens.breaks[i] or (tail is not Tail.NOUN and tail not in _BESIDE_NOUNS):
                break
            nouns += tail is Tail.NOUN
        return nouns > 0

    def _takes_every_noun(self, start: int) -> bool:
        """Whether a no or a not stands before each noun of the tail: unlike "no, a rash, im fine"."""
        words, vocabulary = self.tokens.words, self.vocabulary
        spared = {i for hit in self.found.hits if hit.negated for i in range(hit.start, hit.end)}
        spared.update(
            i for piece in self.tail if piece.is_any(_APART) for i in range(piece.start, piece.end)
        )
        taking = False
        for i in range(self.lead.start, len(words)):
            tail = vocabulary.tails.get(words[i])
            taking = taking and self.tokens.breaks[i] < SENTENCE
            if Role.NO in vocabulary.roles.alone(words[i]):
                taking = self._governs(i + 1)
            elif tail is Tail.NOT:
                taking = True
            elif i >= start and tail is Tail.NOUN and not taking and i not in spared:
                return False
        return True

    def _loses(self, start: int) -> bool:
        roles = self.vocabulary.roles
        return any(Role.LOST in roles.alone(word) for word in self.tokens.words[start:])

    def _is_long_no(self) -> bool:
        return self.lead.mark is not Mark.TWO and self.lead.end - self.lead.start > 1

    def _places_of(self, sort: Sort) -> set[int]:
        return {i for hit in self.found.hits if hit.sort is sort for i in range(hit.start, hit.end)}

    def _bodily(self, start: int) -> dict[int, Sort] | None:
        """The words of the tail that speak of the body; None if one of them speaks of a flag."""
        bodily: dict[int, Sort] = {}
        elsewhere = [piece for piece in self.tail if piece.is_any(_APART)]
        for hit in self.found.hits:
            if hit.end <= start or hit.sort is Sort.OTHER:
                continue
            if any(piece.start <= hit.start and hit.end <= piece.end for piece in elsewhere):
                continue
            if _speaks_of_trouble(hit):
                return None
            sort = Sort.SYMPTOM if hit.sort is Sort.TROUBLE else hit.sort
            for i in range(hit.start, hit.end):
                if bodily.get(i) is not Sort.SYMPTOM:
                    bodily[i] = sort
        return bodily

    def _tails_of(self, tail: Tail) -> list[int]:
        tails, words = self.vocabulary.tails, self.tokens.words
        return [i for i in range(self.lead.start, len(words)) if tails.get(words[i]) is tail]

    def _all_bare(self, piece: Piece) -> bool:
        vocabulary = self.vocabulary
        low, high = vocabulary.bare_numbers
        return all(
            word in vocabulary.bare or (word.isdigit() and low <= int(word) <= high)
            for word in self.tokens.words[piece.start : piece.end]
        )

    def _is_subject(self, at: int) -> bool:
        return begins_anew(self.vocabulary, self.tokens, at)

    def _governs(self, after: int) -> bool:
        """Whether a no before this word belongs to it ("no feeling") and is no reply."""
        if self.tokens.pause_before(after) or self._is_subject(after):
            return False
        return Role.NO in self.vocabulary.roles.alone(self.tokens.words[after - 1])


def cut(vocabulary: Vocabulary, tokens: Tokens) -> list[Piece]:
    """Words in pieces: the longest phrases that the vocabulary knows, and the words between."""
    pieces: list[Piece] = []
    at = 0
    while at < len(tokens.words):
        end, marks = vocabulary.marks.longest(tokens, at) or (at + 1, ())
        if at and marks and not tokens.breaks[at] and _is_amount(tokens, at, marks, pieces[-1]):
            marks = ()
        pieces.append(Piece(marks, at, end))
        at = end
    return pieces


def begins_anew(vocabulary: Vocabulary, tokens: Tokens, at: int) -> bool:
    """Whether a word, or it and the next, shows that a no before it was a reply of its own."""
    words = tokens.words
    return words[at] in vocabulary.subjects or "_".join(words[at : at + 2]) in vocabulary.subjects


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


def _speaks_of_trouble(hit: Hit) -> bool:
    if hit.sort is Sort.ABILITY:
        return hit.negated
    if hit.sort in (Sort.SYMPTOM, Sort.TROUBLE):
        return not hit.negated
    return hit.sort is Sort.LACK
