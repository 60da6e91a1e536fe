"""Red flags in free words: what somebody says of their body, asked or unasked.

In come a vocabulary and words, out come flags, clear ones first. A flag is a pattern of concepts
that stand near each other ("numb" and "down there"). Negation, other people's bodies and things
long past take a flag away or make it one to ask about. The words and patterns are data
(`flows/vocabulary/<language>_flags.toml`); this module knows how sentences carry them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from flows.reading import Flag
from flows.vocabulary import Part, Role, Rule, Sort, Vocabulary
from flows.words import Tokens, longest, tokenise

# How many words a negation reaches: far enough for "no fever, chills or night sweats".
_REACH = {Role.NO: 6, Role.NOT: 5, Role.CANNOT: 5}
# A verb this near to its "not" belongs to it: "have not been having".
_OWN_VERB = 2
_PAUSES = (0, 1, 3)
_ENDS_SENTENCE = 2


@dataclass(slots=True)
class Hit:
    """A concept found: its words from `start` to `end`, and what the sentence does to it.

    `place` counts the words that matter, and pauses. `negated`: taken away. `doubtful`: perhaps.
    `whose`: SELF, OTHER, THING, or None where nobody was named.
    """

    concept: str
    sort: Sort
    start: int
    end: int
    place: int
    sentence: int
    negated: bool = False
    doubtful: bool = False
    whose: Role | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What free words hold: the flags, and the concepts that they were made of."""

    flags: tuple[Flag, ...] = ()
    hits: tuple[Hit, ...] = ()


_NOTHING = Found()


def find_flags(vocabulary: Vocabulary, words: str) -> tuple[Flag, ...]:
    """The red flags in somebody's words, clear ones first, one for each question."""
    return look(vocabulary, tokenise(vocabulary.spelling, words)).flags


def look(vocabulary: Vocabulary, tokens: Tokens) -> Found:
    """The same for words already cut, with the concepts found."""
    hits = _hits(vocabulary, tokens)
    if not hits:
        return _NOTHING
    said = _read_sentences(vocabulary, tokens, hits)
    by_concept: dict[str, list[Hit]] = {}
    for hit in hits:
        by_concept.setdefault(hit.concept, []).append(hit)
    best: dict[str, Flag] = {}
    for concept in by_concept:
        for rule in vocabulary.rules.get(concept, ()):
            known = best.get(rule.about)
            if known is not None and (known.certain or not rule.certain):
                continue
            certain = _certainty(rule, by_concept, said)
            if certain is not None and (known is None or certain):
                best[rule.about] = Flag(rule.about, certain, rule.name)
    return Found(tuple(sorted(best.values(), key=lambda flag: not flag.certain)), tuple(hits))


def _hits(vocabulary: Vocabulary, tokens: Tokens) -> list[Hit]:
    kept = [i for i, word in enumerate(tokens.words) if word not in vocabulary.dropped]
    words = [tokens.words[i] for i in kept]
    hits: list[Hit] = []
    place = sentence = counted = 0
    skip_to = 0
    for i, word in enumerate(words):
        raw = kept[i]
        while counted <= raw:
            place += _PAUSES[tokens.breaks[counted]]
            sentence += tokens.breaks[counted] == _ENDS_SENTENCE
            counted += 1
        place += 1
        if word[0] in "0123456789":
            value = float(word.replace(",", "."))
            for name, low, high in vocabulary.numbers:
                if low <= value <= high:
                    hits.append(Hit(name, Sort.OTHER, raw, raw + 1, place, sentence))
        if i < skip_to or word not in vocabulary.concepts:
            continue
        found = longest(vocabulary.concepts, words, i)
        if found is None:
            continue
        skip_to, concepts = found
        end = kept[skip_to - 1] + 1
        for concept in concepts:
            sort = vocabulary.sorts[concept]
            hits.append(Hit(concept, sort, raw, end, place, sentence))
    return hits


def _read_sentences(vocabulary: Vocabulary, tokens: Tokens, hits: list[Hit]) -> list[set[Role]]:
    """Marks each hit with what stands before it; returns the roles that each sentence holds."""
    inside = {i for hit in hits for i in range(hit.start, hit.end) if hit.end - hit.start > 1}
    starting: dict[int, list[Hit]] = {}
    for hit in hits:
        starting.setdefault(hit.start, []).append(hit)
    said: list[set[Role]] = [set()]
    clause = _Clause()
    skip_to = 0
    for i, pause in enumerate(tokens.breaks):
        if pause == _ENDS_SENTENCE:
            said.append(set())
            clause = _Clause()
        elif pause:
            clause.weaken()
        found = None if i < skip_to else longest(vocabulary.roles, tokens.words, i)
        if found:
            skip_to, roles = found
            said[-1].update(roles)
            for role in roles:
                if role in _REACH and i in inside:
                    continue
                if role is Role.NO and not _negates(vocabulary, tokens, skip_to):
                    continue
                clause.hear(role, i)
        for hit in starting.get(i, ()):
            clause.mark(hit, i)
    return said


