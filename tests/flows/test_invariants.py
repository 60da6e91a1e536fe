"""The safety invariants, over random sequences of everything that can be heard.

Each property is stated from the outside: from what was heard and what was said, not from the code.
"""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from flows.conversation import Turn, take_turn
from flows.definition import Tier, read_flow
from flows.languages import CHOICE_KEY
from flows.reading import Answer, Miss, Request
from flows.utterance import Kind, Medium
from tests.flows.talk import SAFE, Talk, line

FLOW = read_flow()
TURNED = {q.id for q in FLOW.questions if q.turned_round}
RED = {q.id for q in FLOW.questions if q.red_flag} - TURNED
ALLOWED_AFTER_STOP = {"emergency", "emergency_call", "emergency_more", "crisis"}

# Weighted by repetition: mostly what leads through the questions, so that the far end is reached.
SAID = (
    *["safe"] * 40,
    "1", "2", "3", "yes", "no", "not sure", "skip", "more", "back", "again", "start over",
    "checked", "STOP", "START", "HELP", "", "banana", "ok", "11", "\U0001f600",
    "i wet myself twice today", "my foot drags a bit maybe", "no but i cant feel it when i pee",
    "i want to kill myself", "im shivering with a fever", "dad had cancer",
)  # fmt: skip
EVENTS = st.one_of(
    st.tuples(st.just("text"), st.sampled_from(SAID)),
    st.tuples(st.just("press"), st.sampled_from(["safe"] * 20 + list("0123456789*"))),
    st.tuples(st.just("speak"), st.sampled_from(SAID)),
    st.tuples(st.just("mumble"), st.sampled_from(["yes", "no", "start over", "checked", "stop"])),
    st.tuples(st.sampled_from(["call", "silence", "hang up", "missed", "reached"]), st.just("")),
    st.tuples(st.just("pass"), st.sampled_from(["0.5", "24"])),
    st.tuples(st.just("wait"), st.sampled_from(["1", "20", "30", "200", "400"])),
)
SEQUENCES = st.lists(EVENTS, max_size=60)


def safe_answer(talk: Talk) -> str:
    """The answer that goes on towards guidance from where the conversation stands."""
    name = (talk.state.pending or (talk.position,))[0] if talk.turns else ""
    return "1" if name in TURNED or name not in FLOW.question else "2"


def play(talk: Talk, event: tuple[str, str]) -> Turn | None:
    """Let `event` happen; None where it is no turn."""
    act, words = event
    words = safe_answer(talk) if words == "safe" else words
    match act:
        case "text":
            talk.text(words)
        case "press":
            talk.press(words)
        case "speak":
            talk.speak(words) if words else talk.silence()
        case "mumble":
            talk.speak(words, 0.2)
        case "call":
            talk.call()
        case "silence":
            talk.silence()
        case "wait":
            talk.wait(hours=int(words))
            return None
        case _ if not talk.turns:
            return None
        case "hang up":
            talk.event(Kind.HANG_UP)
        case "pass":
            talk.tick(hours=float(words))
        case "missed":
            talk.event(Kind.CLINIC_MISSED)
        case _:
            talk.event(Kind.CLINIC_REACHED)
    return talk.last


def said(turn: Turn) -> list[str]:
    return [part.key for message in turn.said for part in message]


def new_answers(before: Turn | None, turn: Turn) -> dict[str, Answer]:
    """The answers that this turn stored."""
    known = before.state.given if before else {}
    return {name: g.answer for name, g in turn.state.given.items() if known.get(name) != g}


