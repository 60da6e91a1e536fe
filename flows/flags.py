"""Red flags in free words: what somebody says of their body, asked or unasked.

In come a vocabulary and words, out come flags, clear ones first. A flag is a pattern of concepts
that stand near each other ("numb" and "down there"). Negation, other people's bodies and things
long past take a flag away or make it one to ask about. The words and patterns are data
(`flows/vocabulary/<language>_flags.toml`); this module knows how sentences carry them.
"""

from collections.abc import Iterator, Sequence

import msgspec

from flows.fluent import fluent
from flows.marks import Role, Sort
from flows.reading import Flag
from flows.spelling import guess, tokenise
from flows.vocabulary import Part, Pattern, Rule, Vocabulary
from flows.words import COMMA, SENTENCE, Tokens

# How far a negation reaches, in words that matter: over "no fever, chills or night sweats".
_REACH = {Role.NO: 6, Role.NOT: 5, Role.CANNOT: 5}
# A verb this near to its "not" belongs to it: "have not been having".
_OWN_VERB = 2
# "Don't feel any numbness" takes away the numbness, not the feeling.
_OBJECT = 2
_NEGATED = frozenset((Sort.SYMPTOM, Sort.TROUBLE, Sort.EXTENT, Sort.ABILITY))
_DENIED = frozenset((Sort.SYMPTOM, Sort.TROUBLE))
_PAUSES = {0: 0, COMMA: 1, SENTENCE: 3}


class Hit(msgspec.Struct):
    """A concept found: its words from `start` to `end`, and what the sentence does to it.

    `place` counts the words that matter, and pauses. `negated`: taken away; `barred`: by a
    "cannot". `doubtful`: perhaps. `whose`: SELF, OTHER, THING, or None where nobody was named.
    """

    concept: str
    sort: Sort
    start: int
    end: int
    place: int
    sentence: int
    negated: bool = False
    barred: bool = False
    doubtful: bool = False
    whose: Role | None = None


class Found(msgspec.Struct, frozen=True):
    """What free words hold: the flags, and the concepts that they were made of."""

    flags: tuple[Flag, ...] = ()
    hits: tuple[Hit, ...] = ()


_NOTHING = Found()


def find_flags(vocabulary: Vocabulary, words: str) -> tuple[Flag, ...]:
    """The red flags in somebody's words, clear ones first, one for each question."""
    return look(vocabulary, fluent(vocabulary, tokenise(vocabulary.spelling, words))).flags


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
    hits: list[Hit] = []
    place = sentence = hidden = 0
    sorts, begin = vocabulary.sorts, vocabulary.concepts.next
    for i, word in enumerate(tokens.words):
        pause = tokens.breaks[i]
        place += _PAUSES[pause] + (word not in vocabulary.skipped)
        sentence += pause == SENTENCE
        if word[0] in "0123456789":
            value = float(word.replace(",", "."))
            hits += [
                Hit(name, Sort.OTHER, i, i + 1, place, sentence)
                for name, low, high in vocabulary.numbers
                if low <= value <= high
            ]
        guessed = False
        known = word in begin
        phrases = vocabulary.concepts.every(tokens, i, vocabulary.skipped) if known else []
        if (
            phrases
            and Role.NO in vocabulary.roles.alone(word)
            and not _negates(vocabulary, tokens, i)
        ):
            phrases = []
        if not known and (meant := guess(vocabulary.spelling, word)):
            phrases, guessed = [(i + 1, vocabulary.concepts.alone(meant))], True
        for end, concepts in reversed(phrases):
            for concept in concepts:
                sort = sorts[concept]
                if sort is Sort.IDIOM:
                    hidden = max(hidden, end)
                    hits = [hit for hit in hits if not i < hit.end < end]
                elif end > hidden:
                    hit = Hit(concept, sort, i, end, place, sentence)
                    hit.doubtful = guessed
                    hits.append(hit)
    return hits