class _Clause:
    """What the words so far do to those that follow, within one sentence."""

    __slots__ = ("begun", "negation", "until", "weak", "whose")

    def __init__(self) -> None:
        self.negation: Role | None = None
        self.begun = self.until = 0
        self.weak = False
        self.whose: Role | None = None

    def hear(self, role: Role, at: int) -> None:
        match role:
            case Role.NO | Role.NOT | Role.CANNOT:
                self.negation, self.weak = role, False
                self.begun, self.until = at, at + 2 * _REACH[role]
            case Role.UNTIL:
                self.negation = None
            case Role.AND:
                self.weaken()
            case Role.VERB:
                if self.negation is Role.NO or at - self.begun > _OWN_VERB:
                    self.negation = None
            case Role.SELF | Role.OTHER | Role.THING:
                self.whose = role
            case _:
                pass

    def weaken(self) -> None:
        self.weak = self.negation is not None

    def mark(self, hit: Hit, at: int) -> None:
        hit.whose = self.whose
        if self.negation is None or hit.sort in (Sort.LACK, Sort.PART) or at > self.until:
            return
        if self.negation is Role.CANNOT and hit.sort is not Sort.ABILITY:
            return
        hit.negated = not self.weak or hit.sort is Sort.ABILITY
        hit.doubtful = self.weak


def _negates(vocabulary: Vocabulary, tokens: Tokens, after: int) -> bool:
    """Whether a "no" takes away what follows ("no pain") or is a reply ("no my legs hurt")."""
    if after >= len(tokens.words) or tokens.breaks[after]:
        return False
    return tokens.words[after] not in vocabulary.subjects


def _certainty(rule: Rule, hits: dict[str, list[Hit]], said: list[set[Role]]) -> bool | None:
    """True for a clear match of the rule, False for a possible one, None for none."""
    possible: bool | None = None
    for match in _matches(rule, hits):
        certain = _weigh(rule, match, said)
        if certain:
            return True
        if certain is not None:
            possible = certain
    return possible


def _matches(rule: Rule, hits: dict[str, list[Hit]]) -> Iterator[list[Hit]]:
    for pattern in rule.patterns:
        if not all(part.concept in hits for part in pattern):
            continue
        first, *others = pattern
        for anchor in hits[first.concept]:
            if not _fits(first, anchor):
                continue
            match = [anchor]
            for part in others:
                hit = _nearest(rule, part, anchor, hits[part.concept])
                if hit is None:
                    break
                match.append(hit)
            else:
                if not _excused(rule, anchor, hits):
                    yield match


def _fits(part: Part, hit: Hit) -> bool:
    if part.negated:
        return hit.negated
    return not hit.negated or hit.sort is Sort.ABILITY


def _nearest(rule: Rule, part: Part, anchor: Hit, hits: list[Hit]) -> Hit | None:
    best: Hit | None = None
    for hit in hits:
        distance = hit.place - anchor.place
        if (distance < 0 and rule.ordered) or abs(distance) > rule.within:
            continue
        if hit.start == anchor.start and hit.concept == anchor.concept:
            continue
        if _fits(part, hit) and (best is None or abs(distance) < abs(best.place - anchor.place)):
            best = hit
    return best


def _excused(rule: Rule, anchor: Hit, hits: dict[str, list[Hit]]) -> bool:
    return any(
        abs(hit.place - anchor.place) <= rule.within
        for concept in rule.unless
        for hit in hits.get(concept, ())
    )


def _weigh(rule: Rule, match: list[Hit], said: list[set[Role]]) -> bool | None:
    """How much a match counts, given whose body it is, when it was, and how it was said."""
    roles = said[match[0].sentence]
    certain = rule.certain and not any(hit.doubtful for hit in match)
    if all(hit.whose is Role.THING for hit in match):
        return None
    if all(hit.whose is Role.OTHER for hit in match) and rule.others != "keep":
        if rule.others == "drop" or Role.PAST in roles:
            return None
        certain = False
    if not rule.long_ago and Role.NOW not in roles:
        if Role.LONG_AGO in roles:
            return None
        if Role.OLD in roles:
            certain = False
    if Role.MAYBE in roles:
        certain = False
    return certain
