"""The ids of conversations, which sort by the time of their beginning."""

import os
import uuid
from datetime import datetime


def conversation_id(at: datetime) -> str:
    """A UUID of version 7 for a conversation that begins at `at`: its milliseconds, then chance."""
    return _uuid7(at, os.urandom(10))


def lowest_id(at: datetime) -> str:
    """What sorts before every id of the millisecond of `at` and after, and behind all before it."""
    return _uuid7(at, bytes(10))


def _uuid7(at: datetime, rest: bytes) -> str:
    milliseconds = int(at.timestamp() * 1000)
    number = int.from_bytes(milliseconds.to_bytes(6) + rest)
    number = number & ~(0xF << 76) | 7 << 76  # the version
    number = number & ~(0x3 << 62) | 2 << 62  # the variant
    return str(uuid.UUID(int=number))
