"""Whether a no stays one to the last word of the reply: the one question that must never be wrong.

In comes a `Reply` that a no leads, out comes yes or no. Each word after the no has to leave it one:
harmless, taken away ("no numbness"), said to be well, or fitting the safe answer.
"""

from flows.flags import Hit
from flows.marks import Mark, Role, Sort, Tail
from flows.reply import NUMBERS, SPOIL, Piece, Reply, begins_anew
from flows.words import SENTENCE

_SPOIL_NO = SPOIL - {Mark.NO, Mark.NO_SHORT, Mark.TWO, Mark.ELSEWHERE, Mark.FITTING} | {Mark.YES}
_NO = frozenset((Mark.NO,))
_LEAVE_NO = frozenset((Mark.FILLER, Mark.TWO, Mark.NO, Mark.ELSEWHERE, Mark.FITTING))
_APART = frozenset((Mark.ELSEWHERE, Mark.FITTING))
_FRAMES = frozenset((Tail.FRAME, Tail.LINK, Tail.NOUN))
_BESIDE_NOUNS = frozenset((Tail.LINK, Tail.HARMLESS))
_TAKING_BACK = frozenset((Tail.NOT, Tail.WELL))
_DENYING = frozenset((Role.NO, Role.NOT, Role.CANNOT, Role.LOST))
# "No, I don't feel good": the negation reaches the word of being well.
_NEAR = 3


def stays_no(reply: Reply) -> bool:
    """Whether every word after a no leaves it one.

    Words about the body must be taken away ("no numbness") or said to be well; words that say
    nothing by themselves ("I have that") need a negation or a word of being well.
    """
    if not reply.tail:
        return True
    if reply.tail_has(_SPOIL_NO) or (reply.tail_has(NUMBERS) and len(reply.tail) > 1):
        return False
    start = reply.tail[0].start
    bodily = _bodily(reply, start)
    if bodily is None or not _takes_only_nouns(reply, start):
        return False
    if _is_claimed(reply) or not _takes_every_noun(reply, start):
        return False
    negations = reply.tails_of(Tail.NOT)
    well = reply.tails_of(Tail.WELL)
    if any(_reaches(reply, negation, good) for good in well for negation in negations):
        return False
    if any(not _is_asserted(reply, good, start) for good in well):
        return False
    if well and _is_long_no(reply) and not reply.tokens.breaks[start]:
        return False
    taken = Sort.SYMPTOM in bodily.values()
    taken = taken or (reply.governs(start) and not _is_long_no(reply))
    taken = taken or any(_takes_a_noun(reply, piece) for piece in reply.tail)
    if (
        _is_long_no(reply)
        and reply.lead.mark is Mark.NO
        and Sort.SYMPTOM in bodily.values()
        and not (any(at >= start for at in negations) or reply.tail_has(_NO))
    ):
        return False
    if Sort.PART in bodily.values() and not (well or taken):
        return False
    framed = False
    for piece in reply.tail:
        if piece.is_any(_APART) and _is_denied(reply, piece.start, start):
            return False
        if piece.is_any(_LEAVE_NO):
            continue
        for i in range(piece.start, piece.end):
            tail = reply.vocabulary.tails.get(reply.tokens.words[i])
            if tail is Tail.DOUBT or (tail is None and i not in bodily):
                return False
            framed = framed or tail in _FRAMES or i in bodily
    return not framed or bool(negations or well or taken)


def _reaches(reply: Reply, negation: int, good: int) -> bool:
    """Whether a not takes away a word of being well: "don't feel good", not "don't, I'm good"."""
    if not 0 < good - negation <= _NEAR:
        return False
    after = reply.tokens.words[negation + 1]
    return good == negation + 1 or Role.SELF not in reply.vocabulary.roles.alone(after)


def _is_claimed(reply: Reply) -> bool:
    """Whether the tail holds a short yes that its own words do not take back: "I have that"."""
    return any(
        Mark.YES_SHORT in piece.marks
        and not _all_harmless(reply, piece)
        and _is_asserted(reply, piece.start, reply.tail[0].start)
        and not _is_taken_back(reply, piece)
        for piece in reply.tail
    )


def _all_harmless(reply: Reply, piece: Piece) -> bool:
    words, tails = reply.tokens.words, reply.vocabulary.tails
    return all(tails.get(word) is Tail.HARMLESS for word in words[piece.start : piece.end])


def _is_taken_back(reply: Reply, piece: Piece) -> bool:
    """Whether a negation or a word of being well stands in it, or follows in its clause."""
    words, vocabulary = reply.tokens.words, reply.vocabulary
    negated = {i for hit in reply.found.hits if hit.negated for i in range(hit.start, hit.end)}
    for i in range(piece.start, len(words)):
        begun = reply.tokens.breaks[i] or Role.SELF in vocabulary.roles.alone(words[i])
        if i >= piece.end and begun:
            break
        if vocabulary.tails.get(words[i]) in _TAKING_BACK or i in negated:
            return True
    return False