@settings(max_examples=400, deadline=None)
@given(st.integers(0, len(SAFE) + 1), st.booleans(), SEQUENCES)
def test_the_invariants_hold_over_every_sequence(  # noqa: C901, PLR0915 - one story, told in order
    start: int, by_phone: bool, events: list[tuple[str, str]]
) -> None:
    """`start`: how far the person has come before anything may happen."""
    talk = Talk()
    well = [("press" if by_phone else "text", "safe")] * start
    events = [("call" if by_phone else "text", "safe"), *well, *events] if start else events
    emergency_at = None
    reached: list[tuple[Tier, Turn]] = []
    for event in events:
        before = talk.turns[-1] if talk.turns else None
        state = talk.conversation
        turn = play(talk, event)
        if turn is None:
            continue
        keys, stored = said(turn), new_answers(before, turn)
        utterance, reading = turn.utterance, turn.reading
        end = FLOW.disposition.get(turn.state.position)
        was = before.state.position if before else None

        # A turn is pure: deciding it again gives the same one.
        assert take_turn(talk.line, state, utterance, turn.at) == turn

        # I-02, I-04: guidance only over the whole set of answers, given in this conversation.
        if "guidance_1" in keys:
            answers = {name: g.answer for name, g in turn.state.given.items()}
            assert all(answers[name] is Answer.NO for name in RED)
            assert all(answers[name] is Answer.YES for name in TURNED)
            opened = next(t.at for t in reversed(talk.turns) if t.opens)
            assert all(g.at >= opened for g in turn.state.given.values())
            # I-10: none within fourteen days of T1.
            assert emergency_at is None or turn.at - emergency_at > timedelta(days=14)

        # I-03: the advice is in the very reply to the answer that reveals it.
        if Answer.YES in (stored.get(name) for name in RED):
            assert end is not None
            assert end.tier in (Tier.T1, Tier.T2)
            assert keys[0] == end.messages[0][0]

        # I-05, I-06: what was not understood, or holds a flag, is never a NO.
        if reading is None or isinstance(reading.meaning, Miss) or reading.flags:
            assert Answer.NO not in [a for name, a in stored.items() if name not in TURNED]
            assert Answer.YES not in [a for name, a in stored.items() if name in TURNED]

        # I-07: nothing but CHECKED lowers a tier within the day.
        if end is not None and was != turn.state.position:
            if turn.state.position == "checked":
                reached.clear()
            floor = [t for t, then in reached if turn.at - then.at <= timedelta(hours=24)]
            if end.tier is Tier.T0:
                # T0 is outside the order of tiers; only help today may not become T0.
                floor = [tier for tier in floor if tier in (Tier.T1, Tier.T2)]
            if floor:
                assert end.tier.urgency >= max(t.urgency for t in floor)
            if end.tier not in (Tier.T0, Tier.T5):
                reached.append((end.tier, turn))

        # I-08: every ending adds the safety net or is an emergency's own advice.
        if end is not None and was != turn.state.position and keys:
            assert "safety_net" in keys or end.tier is Tier.T1

        # I-14: after STOP nothing is sent, but what danger makes due.
        if turn.state.opted_out and utterance.channel.medium is Medium.TEXT:
            assert set(keys) <= ALLOWED_AFTER_STOP

        # I-17: nobody is asked for ever.
        limit = FLOW.settings.turns_at_most
        if turn.number > limit + 1 and end is None:
            raise AssertionError("a conversation outlived its bound")

        # I-23: never silence, but where the carrier answers or nothing may be sent.
        silent = turn.state.opted_out or utterance.kind in (Kind.HANG_UP, Kind.CLOCK)
        if not keys:
            assert silent
        assert talk.words.count("{") == 0

        # I-26: time answers nothing, and nobody is written to who did not agree to it by text.
        if utterance.kind is Kind.CLOCK:
            assert not stored
            if keys:
                first = next(t for t in reversed(talk.turns) if t.opens)
                assert first.utterance.channel.medium is Medium.TEXT
                assert turn.state.agreed

        if end is not None and end.tier is Tier.T1 and was != turn.state.position:
            emergency_at = turn.at
            # I-18: exactly one alert for each conversation and tier.
        if turn.alerts:
            assert len(turn.alerts) == len(set(turn.alerts))
            if not turn.opens and before is not None:
                assert not set(turn.alerts) & set(before.state.alerted)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["safe", "safe", "safe", "safe", "1", "2", "3"]), max_size=40))
def test_the_same_answers_find_the_same_on_both_channels(answers: list[str]) -> None:
    """I-12."""
    by_text, by_phone = Talk(), Talk()
    by_text.text("hello")
    by_phone.call()
    # At the greeting of a call, and there alone, this key chooses the other language.
    while answers and answers[0] == CHOICE_KEY:
        answers = answers[1:]
    for answer in answers:
        by_text.text(safe_answer(by_text) if answer == "safe" else answer)
        by_phone.press(safe_answer(by_phone) if answer == "safe" else answer)
        assert by_text.position == by_phone.position
        if by_text.last.state.expecting.value == "nothing":
            return
        assert by_text.state.given.keys() == by_phone.state.given.keys()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 20), st.sampled_from(["en-US", "en-GB", "en-IE", "en-CA", "en-AU", "en-NZ"]))
def test_every_text_holds_the_numbers_of_its_locale_alone(slip: int, locale: str) -> None:
    """I-09: one slip at question `slip`; the numbers of other countries are nowhere."""
    talk = Talk(line=line(locale))
    talk.begin()
    for number, answer in enumerate(SAFE):
        talk.text({"1": "2", "2": "1"}[answer] if number == slip else answer)
    words = "\n".join(p.words for turn in talk.turns for m in turn.said for p in m)
    foreign = {"en-US": "999", "en-GB": "911", "en-IE": "911", "en-CA": "999"}.get(locale, "911")
    assert foreign not in words


def test_requests_are_never_answers() -> None:
    for request in Request:
        assert request.value not in set(Answer)
