"""Finding conversations by the words that callers used, or by a number; the newest first.

All words must have been used in the conversation. The rarest of them is walked, and for each
conversation that it is in the others are looked up, so the common ones cost little.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import BigInteger, Select, bindparam, exists, literal_column, select

from flows.vocabulary import Vocabulary
from store.card_tables import card_marks, cards, words
from store.database import Database
from store.inbox import (
    LAST_ID,
    LISTED,
    PAGE,
    Filter,
    Listed,
    filter_values,
    filtered,
    in_place,
    listed,
    mark_of,
)
from store.link import Link
from store.sealing import Sealer
from store.tables import contacts, conversations
from store.word_index import fold, word_hash

RARE: Final = 2000
"""A word that is in that many conversations is as common as any."""


@dataclass(frozen=True, slots=True)
class Found:
    """Some of what was found.  `after`: the id that the next page begins after, or None."""

    cards: tuple[Listed, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Words to look for, folded: each in the form of every language that the line knows.

    `left_out`: the words that are not kept, since they stand in any conversation.
    """

    forms: tuple[frozenset[str], ...]
    left_out: tuple[str, ...]


def wanted(vocabularies: Mapping[str, Vocabulary], typed: str) -> Wanted:
    """What somebody who typed this is looking for."""
    forms, left_out = [], []
    for word in dict.fromkeys(typed.split()):
        folded = [fold(one, word) for one in vocabularies.values()]
        if all(folded):
            # One that any language leaves out may not be kept, so it cannot be asked for.
            forms.append(frozenset[str]().union(*folded))
        elif any(mark.isalnum() for mark in word):
            left_out.append(word)
    return Wanted(tuple(forms), tuple(left_out))


def search_words(  # noqa: PLR0913  each narrows the search
    database: Database,
    sealer: Sealer,
    clinic: int,
    forms: Iterable[Iterable[str]],
    chosen: Filter = Filter(),  # noqa: B008  frozen
    after: str | None = None,
    size: int = PAGE,
) -> Found:
    """The conversations in which every word was used, in one of its forms."""
    hashes = [[word_hash(sealer, clinic, form) for form in sorted(word)] for word in forms]
    if not hashes:
        return Found((), None)
    values = {**filter_values(chosen), "clinic_id": clinic, "last": after or LAST_ID}
    with database.link() as link:
        rarest, *others = _rarest_first(database, link, hashes)
        find = database.query(_with_words(chosen, [len(one) for one in others], size + 1))
        for number, word in enumerate(others):
            values |= {f"word_{number}_{place}": form for place, form in enumerate(word)}
        found: dict[str, Listed] = {}
        for form in rarest:
            for row in link.read(find, {**values, "word": form}):
                one = listed(find.named(row))
                found[one.conversation] = one
    return _page(sorted(found.values(), key=lambda one: one.conversation, reverse=True), size)


def search_number(  # noqa: PLR0913  as above
    database: Database,
    sealer: Sealer,
    clinic: int,
    number: str,
    chosen: Filter = Filter(),  # noqa: B008  frozen
    after: str | None = None,
    size: int = PAGE,
) -> Found:
    """The conversations of whoever has `number`, E.164."""
    find = database.query(_of_contact(chosen, size + 1))
    fingerprint = sealer.fingerprint(clinic, number)
    values = {
        **filter_values(chosen),
        "clinic_id": clinic,
        "last": after or LAST_ID,
        "fingerprint": fingerprint,
    }
    with database.link() as link:
        rows = [listed(find.named(row)) for row in link.read(find, values)]
    return _page(rows, size)


def _page(found: Sequence[Listed], size: int) -> Found:
    shown = tuple(found[:size])
    return Found(shown, shown[-1].conversation if len(found) > size else None)


def _rarest_first(database: Database, link: Link, hashes: list[list[int]]) -> list[list[int]]:
    count = database.query(_COUNT)
    counted = [
        (sum(len(link.read(count, {"word": form})) for form in word), place)
        for place, word in enumerate(hashes)
    ]
    return [hashes[place] for _, place in sorted(counted)]


# --- Statements -----------------------------------------------------------------------------------

_COUNT = (
    select(words.c.word).where(words.c.word == bindparam("word")).limit(literal_column(str(RARE)))
)


def _with_words(chosen: Filter, others: Sequence[int], size: int) -> Select[Any]:
    """`others`: how many forms each of the other words has."""
    statement = (
        select(*LISTED)
        .join_from(words, cards, cards.c.conversation_id == words.c.conversation_id)
        .where(
            words.c.word == bindparam("word", type_=BigInteger),
            words.c.conversation_id < bindparam("last"),
        )
    )
    for number, forms in enumerate(others):
        also = words.alias(f"word_{number}")
        names = [bindparam(f"word_{number}_{n}", type_=BigInteger) for n in range(forms)]
        statement = statement.where(
            exists().where(
                also.c.conversation_id == words.c.conversation_id,
                also.c.word.in_(names) if len(names) > 1 else also.c.word == names[0],
            )
        )
    return _narrowed(statement, chosen, size).order_by(words.c.conversation_id.desc())


def _of_contact(chosen: Filter, size: int) -> Select[Any]:
    contact = (
        select(contacts.c.id)
        .where(
            contacts.c.fingerprint == bindparam("fingerprint"),
            contacts.c.clinic_id == bindparam("clinic_id"),
        )
        .scalar_subquery()
    )
    statement = (
        select(*LISTED)
        .join_from(conversations, cards, cards.c.conversation_id == conversations.c.id)
        .where(
            conversations.c.contact_id == contact,
            cards.c.sort_id < bindparam("last"),
        )
    )
    return _narrowed(statement, chosen, size).order_by(cards.c.sort_id.desc())


def _narrowed(statement: Select[Any], chosen: Filter, size: int) -> Select[Any]:
    if mark_of(chosen) is not None:
        statement = statement.where(
            exists().where(
                card_marks.c.conversation_id == cards.c.conversation_id,
                card_marks.c.mark == bindparam("mark"),
            )
        )
    if chosen.begun_from is not None:
        statement = statement.where(cards.c.conversation_id >= bindparam("low"))
    if chosen.begun_before is not None:
        statement = statement.where(cards.c.conversation_id < bindparam("high"))
    # What the state asks for, too: the list walks places for it.
    statement = filtered(statement, chosen).where(
        cards.c.clinic_id == bindparam("clinic_id"), in_place(chosen.where)
    )
    return statement.limit(literal_column(str(size)))
