"""Whether a no stays one to the last word of the reply: the one question that must never be wrong.

In comes a `Reply` that a no leads, out comes yes or no. Each word after the no has to leave it one:
harmless, taken away ("no numbness"), said to be well, or fitting the safe answer.
"""

from collections.abc import Mapping

from flows.clauses import (
    clauses,
    governs,
    is_denied,
    is_denied_after,
    is_hedged,
    is_held,
    is_of_something,
)
from flows.flags import Hit
from flows.marks import Mark, Role, Sort, Tail
from flows.reply import NUMBERS, SPOIL, Piece, Reply
from flows.words import SENTENCE

_SPOIL_NO = SPOIL - {Mark.NO, Mark.NO_SHORT, Mark.TWO, Mark.ELSEWHERE, Mark.FITTING} | {Mark.YES}
_NO = frozenset((Mark.NO,))
_LEAVE_NO = frozenset((Mark.FILLER, Mark.TWO, Mark.NO, Mark.ELSEWHERE, Mark.FITTING))
_APART = frozenset((Mark.ELSEWHERE, Mark.FITTING))
_FRAMES = frozenset((Tail.FRAME, Tail.LINK, Tail.NOUN))
_BESIDE_NOUNS = frozenset((Tail.LINK, Tail.HARMLESS, Tail.DENIABLE))
_HARMLESS = frozenset((Tail.HARMLESS, Tail.DENIABLE))
_TROUBLES = frozenset((Sort.SYMPTOM, Sort.TROUBLE))
# "With my", and as many words more, may name what is there.
_HELD = 4


def stays_no(reply: Reply) -> bool:
    """Whether every word after a no leaves it one.

    Words about the body must be taken away ("no numbness") or said to be well; words that say
    nothing by themselves ("I have that") need a negation or a word of being well in their clause.
    """
    if not reply.tail:
        return True
    if reply.tail_has(_SPOIL_NO) or (reply.tail_has(NUMBERS) and len(reply.tail) > 1):
        return False
    start = reply.tail[0].start
    bodily = _bodily(reply, start)
    if bodily is None or not _is_known(reply, bodily) or _denies_well(reply, start):
        return False
    if not (_takes_only_nouns(reply, start) and _takes_every_noun(reply, start)):
        return False
    if _is_claimed(reply) or _is_held_out(reply, bodily) or _goes_on_bodily(reply, bodily):
        return False
    return all(
        _is_settled(reply, bodily, clause)
        for clause in clauses(reply.vocabulary, reply.tokens, start)
    )


def _is_known(reply: Reply, bodily: Mapping[int, Sort]) -> bool:
    """Whether every word of the tail is known, and none leaves a doubt."""
    tails, words = reply.vocabulary.tails, reply.tokens.words
    last = reply.tail[-1]
    if Mark.FILLER in last.marks and words[last.end - 1] in reply.vocabulary.syntax.trailing:
        return False
    for piece in reply.tail:
        if piece.is_any(_APART) and _is_denied_at(reply, piece.start):
            return False
        if reply.is_thinking(piece):
            return False
        if piece.is_any(_LEAVE_NO) or Mark.NO_SHORT in piece.marks:
            continue
        for i in range(piece.start, piece.end):
            tail = tails.get(words[i])
            if tail is Tail.DOUBT or (tail is None and i not in bodily):
                return False
    return True


def _is_denied_at(reply: Reply, at: int) -> bool:
    """Whether a not stands right before a word of the tail: "its not only my back"."""
    near = at > reply.tail[0].start and not reply.tokens.breaks[at]
    return near and reply.vocabulary.tails.get(reply.tokens.words[at - 1]) is Tail.NOT


def _denies_well(reply: Reply, start: int) -> bool:
    """Whether a word of being well, or one like "completely", is denied: "not quite normal"."""
    vocabulary, tokens = reply.vocabulary, reply.tokens
    well = reply.tails_of(Tail.WELL)
    # "None of them fine"; a long no may hold its own word of being well: "no my hands are fine".
    long = _is_long_no(reply) and not tokens.breaks[start] and well and well[0] >= start
    if long or _ends_in_not(reply):
        return True
    apart = _within(reply, _APART)
    return any(
        is_denied_after(vocabulary, tokens, at)
        or is_of_something(vocabulary, tokens, at)
        or (
            at not in apart
            and (
                is_denied(vocabulary, tokens, reply.lead.start, at)
                or is_hedged(vocabulary, tokens, start, at)
            )
        )
        for at in (*well, *reply.tails_of(Tail.DENIABLE))
    )


def _ends_in_not(reply: Reply) -> bool:
    """Whether a not closes what is said to be well: "all good, not", "steady i'm not"."""
    words, tails = reply.tokens.words, reply.vocabulary.tails
    last = len(words) - 1
    parted = reply.tokens.breaks[last] and Mark.NO in reply.tail[-1].marks
    if tails.get(words[last]) is not Tail.NOT or reply.tail[-1].is_any(_APART) or parted:
        return False
    well = _within(reply, _APART) | {*reply.tails_of(Tail.WELL)}
    return any(at in well for at in range(reply.tail[0].start, last))


