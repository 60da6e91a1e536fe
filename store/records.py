"""A turn as a row, and back: loaded, it equals the turn that was stored."""

from collections.abc import Mapping
from typing import Any

import msgspec

from flows.conversation import Turn
from flows.prompts import Part
from flows.reading import Answer, Flag, Meaning, Miss, Reading, Request
from flows.state import State
from flows.utterance import Channel, Keyword, Kind, Medium, Utterance
from store.chain import turn_digest
from store.errors import StoreError
from store.sealing import Sealer

_Messages = tuple[tuple[Part, ...], ...]

_encode = msgspec.json.Encoder().encode
_decode_state = msgspec.json.Decoder(State).decode
_decode_said = msgspec.json.Decoder(_Messages).decode
_decode_flags = msgspec.json.Decoder(tuple[Flag, ...]).decode
_decode_alerts = msgspec.json.Decoder(tuple[str, ...]).decode

_meanings: dict[str, Meaning] = {
    meaning.value: meaning for kind in (Answer, Request, Miss) for meaning in kind
}


def turn_values(turn: Turn, conversation: str, sealer: Sealer) -> dict[str, Any]:
    """The columns that hold `turn`, as a turn of the conversation of that id."""
    heard, reading, state = turn.utterance, turn.reading, turn.state
    place = f"{conversation}/{turn.number}"
    said = _encode(turn.said).decode() if turn.said else ""
    values = {
        "conversation_id": conversation,
        "number": turn.number,
        "at": turn.at,
        "channel": heard.channel.name,
        "medium": heard.channel.medium.value,
        "kind": heard.kind.value,
        "heard": sealer.seal(heard.words, f"{place}/heard") if heard.words else None,
        "confidence": heard.confidence,
        "attachments": heard.attachments,
        "keyword": heard.keyword.value if heard.keyword else None,
        "in_reply_to": heard.in_reply_to,
        "question": heard.question,
        "asked": turn.asked,
        "meaning": reading.meaning.value if reading else None,
        "rule": reading.rule if reading else None,
        "flags": _encode(reading.flags).decode() if reading else None,
        "said": sealer.seal(said, f"{place}/said") if said else None,
        "state": _encode(state).decode(),
        "position": state.position,
        "alerts": _encode(turn.alerts).decode(),
        "connect": turn.connect,
        "hang_up": turn.hang_up,
    }
    values["digest"] = turn_digest(sealer, values, heard.words, said)
    return values


def digest_of(row: Mapping[str, Any], sealer: Sealer) -> bytes:
    """The digest that a row should have; SealError where its words do not open."""
    place = f"{row['conversation_id']}/{row['number']}"
    heard, said = row["heard"], row["said"]
    return turn_digest(
        sealer,
        row,
        sealer.open(heard, f"{place}/heard") if heard is not None else "",
        sealer.open(said, f"{place}/said") if said is not None else "",
    )


def stored_turn(row: Mapping[str, Any], sealer: Sealer) -> Turn:
    """The turn of a row; SealError where its words do not open.

    StoreError where it is damaged, or was erased.
    """
    if row["state"] is None:
        raise StoreError("a stored turn was erased")
    try:
        return _turn(row, sealer)
    except (ValueError, KeyError, msgspec.DecodeError):
        raise StoreError("a stored turn cannot be read") from None


def stored_state(text: str) -> State:
    """The state of a row; StoreError where it is damaged, or of a program that knew others."""
    try:
        return _decode_state(text)
    except msgspec.DecodeError:
        raise StoreError("a stored state cannot be read") from None


def _turn(row: Mapping[str, Any], sealer: Sealer) -> Turn:
    number = row["number"]
    place = f"{row['conversation_id']}/{number}"
    heard, said, meaning = row["heard"], row["said"], row["meaning"]
    utterance = Utterance(
        channel=Channel(row["channel"], Medium(row["medium"])),
        kind=Kind(row["kind"]),
        words=sealer.open(heard, f"{place}/heard") if heard is not None else "",
        confidence=row["confidence"],
        attachments=row["attachments"],
        keyword=Keyword(row["keyword"]) if row["keyword"] is not None else None,
        in_reply_to=row["in_reply_to"],
        question=row["question"],
    )
    reading = None
    if meaning is not None:
        reading = Reading(_meanings[meaning], row["rule"], _decode_flags(row["flags"]))
    return Turn(
        number=number,
        opens=number == 1,
        at=row["at"],
        utterance=utterance,
        asked=row["asked"],
        reading=reading,
        said=_decode_said(sealer.open(said, f"{place}/said")) if said is not None else (),
        state=_decode_state(row["state"]),
        alerts=_decode_alerts(row["alerts"]),
        connect=bool(row["connect"]),
        hang_up=bool(row["hang_up"]),
    )