def _read_sentences(vocabulary: Vocabulary, tokens: Tokens, hits: Sequence[Hit]) -> list[set[Role]]:
    """Marks each hit with what stands before it; returns the roles that each sentence holds."""
    starting: dict[int, list[Hit]] = {}
    within: set[int] = set()
    held: dict[int, int] = {}
    for hit in hits:
        starting.setdefault(hit.start, []).append(hit)
        if hit.end - hit.start > 1 and hit.sort in (Sort.LACK, Sort.SYMPTOM):
            within.update(range(hit.start, hit.end))
            if hit.sort is Sort.SYMPTOM:
                held.update(dict.fromkeys(range(hit.start + 1, hit.end), hit.place))
    said: list[set[Role]] = [set()]
    clause = _Clause()
    mine, roles_begin = vocabulary.mine, vocabulary.roles.next
    place = known_to = 0
    for i, pause in enumerate(tokens.breaks):
        if pause == SENTENCE:
            said.append(set())
            clause = _Clause()
        elif pause:
            clause.weaken()
        place += _PAUSES[pause] + (tokens.words[i] not in vocabulary.skipped)
        before = clause.negation
        found = None
        if i >= known_to and tokens.words[i] in roles_begin:
            found = vocabulary.roles.longest(tokens, i)
        if found:
            known_to, roles = found
            said[-1].update(roles)
            for role in roles:
                if role is Role.NO and not _negates(vocabulary, tokens, known_to - 1):
                    continue
                inside = role in (Role.NO, Role.NOT) and i in within
                clause.hear(Role.CANNOT if inside else role, place)
            # "No, puedo" may be "no puedo", and may not: only good enough to ask about.
            if known_to - i > 1 and tokens.breaks[i + 1] and _says_no(vocabulary, tokens, i):
                clause.parted = True
        own = found is not None and clause.negation is not before
        for hit in starting.get(i, ()):
            # A phrase that begins with its own "no" is not taken away by it; and "no shortness of
            # breath" takes away no breath.
            part = hit.sort is Sort.ABILITY and clause.begun < held.get(i, 0)
            clause.mark(hit, exempt=part or (own and hit.end > known_to))
            if hit.negated and hit.sort in _DENIED:
                said[-1].add(Role.DENIES)
            if hit.end - i > 1 and any(map(mine.__contains__, tokens.words[i : hit.end])):
                hit.whose = Role.SELF
    _deny_after(vocabulary, tokens, hits)
    return said


class _Clause:
    """What the words so far do to those that follow, within one sentence."""

    __slots__ = ("ability", "begun", "negation", "parted", "spared", "trouble", "weak", "whose")

    def __init__(self) -> None:
        self.negation: Role | None = None
        self.begun = 0
        self.weak = False
        self.whose: Role | None = None
        self.ability: Hit | None = None
        self.trouble = self.spared = self.parted = False

    def hear(self, role: Role, at: int) -> None:
        match role:
            case Role.NO | Role.NOT | Role.CANNOT:
                self.negation, self.weak, self.begun = role, False, at
                self.ability = None
                self.trouble = self.spared = self.parted = False
            case Role.LOST:
                if self.negation in (Role.NO, Role.NOT):
                    self.trouble = True
                else:
                    self.hear(Role.CANNOT, at)
            case Role.UNTIL:
                self.negation = None
            case Role.OR:
                # "No trouble walking or lifting" goes on; "no pain or feeling" does not.
                self.trouble = self.trouble and self.spared
            case Role.AND:
                self.weaken()
            case Role.VERB:
                self.ability = None
                late = at - self.begun > _OWN_VERB
                if self.negation is Role.NO or (self.negation is Role.NOT and late):
                    self.negation = None
            case Role.SELF | Role.OTHER | Role.THING:
                self.whose = role
            case _:
                pass

    def weaken(self) -> None:
        self.ability, self.trouble = None, False
        self.weak = self.negation is not None

    def mark(self, hit: Hit, *, exempt: bool) -> None:
        hit.whose = self.whose
        negation = self.negation
        if hit.sort is Sort.PART:
            self.ability = None
        if negation is None or exempt or hit.sort not in _NEGATED:
            return
        if hit.place - self.begun > _REACH[negation]:
            return
        if hit.sort is Sort.ABILITY:
            self.spared = self.trouble
            if not self.trouble:
                hit.negated, hit.barred = True, negation is Role.CANNOT
                hit.doubtful = hit.doubtful or self.parted
                self.ability = hit
            return
        if hit.sort is Sort.TROUBLE and negation is not Role.CANNOT:
            self.trouble = True
        near = self.ability is not None and 0 < hit.place - self.ability.place <= _OBJECT
        if hit.sort is not Sort.EXTENT and self.ability is not None and near:
            self.ability.negated = False
            hit.negated = True
        if negation is not Role.CANNOT:
            hit.negated, hit.doubtful = not self.weak, hit.doubtful or self.weak


