"""What can be heard, for the proof: every kind of it, with its reading known.

The proof is about the flow and not about vocabulary: an event carries the `Reading` that the core
would have made of its words, and its words are a mark that no reply may echo (I-24).
Part of `flows.proof`.

Flag words are about a question. The core asks of a question its tier, its targets and whether it
is turned round, and of its place only whether it is before or after another's; so of the red
flags that are alike the first and the last stand for those between them, except where nothing
else is out of the ordinary: there each question's own words are heard.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from flows.definition import Flow, Question, Tier
from flows.reading import CRISIS, Answer, Flag, Meaning, Miss, Reading, Request
from flows.utterance import Channel, Keyword, Kind, Medium, Utterance

ECHO = "zqx"
"""The words of every event. Not in any text of the line, so a reply that holds them echoes them."""

TEXT = Channel("sms", Medium.TEXT)
VOICE = Channel("voice", Medium.VOICE)
CLOCK = Channel("clock", Medium.TEXT)

SOON = timedelta(seconds=20)
AT_ONCE = timedelta(seconds=0.5)
HALF_AN_HOUR = timedelta(minutes=30)
HALF_A_DAY = timedelta(hours=13)
"""Twice this is more than a day, so that what is kept for a day can run out between two answers."""
A_DAY_LATER = timedelta(hours=25)
WEEKS_LATER = timedelta(days=15)

ALWAYS, ALONE, WITH_ONE = 9, 0, 1
"""`Event.among`: heard in every state, in ordinary ones, in those with one thing out of it."""

LOW = 0.2
"""A recogniser's confidence that is less than any sensible setting asks for."""