def _is_denied(reply: Reply, at: int, start: int) -> bool:
    """Whether a not stands right before a word: "its not only my back"."""
    before = reply.tokens.words[at - 1]
    near = at > start and not reply.tokens.breaks[at]
    return near and reply.vocabulary.tails.get(before) is Tail.NOT


def _is_asserted(reply: Reply, at: int, start: int) -> bool:
    """Whether no negation of the tail reaches a word: "it is fine", unlike "no esta bien"."""
    words, vocabulary = reply.tokens.words, reply.vocabulary
    for before in range(at, max(start, at - _NEAR) - 1, -1):
        alone = vocabulary.roles.alone(words[before])
        if before < at and Role.NO in alone and begins_anew(vocabulary, reply.tokens, before + 1):
            # "No no that is fine": a reply of its own.
            break
        if vocabulary.tails.get(words[before]) is Tail.NOT or not _DENYING.isdisjoint(alone):
            return False
        if reply.tokens.breaks[before]:
            break
    return True


def _takes_only_nouns(reply: Reply, start: int) -> bool:
    """Whether what a "no" governs, up to the next pause, is nothing but what it takes away.

    "No leg gave way" may be "no, leg gave way": after a no that is followed at once by a noun,
    there may be no verb. True where the no is a reply of its own.
    """
    if _is_long_no(reply) or not reply.governs(start):
        return True
    parts = _places_of(reply, Sort.PART)
    # "No trouble walking", "no loss of feeling".
    given_back = _places_of(reply, Sort.TROUBLE) or _loses(reply, start)
    abilities = _places_of(reply, Sort.ABILITY) if given_back else set()
    nouns = others = 0
    for piece in reply.tail:
        if reply.tokens.breaks[piece.start] and piece is not reply.tail[0]:
            break
        if piece.is_any(_LEAVE_NO):
            continue
        for i in range(piece.start, piece.end):
            tail = reply.vocabulary.tails.get(reply.tokens.words[i])
            if tail is Tail.NOUN:
                nouns += 1
            elif tail in _BESIDE_NOUNS or i in parts or i in abilities:
                others += tail is not Tail.HARMLESS
            else:
                return False
    return bool(nouns) or not others


def _takes_a_noun(reply: Reply, piece: Piece) -> bool:
    """Whether a no of the tail takes away a noun, and nothing else: "no, no symptoms"."""
    if Mark.NO not in piece.marks or not reply.governs(piece.end):
        return False
    nouns = 0
    for i in range(piece.end, len(reply.tokens.words)):
        tail = reply.vocabulary.tails.get(reply.tokens.words[i])
        if reply.tokens.breaks[i] or (tail is not Tail.NOUN and tail not in _BESIDE_NOUNS):
            break
        nouns += tail is Tail.NOUN
    return nouns > 0


def _takes_every_noun(reply: Reply, start: int) -> bool:
    """Whether a negation stands before each noun of the tail: unlike "no, a rash, im fine"."""
    words, vocabulary = reply.tokens.words, reply.vocabulary
    spared = {i for hit in reply.found.hits if hit.negated for i in range(hit.start, hit.end)}
    spared.update(
        i for piece in reply.tail if piece.is_any(_APART) for i in range(piece.start, piece.end)
    )
    taking = False
    for i in range(reply.lead.start, len(words)):
        tail = vocabulary.tails.get(words[i])
        taking = taking and reply.tokens.breaks[i] < SENTENCE
        if Role.NO in vocabulary.roles.alone(words[i]):
            taking = reply.governs(i + 1)
        elif tail is Tail.NOT:
            taking = True
        elif i >= start and tail is Tail.NOUN and not taking and i not in spared:
            return False
    return True


def _loses(reply: Reply, start: int) -> bool:
    roles = reply.vocabulary.roles
    return any(Role.LOST in roles.alone(word) for word in reply.tokens.words[start:])


def _is_long_no(reply: Reply) -> bool:
    return reply.lead.mark is not Mark.TWO and reply.lead.end - reply.lead.start > 1


def _places_of(reply: Reply, sort: Sort) -> set[int]:
    return {i for hit in reply.found.hits if hit.sort is sort for i in range(hit.start, hit.end)}


def _bodily(reply: Reply, start: int) -> dict[int, Sort] | None:
    """The words of the tail that speak of the body; None if one of them speaks of a flag."""
    bodily: dict[int, Sort] = {}
    elsewhere = [piece for piece in reply.tail if piece.is_any(_APART)]
    for hit in reply.found.hits:
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


def _speaks_of_trouble(hit: Hit) -> bool:
    if hit.sort is Sort.ABILITY:
        return hit.negated
    if hit.sort in (Sort.SYMPTOM, Sort.TROUBLE):
        return not hit.negated
    return hit.sort is Sort.LACK
