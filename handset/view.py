"""What the page shows: the turns of one phone, as texts, as a call, and one by one.

In come turns as they are stored, out come plain values for a template, which escapes them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from exports.decision import decision_of
from exports.record import joined, whole
from exports.transcript import SURE
from flows.conversation import Turn
from flows.line import Line
from flows.utterance import Kind, Medium
from flows.wording import Length, length
from handset.interface import Interface
from handset.visit import Visit
from store.contact_turns import TakenTurn


@dataclass(frozen=True, slots=True)
class Bubble:
    """A text, or something said on the phone.

    `who`: "line", "person" or "note".  `language`: the tag of the words, "" where nobody knows.
    `size`: how a text of the line's travels.  `logged`: it is on the log.
    """

    id: str
    who: str
    words: str
    language: str = ""
    size: Length | None = None
    logged: bool = True


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of a turn: its name, what it says, and how it is shown ("" plainly)."""

    name: str
    value: str
    look: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A turn. `opens`: a conversation begins with it, and it is not the phone's first."""

    id: str
    number: int
    medium: str
    opens: bool
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the newest conversation stands. `tier`: of its end, or "" while it is open."""

    tier: str
    words: str
    alerts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class View:
    """All of the page that comes from the log. `begun`: something has been heard."""

    texts: tuple[Bubble, ...] = ()
    call: tuple[Bubble, ...] = ()
    rows: tuple[Row, ...] = ()
    standing: Standing | None = None

    @property
    def begun(self) -> bool:
        return bool(self.rows)


def view_of(taken: Sequence[TakenTurn], visit: Visit, line: Line, words: Interface) -> View:
    """The page of `visit`, in the page's own `words`."""
    texts: list[Bubble] = []
    call: list[Bubble] = []
    rows: list[Row] = []
    for place, one in enumerate(taken):
        by_text = one.turn.utterance.channel.medium is Medium.TEXT
        (texts if by_text else call).extend(_bubbles(place, one.turn, line, words))
        rows.append(_row(place, one.turn, line, words))
    also = call if visit.unlogged_by_phone else texts
    tag = _tag(line.language, line)
    for number, said in enumerate(visit.unlogged):
        size = None if visit.unlogged_by_phone else length(said)
        also.append(Bubble(f"u{len(taken)}-{number}", "line", said, tag, size, logged=False))
    standing = _standing(taken, line, words) if taken else None
    return View(tuple(texts), tuple(call), tuple(rows), standing)


# --- Texts and calls --------------------------------------------------------------------------


def _bubbles(place: int, turn: Turn, line: Line, words: Interface) -> Iterator[Bubble]:
    by_text = turn.utterance.channel.medium is Medium.TEXT
    heard = _heard(turn, words)
    if heard:
        silent = turn.utterance.kind in (Kind.TEXT, Kind.DIGITS, Kind.SPEECH)
        yield Bubble(f"t{place}-heard", "person" if silent else "note", heard)
    for number, message in enumerate(turn.said):
        if by_text:
            said = joined(message, turn.utterance.channel)
            tag = _tag(turn.state.language, line)
            yield Bubble(f"t{place}-{number}", "line", said, tag, length(said))
        else:
            # One for each paragraph: a message may hold a sentence in another language.
            for part_number, part in enumerate(message):
                tag = _tag(part.language or turn.state.language, line)
                yield Bubble(f"t{place}-{number}-{part_number}", "line", part.words, tag)


def _heard(turn: Turn, words: Interface) -> str:
    heard = turn.utterance
    match heard.kind:
        case Kind.TEXT:
            picture = words("a_picture") if heard.attachments else ""
            return f"{whole(heard.words)} {picture}".strip() or words("empty_text")
        case Kind.DIGITS:
            return heard.words
        case Kind.SPEECH:
            return whole(heard.words)
        case Kind.SILENCE:
            return words("was_silent")
        case Kind.ARRIVAL:
            return words("began")
        case Kind.HANG_UP:
            return words("hung_up")
        case Kind.CLINIC_REACHED:
            return words("was_reached")
        case Kind.CLINIC_MISSED:
            return words("was_missed")
        case _:
            return words("time_passed")


def _tag(language: str, line: Line) -> str:
    return f"{language}-{line.locale.partition('-')[2]}"


# --- Turn by turn -----------------------------------------------------------------------------


def _row(place: int, turn: Turn, line: Line, words: Interface) -> Row:
    return Row(
        id=f"t{place}",
        number=turn.number,
        medium=words("by_text" if turn.utterance.channel.medium is Medium.TEXT else "by_phone"),
        opens=turn.opens and place > 0,
        facts=tuple(_facts(turn, line, words)),
    )


def _facts(turn: Turn, line: Line, words: Interface) -> Iterator[Fact]:
    heard = turn.utterance
    said = _heard(turn, words)
    if heard.kind is Kind.DIGITS:
        said = words("pressed", keys=heard.words)
    if heard.kind is Kind.SPEECH and heard.confidence < SURE:
        said = words("confidence", words=said, confidence=f"{heard.confidence:g}")
    yield Fact(words("heard"), said)
    if turn.reading:
        read = words("by_rule", meaning=turn.reading.meaning, rule=turn.reading.rule)
        yield Fact(words("understood"), read)
        for flag in turn.reading.flags:
            name = words("flag" if flag.certain else "maybe_flag")
            yield Fact(name, words("by_rule", meaning=flag.about, rule=flag.rule), "flag")
    decided = decision_of(turn, line)
    if decided.untimely:
        yield Fact(words("then"), words(decided.untimely))
    if decided.reply.language:
        yield Fact(words("in_language"), decided.reply.language)
    if decided.reply.ends:
        yield Fact(words("ends"), decided.reply.ends, _look(turn, line))
    elif decided.asks:
        yield Fact(words("asks"), words("question", **_question(turn, line)))
    if decided.waits_for:
        yield Fact(words("then"), words("waits_for", what=decided.waits_for))
    for alert in turn.alerts:
        yield Fact(words("alert"), alert, "alert")
    if turn.connect:
        yield Fact(words("then"), words("connect"))
    if turn.hang_up:
        yield Fact(words("then"), words("hangs_up"))


def _look(turn: Turn, line: Line) -> str:
    ended = line.flow.disposition.get(turn.state.position)
    return ended.tier.value if ended else ""


def _question(turn: Turn, line: Line) -> dict[str, object]:
    decided = decision_of(turn, line)
    assert decided.asks is not None
    of = len(line.flow.questions)
    return {
        "id": decided.asks.id, "tier": decided.asks.tier.value, "place": decided.place, "of": of,
    }  # fmt: skip


def _standing(taken: Sequence[TakenTurn], line: Line, words: Interface) -> Standing:
    newest = taken[-1]
    decided = decision_of(newest.turn, line)
    alerts = [
        alert
        for one in taken
        if one.conversation == newest.conversation
        for alert in one.turn.alerts
    ]
    tier = decided.ended.tier if decided.ended else None
    if tier is not None:
        said = words(tier.value)
    elif decided.asks is not None:
        said = words("open", **_question(newest.turn, line))
    else:
        said = words("waits_for", what=decided.waits_for)
    return Standing(tier.value if tier else "", said, tuple(dict.fromkeys(alerts)))