class Heard(Utterance, frozen=True):
    """An utterance with its reading, and the language that it is in ("" for the one in use)."""

    reading: Reading | None = None
    language: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that can happen next.

    `name`: as a transcript tells it.  `wait`: how long after the last one.
    `among`: the most things out of the ordinary (`flows.proof.states`) that it is heard among.
    `many_turns`: it comes after so many turns that the conversation is at its bound.
    `old_version`: the conversation was begun under another major version of the flow.
    `begun`: the clock's: the conversation was begun so, and the clock has not spoken in it yet.
    `same_as`: the text that means the same, for a call (I-12).
    The rest is read off `heard`: `stale`: it answers what is no longer the newest question;
    `sure`: a recogniser heard it well enough.
    """

    name: str
    heard: Heard
    wait: timedelta = SOON
    among: int = ALWAYS
    many_turns: bool = False
    old_version: bool = False
    begun: Medium | None = None
    same_as: str = ""
    spoken: bool = field(init=False)
    meaning: Meaning | None = field(init=False)
    flags: tuple[Flag, ...] = field(init=False)
    stale: bool = field(init=False)
    sure: bool = field(init=False)

    def __post_init__(self) -> None:
        """A walk asks for these millions of times, so they are read once."""
        heard = self.heard
        for name, value in (
            ("spoken", heard.channel.medium is Medium.VOICE),
            ("meaning", heard.reading.meaning if heard.reading else None),
            ("flags", heard.reading.flags if heard.reading else ()),
            ("stale", heard.in_reply_to is not None),
            ("sure", heard.confidence > LOW),
        ):
            object.__setattr__(self, name, value)


class Events:
    """What can be heard in `flow`, by the question that is asked (None where none is)."""

    def __init__(self, flow: Flow) -> None:
        """Work all of it out once; the order is that of a search, so simple things come first."""
        everywhere = tuple(_everywhere(flow))
        self._by_asked: dict[str | None, tuple[Event, ...]] = {None: everywhere}
        flags = [name for group in alike(flow) for name in group]
        for question in flow.questions:
            others = [name for name in flags if name != question.id]
            here = (*_about(question), *_beside_no(others))
            self._by_asked[question.id] = (*everywhere, *here)
        every = {event.name: event for events in self._by_asked.values() for event in events}
        self.count = len(every)
        self.deciding = sum(event.among == ALWAYS for event in every.values())

    def at(self, asked: str | None) -> tuple[Event, ...]:
        return self._by_asked[asked]


def alike(flow: Flow) -> list[list[str]]:
    """The red flags that words can raise, those together that differ in nothing but their name."""
    groups: dict[object, list[str]] = {}
    for one in flow.questions:
        if one.red_flag and not one.turned_round:
            record = (one.tier, one.yes, one.no, one.unsure, one.skipped)
            groups.setdefault(record, []).append(one.id)
    return list(groups.values())


def _reading(meaning: Meaning, *flags: Flag) -> Reading:
    return Reading(meaning, "proof", flags)


def _clear(about: str) -> Flag:
    return Flag(about, certain=True, rule="proof")


def _maybe(about: str) -> Flag:
    return Flag(about, certain=False, rule="proof")


def text(
    meaning: Meaning, *flags: Flag, keyword: Keyword | None = None, pictures: int = 0
) -> Heard:
    reading = _reading(meaning, *flags)
    return Heard(TEXT, Kind.TEXT, ECHO, attachments=pictures, keyword=keyword, reading=reading)


def speech(meaning: Meaning, *flags: Flag, confidence: float = 1.0) -> Heard:
    kind = Kind.SILENCE if meaning is Miss.NO_INPUT else Kind.SPEECH
    reading = _reading(meaning, *flags)
    return Heard(VOICE, kind, ECHO, confidence=confidence, reading=reading)


def call(kind: Kind) -> Heard:
    return Heard(VOICE, kind)


def _everywhere(flow: Flow) -> Iterator[Event]:
    yield from _answers()
    yield from _requests()
    yield from _calls(flow)
    yield from _dangers(flow)
    yield from _times(flow)


def _answers() -> Iterator[Event]:
    """Answers and misses; what is not understood is written, said, or nothing at all."""
    for meaning in (*Answer, Miss.NO_MATCH):
        rare = meaning in (Answer.UNSURE, Answer.SKIPPED)
        yield Event(f"text: {meaning}", text(meaning))
        yield Event(
            f"says: {meaning}",
            speech(meaning),
            among=WITH_ONE if rare else ALWAYS,
            same_as=f"text: {meaning}",
        )
    yield Event("silence", speech(Miss.NO_INPUT))
    for answer in (Answer.YES, Answer.NO):
        yield Event(f"picture, text: {answer}", text(answer, pictures=1), among=WITH_ONE)
    yield Event("text: other_language", text(Miss.OTHER_LANGUAGE), among=WITH_ONE)
    for answer in Answer:
        among = ALWAYS if answer is Answer.NO else WITH_ONE
        yield Event(f"mumbles: {answer}", speech(answer, confidence=LOW), among=among)
    for request in (Request.START_OVER, Request.CHECKED, Request.STOP):
        yield Event(f"mumbles: {request}", speech(request, confidence=LOW), among=ALONE)


def _requests() -> Iterator[Event]:
    often = (Request.BACK, Request.START_OVER)
    for request in Request:
        among = ALWAYS if request in often else WITH_ONE
        yield Event(f"text: {request}", text(request), among=among)
        yield Event(f"says: {request}", speech(request), among=WITH_ONE)
    # The carrier has answered these itself.
    for keyword in Keyword:
        heard = text(Miss.NO_MATCH, keyword=keyword)
        yield Event(f"text: {keyword}, which the carrier answers", heard, among=WITH_ONE)
    yield Event(
        "text: yes, which the carrier takes for START",
        text(Answer.YES, keyword=Keyword.START),
        among=WITH_ONE,
    )


def _calls(flow: Flow) -> Iterator[Event]:
    yield Event("calls", call(Kind.ARRIVAL))
    yield Event("hangs up", call(Kind.HANG_UP), among=WITH_ONE)
    yield Event("comes back: the clinic did not answer", call(Kind.CLINIC_MISSED), among=WITH_ONE)
    yield Event("the clinic answered", call(Kind.CLINIC_REACHED), among=WITH_ONE)
    # A key that was pressed for a question which is no longer asked.
    for meaning in (Answer.YES, Answer.NO, Miss.NO_MATCH, Miss.NO_INPUT):
        yield Event(f"says late: {meaning}", _late(speech(meaning), None), among=WITH_ONE)
    for group in alike(flow):
        late = _late(speech(Answer.YES), group[0])
        yield Event(f"says late: yes to {group[0]}", late, among=WITH_ONE)
        late = _late(speech(Answer.NO), group[0])
        yield Event(f"says late: no to {group[0]}", late, among=ALONE)


def _late(heard: Heard, question: str | None) -> Heard:
    # Older than any question, even in a conversation where none was put yet.
    return Heard(
        heard.channel, heard.kind, ECHO, in_reply_to=-1, question=question, reading=heard.reading
    )


def _dangers(flow: Flow) -> Iterator[Event]:
    """Words of danger: clear ones and possible ones, alone and together with an answer."""
    for group in alike(flow):
        for about in group:
            first, last = about == group[0], about in (group[0], group[-1])
            clear, maybe = text(Miss.NO_MATCH, _clear(about)), text(Miss.NO_MATCH, _maybe(about))
            among = ALWAYS if first and flow.question[about].tier is Tier.T2 else WITH_ONE
            yield Event(f"text: clearly {about}", clear, among=among if first else ALONE)
            yield Event(f"text: perhaps {about}", maybe, among=WITH_ONE if last else ALONE)
    names = [about for group in alike(flow) for about in (group[0], group[-1])]
    if names:
        yield from _mixed_dangers(flow, names)
    crisis = _clear(CRISIS)
    yield Event("text: self-harm", text(Miss.NO_MATCH, crisis), among=WITH_ONE)
    yield Event("says: self-harm", speech(Miss.NO_MATCH, crisis), among=WITH_ONE)


def _mixed_dangers(flow: Flow, names: list[str]) -> Iterator[Event]:
    first, late = names[0], names[1]
    urgent = next((name for name in names if flow.question[name].tier is Tier.T2), first)
    junk = Miss.NO_MATCH
    yield Event(f"says: clearly {first}", speech(junk, _clear(first)))
    yield Event(f"says: perhaps {late}", speech(junk, _maybe(late)))
    mumbled = speech(junk, _clear(late), confidence=LOW)
    yield Event(f"mumbles: clearly {late}", mumbled, among=WITH_ONE)
    both = text(junk, _clear(urgent), _maybe(first))
    yield Event(f"text: clearly {urgent}, perhaps {first}", both, among=WITH_ONE)
    both = text(junk, _maybe(first), _maybe(late), _maybe(urgent))
    yield Event(f"text: perhaps {first}, {late} and {urgent}", both, among=WITH_ONE)
    both = text(junk, _clear(CRISIS), _clear(first))
    yield Event(f"text: self-harm, and clearly {first}", both, among=WITH_ONE)
    for answer in (Answer.YES, Answer.UNSURE, Answer.SKIPPED):
        yield Event(f"text: {answer}, perhaps {late}", text(answer, _maybe(late)), among=WITH_ONE)
        heard = text(answer, _clear(urgent))
        yield Event(f"text: {answer}, clearly {urgent}", heard, among=WITH_ONE)


def _times(flow: Flow) -> Iterator[Event]:
    """Time alone; too early, late, after weeks, at the bound of turns, under another version."""
    for begun in Medium:
        heard, how = Heard(CLOCK, Kind.CLOCK), f"begun by {begun}"
        for name, wait in (("half an hour", HALF_AN_HOUR), ("a day", A_DAY_LATER)):
            yield Event(f"{name} passes, {how}", heard, wait, among=WITH_ONE, begun=begun)
    release = Heard(CLOCK, Kind.RELEASE)
    yield Event("the clinic releases", release, among=WITH_ONE)
    no = text(Answer.NO)
    yield Event("at once, text: no", no, AT_ONCE, among=WITH_ONE)
    for meaning in (Answer.YES, Answer.NO, Miss.NO_MATCH, Request.AGAIN, Request.START_OVER):
        among = ALWAYS if meaning in (Answer.NO, Miss.NO_MATCH) else WITH_ONE
        yield Event(f"13 hours later, text: {meaning}", text(meaning), HALF_A_DAY, among=among)
    for meaning in (Answer.YES, Answer.NO, Miss.NO_MATCH, Request.START_OVER, Request.STOP):
        among = ALWAYS if meaning is Answer.YES else WITH_ONE
        yield Event(f"a day later, text: {meaning}", text(meaning), A_DAY_LATER, among=among)
    late = _late(speech(Answer.YES), flow.questions[0].id)
    yield Event(
        f"a day later, says late: yes to {flow.questions[0].id}", late, A_DAY_LATER, among=WITH_ONE
    )
    yield Event("a day later, calls", call(Kind.ARRIVAL), A_DAY_LATER, among=WITH_ONE)
    yield Event("weeks later, calls", call(Kind.ARRIVAL), WEEKS_LATER, among=WITH_ONE)
    for meaning in (Answer.YES, Miss.NO_MATCH):
        yield Event(f"weeks later, text: {meaning}", text(meaning), WEEKS_LATER, among=WITH_ONE)
    for meaning in (*Answer, Miss.NO_MATCH, Request.AGAIN, Request.START_OVER):
        name = f"after many turns, text: {meaning}"
        yield Event(name, text(meaning), among=WITH_ONE, many_turns=True)
    for meaning in (Answer.NO, Miss.NO_INPUT):
        name = f"after many turns, says: {meaning}"
        yield Event(name, speech(meaning), among=WITH_ONE, many_turns=True)
    yield Event("after many turns, calls", call(Kind.ARRIVAL), among=WITH_ONE, many_turns=True)
    yield Event(
        "under a new version, text: yes", text(Answer.YES), among=WITH_ONE, old_version=True
    )
    calls = call(Kind.ARRIVAL)
    yield Event("under a new version, calls", calls, among=WITH_ONE, old_version=True)


def _about(asked: Question) -> Iterator[Event]:
    """Words about the very question that is asked."""
    name = asked.id
    clear, maybe = _clear(name), _maybe(name)
    yield Event(f"text: just that, {name}", text(Miss.NO_MATCH, clear), among=WITH_ONE)
    yield Event(f"says: just that, {name}", speech(Miss.NO_MATCH, clear), among=WITH_ONE)
    yield Event(f"text: perhaps that, {name}", text(Miss.NO_MATCH, maybe), among=WITH_ONE)
    yield Event(f"text: unsure, perhaps that, {name}", text(Answer.UNSURE, maybe), among=WITH_ONE)


def _beside_no(others: list[str]) -> Iterator[Event]:
    """NO with words about another question: understanding never says so, nor need it (I-06)."""
    for name in others[:1]:
        perhaps, clearly = text(Answer.NO, _maybe(name)), text(Answer.NO, _clear(name))
        yield Event(f"text: no, perhaps {name}", perhaps, among=WITH_ONE)
        yield Event(f"text: no, clearly {name}", clearly, among=WITH_ONE)
