"""The words that make clauses of a reply, of one language: a table of its vocabulary."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Syntax:
    """Words that decide how others are put together; two that count together are joined by "_".

    `qualifying`: they make a doubt of a yes before them: "yes but".
    `subjects`: after one of them a no before it was a reply of its own: "no my legs hurt".
    `openers`: they can only begin a clause, unless a negation or one of `leading` stands before
    them; `standing` are the negations that can end the clause before.
    `joining`: they join a clause to the one before, if that has a verb of `claiming`.
    `tensed`: verbs that make a clause of what stands after a pause: "both are fine".
    `holding`: what follows is there, whatever is said of it: "with_my", "from_the".
    `well_before`, `well_after`: before and after them a word of being well is none.
    `trailing`: a reply that ends in one of them is left off.
    `before_no`: a no right after one of them, at the very end, is no answer of its own: "say no".
    `thinking`: words of fillers that say that no answer is ready: "let me see".
    `hesitations`: said while looking for a word. `stutters`: they mean nothing more when said
    twice. `starts`: dropped where a pause follows at once.
    """

    qualifying: frozenset[str]
    subjects: frozenset[str]
    openers: frozenset[str]
    leading: frozenset[str]
    standing: frozenset[str]
    joining: frozenset[str]
    claiming: frozenset[str]
    tensed: frozenset[str]
    holding: frozenset[str]
    well_before: frozenset[str]
    well_after: frozenset[str]
    trailing: frozenset[str]
    before_no: frozenset[str]
    thinking: frozenset[str]
    hesitations: frozenset[str]
    stutters: frozenset[str]
    starts: frozenset[str]

    @classmethod
    def of(cls, table: Mapping[str, str]) -> "Syntax":
        """The words of a table. Raises TypeError where a list is missing, or is none of these."""
        return cls(**{name: frozenset(words.split()) for name, words in table.items()})
