"""One language's words, read from TOML: how replies are read, how red flags are found.

In comes a language's name, out comes a frozen `Vocabulary`. Everything that belongs to one
language stands in `flows/vocabulary/<language>.toml` (replies) and `<language>_flags.toml`;
`understanding` and `flags` rest on this module and know no language.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal, TypeVar

import msgspec

from flows.marks import Mark, Role, Sort, Tail
from flows.reading import Answer, Request
from flows.spelling import Spelling, guesses, splitter
from flows.syntax import Syntax
from flows.words import Phrases

K = TypeVar("K")

ANY = "any"
"""The name of what fits the safe answer to every question, in `Vocabulary.fitting`."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a pattern: a concept, and whether it must be negated ("!feel").

    `barred`: by "cannot" and its like, not by a "no" or "not" ("!!breathe").
    """

    concept: str
    negated: bool
    barred: bool


@dataclass(frozen=True, slots=True)
class Pattern:
    """Concepts that stand near each other; `needs` names them all."""

    parts: tuple[Part, ...]
    needs: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rule:
    """A red flag: `patterns`, any of which is enough, and how sure it makes us.

    `within`: how many words may stand between the first part and any other.
    `ordered`: the parts must stand in this order. `long_ago`: it counts even if long past.
    `others`: what it means of somebody else: "drop", "ask", or "keep" it as it is.
    `mention`: a mere mention, which counts for nothing where the sentence denies any trouble.
    `unless`: concepts that take it away when they stand that near.
    """

    name: str
    about: str
    certain: bool
    patterns: tuple[Pattern, ...]
    within: int
    ordered: bool
    long_ago: bool
    others: str
    mention: bool
    unless: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """One language, equal to itself alone. `rules` are found by the concept that they begin with.

    `fitting`: the id of a question -> what fits its safe answer; `ANY` for every other one. Such
    words are a doubt at every other question.
    `unfit`: the id of a question -> words, or several together, that leave a no to it in doubt.
    `told`: the id of a question -> the concepts that are a yes to it by themselves.
    """

    language: str
    spelling: Spelling
    marks: Phrases[Mark]
    fitting: Mapping[str, tuple[Phrases[Mark], ...]]
    unfit: Mapping[str, tuple[frozenset[str], ...]]
    whole: Mapping[str, Answer | Request]
    whole_spoken: Mapping[str, Answer | Request]
    tails: Mapping[str, Tail]
    bare: frozenset[str]
    bare_numbers: tuple[int, int]
    syntax: Syntax
    skipped: frozenset[str]
    roles: Phrases[Role]
    mine: frozenset[str]
    concepts: Phrases[str]
    sorts: Mapping[str, Sort]
    numbers: tuple[tuple[str, float, float], ...]
    told: Mapping[str, frozenset[str]]
    rules: Mapping[str, tuple[Rule, ...]]


class _ReplyFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    language: str
    bare: str
    bare_numbers: tuple[int, int]
    syntax: dict[str, str]
    vowels: str
    endings: dict[str, str]
    spelling: dict[str, str]
    symbols: dict[str, str]
    tails: dict[Tail, str]
    phrases: dict[Mark, list[str]]
    fitting: dict[str, list[str]]
    unfit: dict[str, str]
    whole: dict[str, list[str]]
    whole_spoken: dict[str, list[str]]


class _RuleEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    when: list[str]
    certain: bool = True
    within: int = 6
    ordered: bool = False
    long_ago: bool = False
    others: Literal["drop", "ask", "keep"] = "ask"
    mention: bool = False
    unless: list[str] = []


class _FlagFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    skipped: str
    plain: str
    roles: dict[Role, list[str]]
    numbers: dict[str, tuple[float, float]]
    told: dict[str, str]
    symptoms: dict[str, list[str]]
    troubles: dict[str, list[str]]
    extents: dict[str, list[str]]
    lacks: dict[str, list[str]]
    abilities: dict[str, list[str]]
    parts: dict[str, list[str]]
    others: dict[str, list[str]]
    idioms: dict[str, list[str]]
    rules: list[_RuleEntry]


@cache
def read_vocabulary(language: str) -> Vocabulary:
    """The vocabulary of a language, such as `en`. Raises where a file is missing or wrong."""
    folder = resources.files("flows") / "vocabulary"
    reply = msgspec.toml.decode((folder / f"{language}.toml").read_bytes(), type=_ReplyFile)
    flags = msgspec.toml.decode((folder / f"{language}_flags.toml").read_bytes(), type=_FlagFile)
    sorts = _sorts(flags)
    marks = Phrases[Mark].of(_entries(reply.phrases))
    roles = Phrases[Role].of(_entries(flags.roles))
    concepts = Phrases[str].of(entry for sort in Sort for entry in _entries(getattr(flags, sort)))
    skipped = frozenset(flags.skipped.split())
    tails = {word: tail for tail, words in reply.tails.items() for word in words.split()}
    known = marks.words() | roles.words() | tails.keys() | skipped
    whole = _whole(reply.whole)
    return Vocabulary(
        language=reply.language,
        spelling=_spelling(reply, flags, concepts, known),
        marks=marks,
        fitting=_fitting(reply.fitting),
        unfit={name: _sets(words) for name, words in reply.unfit.items()},
        whole=whole,
        whole_spoken=whole | _whole(reply.whole_spoken),
        tails=tails,
        bare=frozenset(reply.bare.split()),
        bare_numbers=reply.bare_numbers,
        syntax=Syntax.of(reply.syntax),
        skipped=skipped,
        roles=roles,
        mine=frozenset(flags.roles[Role.SELF]),
        concepts=concepts,
        sorts=sorts,
        numbers=tuple((name, low, high) for name, (low, high) in flags.numbers.items()),
        told=_told(flags.told, sorts),
        rules=_by_first_concept(flags.rules, sorts),
    )


def _entries(table: Mapping[K, list[str]]) -> Iterator[tuple[str, K]]:
    for meaning, phrases in table.items():
        for phrase in phrases:
            yield phrase, meaning


def _sorts(flags: _FlagFile) -> dict[str, Sort]:
    sorts: dict[str, Sort] = {}
    for sort in Sort:
        for concept in getattr(flags, sort):
            if concept in sorts:
                raise ValueError(f"two concepts are called {concept}")
            sorts[concept] = sort
    return sorts | dict.fromkeys(flags.numbers, Sort.OTHER)


def _spelling(
    reply: _ReplyFile,
    flags: _FlagFile,
    concepts: Phrases[str],
    known: set[str],
) -> Spelling:
    variants = {
        variant: tuple(word.split())
        for word, written in reply.spelling.items()
        for variant in written.split()
    }
    answers = {word for mark in (Mark.YES, Mark.NO) for word in reply.phrases[mark]}
    tables = (flags.symptoms, flags.troubles, flags.lacks, flags.abilities, flags.parts)
    bodily = concepts.words(frozenset().union(*tables))
    known = known | bodily | concepts.words(flags.others.keys())
    return Spelling(
        variants=variants | {symbol: (word,) for symbol, word in reply.symbols.items()},
        known=frozenset(known),
        stretchable=frozenset(word for word in answers if word.isalpha()),
        endings=reply.endings,
        owners=frozenset(concepts.single_words(flags.parts.keys())),
        vowels=frozenset(reply.vowels),
        guesses=guesses(bodily),
        plain=frozenset(known | concepts.words(flags.idioms.keys()) | set(flags.plain.split())),
        splitter=splitter(reply.symbols),
    )


def _fitting(entries: Mapping[str, list[str]]) -> dict[str, tuple[Phrases[Mark], ...]]:
    """What fits each question's safe answer; an entry may be for several: "bladder bowel"."""
    phrases: dict[str, list[str]] = {}
    for names, some in entries.items():
        for name in names.split():
            phrases.setdefault(name, []).extend(some)
    trees = {
        name: Phrases[Mark].of((phrase, Mark.FITTING) for phrase in some)
        for name, some in phrases.items()
    }
    everywhere = trees.pop(ANY)
    return {ANY: (everywhere,)} | {name: (tree, everywhere) for name, tree in trees.items()}


