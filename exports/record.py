"""One conversation as a plain record: what every export and every figure goes by.

    id, clinic              of the conversation; the clinic's name
    channels                how the person was reached, in the order used: "sms", "voice", ...
    language                of the last turn
    flow, flow_version      which questions it was begun under
    started_at, ended_at    ended_at is null while it is open, as are the next two
    disposition, tier       where it ended, such as "emergency" and "T1"
    answers                 {question id: "yes", "no", "unsure" or "skipped"}, in the flow's order
    turns                   [{number, at, channel, asked, heard, understood, said}]
    stands_at               while it is open: "consent", or the id of the question that is asked
    alerted_at              when the clinic had first to be told of it; null where never

Times are UTC in ISO 8601. `asked` is the id of the question that was open when something was heard,
or null. `heard` is the text, the speech or the keys as they came, and "" where nothing was said:
silence, an empty text, a call that begins or ends. `understood` is the meaning that was read, and
null where there was nothing to read. `said` is a list of messages.

`phone` comes first in a record that was asked for with numbers, and is in no other.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from flows.conversation import Turn
from flows.definition import Flow
from flows.prompts import Message
from flows.reading import Answer
from flows.state import asked_question
from flows.utterance import Channel, Medium
from store.review import StoredConversation


def record(stored: StoredConversation, flow: Flow) -> dict[str, Any]:
    """The record of a conversation, with the keys that are described above."""
    turns = stored.turns
    ended = flow.disposition.get(turns[-1].state.position)
    alerted = next((turn.at for turn in turns if turn.alerts), None)
    return {
        **({"phone": stored.address} if stored.address is not None else {}),
        "id": stored.id,
        "clinic": stored.clinic_name,
        "channels": list(dict.fromkeys(turn.utterance.channel.name for turn in turns)),
        "language": turns[-1].state.language,
        "flow": stored.flow,
        "flow_version": stored.flow_version,
        "started_at": utc(stored.started_at),
        "ended_at": utc(ended_at(turns)) if ended else None,
        "disposition": ended.id if ended else None,
        "tier": ended.tier.value if ended else None,
        "answers": answers(turns, flow),
        "turns": [_turn(turn) for turn in turns],
        "stands_at": None if ended else _stands_at(turns[-1], flow),
        "alerted_at": utc(alerted) if alerted else None,
    }


def _turn(turn: Turn) -> dict[str, Any]:
    return {
        "number": turn.number,
        "at": utc(turn.at),
        "channel": turn.utterance.channel.name,
        "asked": turn.asked,
        "heard": whole(turn.utterance.words),
        "understood": turn.reading.meaning.value if turn.reading else None,
        "said": [joined(message, turn.utterance.channel) for message in turn.said],
    }


def _stands_at(turn: Turn, flow: Flow) -> str:
    question = asked_question(flow, turn.state)
    return question.id if question else turn.state.position


def joined(message: Message, channel: Channel) -> str:
    """A message in one piece, as it is read or spoken."""
    between = " " if channel.medium is Medium.VOICE else "\n\n"
    return between.join(part.words for part in message)


def whole(words: str) -> str:
    """`words` as any program can read them: half a character, which a phone may send, is U+FFFD."""
    return words.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def ended_at(turns: Sequence[Turn]) -> datetime:
    """When the end was reached at which the conversation stands: what came later is no new end."""
    end = turns[-1].state.position
    earlier = [turn for turn in turns if turn.state.position != end]
    first = turns.index(earlier[-1]) + 1 if earlier else 0
    return turns[first].at


def answers(turns: Iterable[Turn], flow: Flow) -> dict[str, Answer]:
    """The answers that count, as they last stood; CHECKED takes them back, but they were given."""
    given = [turn.state.given for turn in turns if turn.state.given]
    last = given[-1] if given else {}
    return {name: last[name].answer for name in flow.question if name in last}


def utc(at: datetime) -> str:
    """A moment in UTC, in ISO 8601, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
