"""Whether a caller can have heard the advice, by what the log holds of the call.

Two things tell. Whoever answers after it has heard it to its end: a key cuts short nothing but the
last message of a turn, and advice is never that one alone. And a call that ended without an answer
must have lasted as long as it takes to say the advice once. Where neither holds, or nothing is
known of the end of the call, it counts as not heard: an alarm too many costs the clinic a call.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from flows.conversation import Turn
from flows.utterance import Kind, Medium

WORDS_A_SECOND: Final = 2.2
"""The line speaks at nine tenths of the usual speed of its voices, some 150 words a minute."""

UNDER_WAY: Final = timedelta(seconds=3)
"""From the turn to the first word, and from the end of the call to the news of it."""

_ANSWERS: Final = frozenset(
    (Kind.DIGITS, Kind.SPEECH, Kind.SILENCE, Kind.CLINIC_REACHED, Kind.CLINIC_MISSED)
)
_AGAIN: Final = "say_again"


def advice_was_heard(turns: Sequence[Turn], number: int) -> bool:
    """Whether the caller can have heard the advice that the turn `number` gave by phone.

    `turns`: those of the conversation, in their order.
    """
    given = next(turn for turn in turns if turn.number == number)
    for turn in turns:
        if turn.number <= number or turn.utterance.channel.medium is not Medium.VOICE:
            continue
        if turn.utterance.kind in _ANSWERS:
            return True
        # It ended, or another call began: then the end of this one was not noted.
        return turn.utterance.kind is Kind.HANG_UP and (
            turn.at - given.at >= time_to_say(given) + UNDER_WAY
        )
    return False


def time_to_say(turn: Turn) -> timedelta:
    """How long it takes to say the first message of `turn`, once: what is told twice in it too."""
    words = 0
    for part in turn.said[0] if turn.said else ():
        if part.key == _AGAIN:
            break
        words += len(part.words.split())
    return timedelta(seconds=words / WORDS_A_SECOND)