def _goes_on_bodily(reply: Reply, bodily: Mapping[int, Sort]) -> bool:
    """Whether a long no is followed by a symptom that only it denies: "not at all, numb"."""
    if not _is_long_no(reply) or reply.lead.mark is not Mark.NO:
        return False
    again = any(at >= reply.lead.end for at in reply.tails_of(Tail.NOT)) or reply.tail_has(_NO)
    return Sort.SYMPTOM in bodily.values() and not again


def _is_settled(reply: Reply, bodily: Mapping[int, Sort], clause: range) -> bool:
    """Whether a clause says nothing, or takes away what it says, or says that it is well."""
    vocabulary, words, tails = reply.vocabulary, reply.tokens.words, reply.vocabulary.tails
    apart = _within(reply, _LEAVE_NO)
    said = [at for at in clause if at not in apart and words[at] not in vocabulary.syntax.joining]
    if any(tails.get(words[at]) is Tail.WELL for at in clause):
        return True
    first = clause.start == reply.tail[0].start
    before = reply.lead.start if first else clause.start
    taken = (
        any(bodily.get(at) is Sort.SYMPTOM for at in said)
        or any(_takes_a_noun(reply, piece) for piece in reply.tail if piece.start in clause)
        or (first and not _is_long_no(reply) and governs(vocabulary, reply.tokens, before))
    )
    short = next((p.start for p in reply.tail if _is_short_no(p, clause)), clause.stop)
    if any(bodily.get(at) is Sort.EXTENT for at in said) and not taken:
        return False
    # "I don't feel it in my leg", unlike "la fuerza no la tengo".
    if any(bodily.get(at) is Sort.PART and at < short for at in said) and not taken:
        return False
    denied = short in clause or any(
        tails.get(words[at]) is Tail.NOT for at in range(before, clause.stop)
    )
    framed = any(tails.get(words[at]) in _FRAMES or at in bodily for at in said)
    return not framed or taken or denied


def _is_short_no(piece: Piece, clause: range) -> bool:
    return Mark.NO_SHORT in piece.marks and piece.start in clause


def _within(reply: Reply, marks: frozenset[Mark]) -> set[int]:
    return {i for p in reply.tail if p.is_any(marks) for i in range(p.start, p.end)}


def _is_claimed(reply: Reply) -> bool:
    """Whether the tail holds a short yes that its own clause does not take back: "I have that"."""
    vocabulary, tokens = reply.vocabulary, reply.tokens
    start = reply.tail[0].start
    claims = [
        piece
        for piece in reply.tail
        if Mark.YES_SHORT in piece.marks
        and not _all_harmless(reply, piece)
        and not is_denied(vocabulary, tokens, start, piece.start)
    ]
    return any(
        not _is_taken_back(reply, clause, piece)
        for clause in (clauses(vocabulary, tokens, start) if claims else ())
        for piece in claims
        if piece.start in clause
    )


def _all_harmless(reply: Reply, piece: Piece) -> bool:
    words, tails = reply.tokens.words, reply.vocabulary.tails
    return all(tails.get(word) in _HARMLESS for word in words[piece.start : piece.end])


def _is_taken_back(reply: Reply, clause: range, piece: Piece) -> bool:
    """Whether a negation takes a claim back, or a word of being well that it leads up to."""
    words, vocabulary = reply.tokens.words, reply.vocabulary
    tails = vocabulary.tails
    negated = {i for hit in reply.found.hits if hit.negated for i in range(hit.start, hit.end)}
    if any(tails.get(words[i]) is Tail.NOT or i in negated for i in clause):
        return True
    well = any(tails.get(words[i]) is Tail.WELL for i in clause)
    within = any(tails.get(words[i]) is Tail.WELL for i in range(piece.start, piece.end))
    # "It is fine", unlike "I get that alright".
    return within or (well and words[piece.end - 1] in vocabulary.syntax.tensed)


def _is_held_out(reply: Reply, bodily: Mapping[int, Sort]) -> bool:
    """Whether a trouble is named as one that is there: "no problems with my pregnancy"."""
    vocabulary, tokens = reply.vocabulary, reply.tokens
    begin = {hit.start for hit in reply.found.hits if hit.sort in _TROUBLES}
    for at in range(reply.tail[0].start, len(tokens.words)):
        if not is_held(vocabulary, tokens, at):
            continue
        for i in range(at + 1, min(at + _HELD, len(tokens.words))):
            if tokens.breaks[i]:
                break
            noun = vocabulary.tails.get(tokens.words[i]) is Tail.NOUN
            if i in begin or (noun and i not in bodily):
                return True
    return False


def _takes_only_nouns(reply: Reply, start: int) -> bool:
    """Whether what a "no" governs, up to the next pause, is nothing but what it takes away.

    "No leg gave way" may be "no, leg gave way": after a no that is followed at once by a noun,
    there may be no verb. True where the no is a reply of its own.
    """
    if _is_long_no(reply) or not governs(reply.vocabulary, reply.tokens, start - 1):
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
                others += tail not in _HARMLESS
            else:
                return False
    return bool(nouns) or not others


def _takes_a_noun(reply: Reply, piece: Piece) -> bool:
    """Whether a no of the tail takes away a noun, and nothing else: "no, no symptoms"."""
    if Mark.NO not in piece.marks or not governs(reply.vocabulary, reply.tokens, piece.end - 1):
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
            taking = governs(vocabulary, reply.tokens, i)
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
