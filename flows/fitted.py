"""A reply with what fits the safe answer to the question known: "no, months ago".

In comes a `Reply`, out comes the same with such words marked, so that it can be read again. An
affirming phrase fits only where the no before it is a reply of its own; one that begins with its
own no ("no me baja") may open the reply.
"""

from flows.clauses import begins_anew, opens
from flows.marks import Mark, Role, Tail
from flows.reply import Piece, Reply
from flows.vocabulary import ANY, Vocabulary
from flows.words import COMMA, SENTENCE, Phrases, Tokens

_NOT_REACHES = 3
"""So many words further on may be what a "not" takes away."""

_Known = tuple[Phrases[Mark], ...]
_YIELD = frozenset(
    (
        *(Mark.NEITHER, Mark.NO, Mark.NO_SHORT, Mark.NOT_YET),
        *(Mark.YES_SOFT, Mark.UNSURE, Mark.COURTESY, Mark.AGREE),
    )
)


def fit(reply: Reply, about: str, *, spoken: bool, turned_round: bool) -> Reply | None:
    """The same reply with what fits the safe answer to the question `about` known; None if nothing.

    `spoken`: a comma is the recogniser's guess, and ends nothing.  `turned_round`: yes is the safe
    answer, and nothing fits it but what is listed for the question itself.
    """
    vocabulary, tokens, lead, rest = reply.vocabulary, reply.tokens, reply.lead, reply.tail
    known = vocabulary.fitting.get(about) or vocabulary.fitting[ANY]
    known = known[:1] if turned_round else known
    pause = SENTENCE if spoken else COMMA
    if Mark.NEITHER in lead.marks and _is_no_apart(vocabulary, tokens, lead, pause):
        # "No, solo una" is a no by its first word; "no solo una" is none.
        rest = (Piece((), lead.start + 1, lead.end), *rest)
        lead = Piece((Mark.NO,), lead.start, lead.start + 1)
    end = _denies(known, vocabulary, tokens, lead)
    if end:
        # "No me baja" to "does it go down your leg?": the no belongs to the question's own verb.
        lead = Piece((Mark.NO,), lead.start, end)
    tail: list[Piece] = []
    fitted = lead.end
    for piece in rest:
        if piece.start < fitted:
            if piece.end > fitted:
                tail.append(Piece((), fitted, piece.end))
                fitted = piece.end
            continue
        if _is_governed(vocabulary, tokens, lead, piece.start, pause):
            return None
        end = _reach(known, vocabulary, tokens, piece.start)
        if end > piece.end or _yields(piece, end):
            tail.append(Piece((Mark.FITTING,), piece.start, end))
            fitted = end
        elif _is_doubt(vocabulary, tokens, piece):
            return None
        else:
            tail.append(piece)
    if fitted == lead.end and not end:
        return None
    return Reply(vocabulary, tokens, lead, tuple(tail), reply.found)


def _reach(known: _Known, vocabulary: Vocabulary, tokens: Tokens, start: int) -> int:
    """Where the longest phrase that fits and begins at a word ends; `start` if there is none.

    A no that a pause follows is a reply of its own, and begins no phrase: "no, no, arrastro".
    """
    if tokens.pause_before(start + 1) and Role.NO in vocabulary.roles.alone(tokens.words[start]):
        return start
    found = (tree.longest(tokens, start) for tree in known)
    end = max((end for end, _ in filter(None, found)), default=start)
    closing = Role.NO in vocabulary.roles.alone(tokens.words[end - 1])
    # "Calientes, no": a no after a pause is none of it either.
    return start if end > start and closing and tokens.breaks[end - 1] else end


def _denies(known: _Known, vocabulary: Vocabulary, tokens: Tokens, lead: Piece) -> int | None:
    """Where a phrase that fits ends, if it begins with the reply and its no, and with no pause."""
    after = lead.start + 1
    if Mark.NEITHER in lead.marks or tokens.pause_before(after):
        return None
    if Role.NO not in vocabulary.roles.alone(tokens.words[lead.start]):
        return None
    end = _reach(known, vocabulary, tokens, lead.start)
    return end if end > after and end >= lead.end else None