def _sets(words: str) -> tuple[frozenset[str], ...]:
    """Words that count by themselves, or together with others: "number left+right"."""
    return tuple(frozenset(together.split("+")) for together in words.split())


def _whole(table: Mapping[str, list[str]]) -> dict[str, Answer | Request]:
    names: dict[str, Answer | Request] = {request.value: request for request in Request}
    names |= {answer.value: answer for answer in Answer}
    return {phrase: names[name] for name, phrases in table.items() for phrase in phrases}


def _told(entries: Mapping[str, str], sorts: Mapping[str, Sort]) -> dict[str, frozenset[str]]:
    told = {name: frozenset(concepts.split()) for name, concepts in entries.items()}
    if unknown := frozenset().union(*told.values()) - sorts.keys():
        raise ValueError(f"told: no concept is called {', '.join(sorted(unknown))}")
    return told


def _by_first_concept(
    entries: list[_RuleEntry], sorts: Mapping[str, Sort]
) -> dict[str, tuple[Rule, ...]]:
    found: dict[str, list[Rule]] = {}
    for entry in entries:
        patterns = [_pattern(pattern) for pattern in entry.when]
        named = {concept for pattern in patterns for concept in pattern.needs} | {*entry.unless}
        if unknown := named - sorts.keys():
            raise ValueError(f"{entry.name}: no concept is called {', '.join(sorted(unknown))}")
        for concept in dict.fromkeys(pattern.parts[0].concept for pattern in patterns):
            rule = Rule(
                name=entry.name,
                about=entry.name.partition(".")[0],
                certain=entry.certain,
                patterns=tuple(p for p in patterns if p.parts[0].concept == concept),
                within=entry.within,
                ordered=entry.ordered,
                long_ago=entry.long_ago,
                others=entry.others,
                mention=entry.mention,
                unless=frozenset(entry.unless),
            )
            found.setdefault(concept, []).append(rule)
    return {concept: tuple(rules) for concept, rules in found.items()}


def _pattern(written: str) -> Pattern:
    parts = [part.strip() for part in written.split("+")]
    return Pattern(
        tuple(Part(p.lstrip("!"), p.startswith("!"), p.startswith("!!")) for p in parts),
        frozenset(part.lstrip("!") for part in parts),
    )
