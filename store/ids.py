"""The ids of conversations, which sort by the time of their beginning."""

import os
import uuid
from datetime import datetime


def conversation_id(at: datetime) -> str:
    """A UUID of version 7 for a conversation that begins at `at`: its milliseconds, then chance."""
    return _uuid7(at, os.urandom(10))


def lowest_id(at: datetime) -> str:
    """The first that a conversation of the millisecond of `at` can have."""
    return _uuid7(at, b"\x00" * 10)


def highest_id(at: datetime) -> str:
    """The last that a conversation of the millisecond of `at` can have."""
    return _uuid7(at, b"\xff" * 10)


def _uuid7(at: datetime, rest: bytes) -> str:
    milliseconds = max(int(at.timestamp() * 1000), 0)
    number = int.from_bytes(milliseconds.to_bytes(6) + rest)
    number = number & ~(0xF << 76) | 7 << 76  # the version
    number = number & ~(0x3 << 62) | 2 << 62  # the variant
    return str(uuid.UUID(int=number))