def _is_governed(vocabulary: Vocabulary, tokens: Tokens, lead: Piece, at: int, pause: int) -> bool:
    """Whether a no before this word may belong to it: "no heat eases it", "no llevo meses".

    Or a not, which reaches further: "no, not steady", "no, they dont feel strong".
    """
    if tokens.breaks[at] >= pause:
        return False
    if _is_negated(vocabulary, tokens, lead, at, pause):
        return True
    if begins_anew(vocabulary, tokens, at):
        return False
    return Role.NO in vocabulary.roles.alone(tokens.words[at - 1])


def _is_negated(vocabulary: Vocabulary, tokens: Tokens, lead: Piece, at: int, pause: int) -> bool:
    words, tails = tokens.words, vocabulary.tails
    if lead.end == at:
        nots = [place for place in range(lead.start, at) if tails.get(words[place]) is Tail.NOT]
        # A comma ends what "not at all" denies, and not "i dont have": that wants its object.
        open_ended = Mark.NO_SHORT in lead.marks or at - 1 in nots
        denies = open_ended or (bool(nots) and not tokens.breaks[at])
        return denies and Role.SELF not in vocabulary.roles.alone(words[at])
    if opens(vocabulary, tokens, at):
        return False
    for before in range(at - 1, max(lead.end, at - _NOT_REACHES) - 1, -1):
        if tails.get(words[before]) is Tail.NOT:
            # "I don't, I've been well": a new sentence.
            begun = before == at - 1 and Role.SELF in vocabulary.roles.alone(words[at])
            return not begun
        if tokens.breaks[before] >= pause:
            break
    return False


def denies_what_fits(reply: Reply, about: str) -> bool:
    """Whether a not takes away what fits the safe answer: "no, not intermittent"."""
    vocabulary, tokens = reply.vocabulary, reply.tokens
    known = vocabulary.fitting.get(about, ())[:1]
    for at in range(reply.lead.start, len(tokens.words) - 1):
        if vocabulary.tails.get(tokens.words[at]) is not Tail.NOT or tokens.breaks[at + 1]:
            continue
        # "Not at the moment" fits as a whole.
        whole = _reach(known, vocabulary, tokens, at) > at
        if not whole and _reach(known, vocabulary, tokens, at + 1) > at + 1:
            return True
    return False


def is_unfit(reply: Reply, about: str) -> bool:
    """Whether a word outside what fits leaves a no to this question in doubt: "no, nothing"."""
    unfit = reply.vocabulary.unfit.get(about)
    if unfit is None:
        return False
    fits = {
        i
        for piece in (reply.lead, *reply.tail)
        if Mark.FITTING in piece.marks
        for i in range(piece.start, piece.end)
    }
    said = reply.tokens.words
    apart = {word for i, word in enumerate(said) if i not in fits}
    return any(words <= (apart if len(words) == 1 else {*said}) for words in unfit)


def _is_doubt(vocabulary: Vocabulary, tokens: Tokens, piece: Piece) -> bool:
    """Whether a word that fits nothing leaves no answer certain, so that the rest is no matter."""
    word = tokens.words[piece.start]
    doubts = vocabulary.tails.get(word) is Tail.DOUBT and word not in vocabulary.bare
    return not piece.marks and doubts


def _yields(piece: Piece, end: int) -> bool:
    """Whether a piece of the same length may say what fits: it has no mark, or a weak one.

    "It comes and goes" is a yes to most questions, and "not that bad" a doubt; neither is pain
    that nothing eases.
    """
    return end == piece.end and _YIELD.issuperset(piece.marks)


def _is_no_apart(vocabulary: Vocabulary, tokens: Tokens, piece: Piece, pause: int) -> bool:
    """Whether a phrase begins with a no that a pause parts from the rest of it."""
    after = piece.start + 1
    return (
        piece.end > after
        and tokens.breaks[after] >= pause
        and Role.NO in vocabulary.roles.alone(tokens.words[piece.start])
    )