def _says_no(vocabulary: Vocabulary, tokens: Tokens, at: int) -> bool:
    return Role.NO in vocabulary.roles.alone(tokens.words[at])


def _deny_after(vocabulary: Vocabulary, tokens: Tokens, hits: Sequence[Hit]) -> None:
    """Takes away what a "no" after it denies, with nothing else said of it: "no, fever no"."""
    denied: list[Hit] = []
    if not tokens.asked:
        denied = [
            hit
            for hit in hits
            if hit.sort in _DENIED
            and _opens(vocabulary, tokens, hit.start)
            and _closes(vocabulary, tokens, hit.end)
        ]
    for hit in hits if denied else ():
        within = any(by.start <= hit.start and hit.end <= by.end for by in denied)
        hit.negated = hit.negated or (within and hit.sort in _DENIED)


def _opens(vocabulary: Vocabulary, tokens: Tokens, at: int) -> bool:
    return not at or bool(tokens.breaks[at]) or _says_no(vocabulary, tokens, at - 1)


def _closes(vocabulary: Vocabulary, tokens: Tokens, at: int) -> bool:
    """Whether a no stands here, and ends the clause or has its verb after it: "no estoy"."""
    if at >= len(tokens.words) or tokens.breaks[at] or not _says_no(vocabulary, tokens, at):
        return False
    if tokens.pause_before(at + 1):
        return True
    verb = tokens.words[at + 1] in vocabulary.syntax.claiming
    return verb and bool(tokens.pause_before(at + 2))


def _negates(vocabulary: Vocabulary, tokens: Tokens, at: int) -> bool:
    """Whether a "no" takes away what follows ("no pain") or is a reply ("no my legs hurt")."""
    return (
        not tokens.pause_before(at + 1) and tokens.words[at + 1] not in vocabulary.syntax.subjects
    )


def _certainty(rule: Rule, hits: dict[str, list[Hit]], said: list[set[Role]]) -> bool | None:
    """True for a clear match of the rule, False for a possible one, None for none."""
    possible: bool | None = None
    for pattern in rule.patterns:
        if not pattern.needs <= hits.keys():
            continue
        for match in _matches(rule, pattern, hits):
            certain = _weigh(rule, match, said)
            if certain:
                return True
            if certain is not None:
                possible = certain
    return possible


def _matches(rule: Rule, pattern: Pattern, hits: dict[str, list[Hit]]) -> Iterator[list[Hit]]:
    first, *others = pattern.parts
    for anchor in hits[first.concept]:
        if not _fits(first, anchor):
            continue
        match = [anchor]
        for part in others:
            hit = _nearest(rule, part, match, hits[part.concept])
            if hit is None:
                break
            match.append(hit)
        else:
            if not rule.unless or not _excused(rule, match, hits):
                yield match


def _fits(part: Part, hit: Hit) -> bool:
    if part.negated:
        return hit.negated and (hit.barred or not part.barred)
    return not hit.negated or hit.sort is Sort.ABILITY


def _nearest(rule: Rule, part: Part, match: list[Hit], hits: list[Hit]) -> Hit | None:
    """The hit nearest to the first of the match that is not yet part of it."""
    anchor = match[0]
    best: Hit | None = None
    least = rule.within + 1
    for hit in hits:
        distance = hit.place - anchor.place
        if distance > rule.within:
            break
        if (distance < 0 and rule.ordered) or abs(distance) >= least or hit in match:
            continue
        if _fits(part, hit):
            best, least = hit, abs(distance)
    return best


def _excused(rule: Rule, match: list[Hit], hits: dict[str, list[Hit]]) -> bool:
    return any(
        abs(hit.place - part.place) <= max(rule.within, _OBJECT)
        for concept in rule.unless
        for hit in hits.get(concept, ())
        if not hit.negated
        for part in match
    )


def _weigh(rule: Rule, match: list[Hit], said: list[set[Role]]) -> bool | None:
    """How much a match counts, given whose body it is, when it was, and how it was said."""
    roles = said[match[0].sentence]
    certain = rule.certain and not any(hit.doubtful for hit in match)
    if all(hit.whose is Role.THING for hit in match):
        return None
    if rule.mention and Role.DENIES in roles:
        return None
    if (
        Role.ASKS in roles
        and rule.others != "keep"
        and not any(hit.whose is Role.SELF for hit in match)
    ):
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
