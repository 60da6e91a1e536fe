"""A yes told by the thing itself: "numb", "it drags", to the question that asks for it.

In come a `Reply` and the question's id, out comes whether it says nothing but that. A false yes is
the cheap error, and still one: so every word must belong to it, or say nothing by itself.
"""

from flows.flags import Hit
from flows.marks import Mark, Role, Sort, Tail
from flows.reply import Reply

_BESIDE = frozenset((Mark.FILLER, Mark.YES, Mark.YES_SHORT, Mark.YES_SOFT))
_SAYING_NOTHING = frozenset((Tail.FRAME, Tail.LINK, Tail.HARMLESS, Tail.DENIABLE))
_ELSE = frozenset(
    (
        *(Role.NO, Role.NOT, Role.CANNOT, Role.OTHER, Role.THING),
        *(Role.LONG_AGO, Role.OLD, Role.MAYBE, Role.DENIES, Role.ASKS),
    )
)


def says_what_is_asked(reply: Reply, about: str) -> bool:
    """Whether the words say what the question `about` asks for, and nothing else."""
    telling = reply.vocabulary.told.get(about, frozenset())
    hits = reply.found.hits
    told = [hit for hit in hits if hit.concept in telling and _is_there(hit)]
    if not told or reply.tokens.asked:
        return False
    parts = [hit for hit in hits if hit.sort is Sort.PART]
    # "My foot is numb" is no answer to the numbness that the question asks for.
    if parts and not any(f.certain and f.about == about for f in reply.found.flags):
        return False
    known = _places(told) | _places(parts)
    for piece in (reply.lead, *reply.tail):
        if not piece.is_any(_BESIDE):
            known.update(_saying_nothing(reply, piece.start, piece.end))
        else:
            known.update(range(piece.start, piece.end))
    told_by = _places(told)
    roles = reply.vocabulary.roles
    return all(
        at in told_by or (at in known and _ELSE.isdisjoint(roles.alone(reply.tokens.words[at])))
        for at in range(reply.lead.start, len(reply.tokens.words))
    )


def _is_there(hit: Hit) -> bool:
    return not (hit.negated or hit.doubtful) and hit.whose not in (Role.OTHER, Role.THING)


def _places(hits: list[Hit]) -> set[int]:
    return {i for hit in hits for i in range(hit.start, hit.end)}


def _saying_nothing(reply: Reply, start: int, end: int) -> list[int]:
    vocabulary, words = reply.vocabulary, reply.tokens.words
    return [
        i
        for i in range(start, end)
        if vocabulary.tails.get(words[i]) in _SAYING_NOTHING
        or words[i] in vocabulary.skipped
        or Role.SELF in vocabulary.roles.alone(words[i])
    ]
