"""The chain of a contact's turns, by which a changed, removed or moved row is found.

Each row carries two keyed hashes (HMAC-SHA256). Its `digest` covers the turn as it was in clear:
the sealed words too, so that the row can still be vouched for when they are erased. Its `chain`
covers the chain of the contact's turn before it, the digest, and the row's place. The key comes
from the secret of the installation: who has the database alone can neither make a row that fits,
nor find out by trying which short answer a digest stands for.

Found: a changed value of a turn; a row taken out, put in, or in another place, up to the last
turns of a conversation that another one follows; a conversation or a contact left without turns.

Not found: a contact's newest turns cut off, where their newest conversation keeps its first; or
where conversation and contact are removed along with all of it. Nothing comes after them that
could tell. (A count per clinic would, but every turn would then wait for the same row.) Keep the
heads of an earlier replay elsewhere: `backline replay --heads FILE` finds these too. Nor is found
what somebody writes who has the secret. The carrier's own keys, `sid` and `token`, are not covered.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

import msgspec

from store.sealing import Sealer

START = bytes(32)
"""What stands for the chain before a contact's first turn."""

_FIELDS = (
    *("number", "channel", "medium", "kind", "attachments", "keyword", "in_reply_to"),
    *("question", "asked", "meaning", "rule", "flags", "position", "alerts", "state"),
)
_fields = itemgetter(*_FIELDS)
_encode = msgspec.json.Encoder().encode


def turn_digest(sealer: Sealer, row: Mapping[str, Any], heard: str, said: str) -> bytes:
    """The digest of a turn's row.

    `heard`, `said`: what is sealed in it, in clear; "" for none.
    """
    # SQLite has 1 and 0 for true and false; a moment is one in whichever zone it was said.
    at, sure = row["at"].astimezone(UTC), float(row["confidence"])
    # Half a surrogate pair is no character, but somebody's phone may send one.
    words, reply = heard.encode("utf-8", "surrogatepass"), said.encode("utf-8", "surrogatepass")
    ends = bool(row["connect"]), bool(row["hang_up"])
    clear = (_fields(row), at, sure, *ends, len(words), len(reply))
    return sealer.mark("turn", b"".join((_encode(clear), words, reply)))


def turn_chain(
    sealer: Sealer, previous: bytes, digest: bytes, row: Mapping[str, Any], begun_under: str
) -> bytes:
    """The chain at a row, after `previous`.

    `begun_under`: the flow and its version, which the conversation's first turn vouches for.
    """
    ordinal, number = row["ordinal"], row["number"]
    # A contact gets its id as its first turn is stored, so that turn cannot cover it.
    contact = row["contact_id"] if ordinal > 1 else 0
    begun = begun_under if number == 1 else ""
    place = f"{row['conversation_id']} {number} {contact} {ordinal} {begun}"
    return sealer.mark("chain", previous + digest + place.encode())


def tombstone(sealer: Sealer, chain: bytes, at: datetime, reason: str) -> bytes:
    """What a row that was erased by rule carries: words taken out by hand leave none."""
    when = at.astimezone(UTC).isoformat(timespec="microseconds")
    return sealer.mark("erased", chain + f"{when} {reason}".encode())
