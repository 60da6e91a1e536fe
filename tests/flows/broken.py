"""Flows and cores that are broken on purpose, each in one way, for the proof to find.

`BROKEN` is the table: the invariant, what is wrong, how it is brought about, and how many things
must be heard before it shows. Where data can break an invariant the data is changed; where the
core stands before the data, the one function that does so is replaced while the test runs.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec.structs
import pytest

from flows import answering, clock, conversation, machine, rules
from flows.definition import (
    CHECKED,
    Disposition,
    Flow,
    Question,
    Wording,
    read_flow,
    read_language,
    read_locales,
)
from flows.line import Line
from flows.machine import BACK, GO_ON, START_OVER, FlowMachine, Row
from flows.prompts import Part
from flows.reading import Answer, Reading
from flows.state import Given, State
from flows.step import Step
from flows.utterance import Kind, Utterance
from flows.wording import Words
from tests.flows.talk import CLINIC, line

KEPT = ("bladder", "saddle", "accident", "sexual", "unwell", "adult", "recent", "final_check")
"""A question of every sort, so that a walk is short."""

Patch = pytest.MonkeyPatch
Break = Callable[[Patch], Line]


def with_flow(flow: Flow) -> Line:
    return replace(line(), flow=flow, machine=FlowMachine(flow))


def small(names: tuple[str, ...] = KEPT) -> Flow:
    flow = read_flow()
    kept = tuple(question for question in flow.questions if question.id in names)
    return msgspec.structs.replace(flow, questions=kept)


def smallest() -> Flow:
    """With no question more than every ending needs; to be walked with one answer put together."""
    return small(("bladder", "accident", "adult", "recent", "final_check"))


def question(name: str, **changes: Any) -> Break:
    """The small flow with one question changed."""

    def changed(one: Question) -> Question:
        return msgspec.structs.replace(one, **changes) if one.id == name else one

    def make(patch: Patch) -> Line:
        flow = small()
        questions = tuple(changed(one) for one in flow.questions)
        return with_flow(msgspec.structs.replace(flow, questions=questions))

    return make


def disposition(name: str, **changes: Any) -> Break:
    def changed(one: Disposition) -> Disposition:
        return msgspec.structs.replace(one, **changes) if one.id == name else one

    def make(patch: Patch) -> Line:
        flow = small()
        ends = tuple(changed(one) for one in flow.dispositions)
        return with_flow(msgspec.structs.replace(flow, dispositions=ends))

    return make


def setting(**changes: Any) -> Break:
    def make(patch: Patch) -> Line:
        flow = small()
        settings = msgspec.structs.replace(flow.settings, **changes)
        return with_flow(msgspec.structs.replace(flow, settings=settings))

    return make


def text(key: str, words: str) -> Break:
    """The small flow with one text changed, in both media."""

    def make(patch: Patch) -> Line:
        english = read_language("en")
        texts = {**english.texts, key: Wording(words, words)}
        english = msgspec.structs.replace(english, texts=texts)
        words_of = {**line().words, "en": Words(english, read_locales()["en-US"], CLINIC)}
        return replace(with_flow(small()), words=words_of)

    return make


def core(place: Any, name: str, instead: Any, data: Break | None = None) -> Break:
    """The core with one function replaced, over the small flow or `data`."""

    def make(patch: Patch) -> Line:
        patch.setattr(place, name, instead)
        return data(patch) if data else with_flow(small())

    return make


def rows_with(
    *more: Row, without: tuple[str, str] | None = None
) -> Callable[[Flow], Iterator[Row]]:
    """The machine's table with rows added, and one taken out."""
    shipped = machine.rows

    def rows(flow: Flow) -> Iterator[Row]:
        yield from (row for row in shipped(flow) if (row.trigger, row.source) != without)
        yield from more

    return rows


def both(*breaks: Break) -> Break:
    def make(patch: Patch) -> Line:
        *_, last = [one(patch) for one in breaks]
        return last

    return make


# --- Replacements -------------------------------------------------------------------------------

CORE = vars(conversation)
ordinary, call_event, begin = CORE["_ordinary"], CORE["_wordless"], CORE["_begin"]
end, answer, ask, say_disposition = Step.end, Step.answer, Step.ask, Step.say_disposition
change, alert = Step.change, Step.alert


def all_answers(flow: Flow, state: State, at: datetime) -> dict[str, Given]:
    return state.given


def no_answers(flow: Flow, state: State, at: datetime) -> dict[str, Given]:
    return {}


def yes_alone(flow: Flow, state: State, at: datetime) -> dict[str, Given]:
    return {name: one for name, one in state.given.items() if one.answer is Answer.YES}


def says_first(step: Step, ending: Disposition, reason: str | None, *before: str) -> None:
    step.say("ended")
    say_disposition(step, ending, reason, *before)


def says_once(step: Step, ending: Disposition, reason: str | None, *before: str) -> None:
    if step.alerts:
        say_disposition(step, ending, reason, *before)


def says_too_much(step: Step, ending: Disposition, reason: str | None, *before: str) -> None:
    say_disposition(step, ending, reason, *before)
    step.say("postpone" if ending.id != "postpone" else "same_day")


def says_too_little(step: Step, ending: Disposition, reason: str | None, *before: str) -> None:
    say_disposition(step, ending, reason, *before)
    del step.messages[-1]


def miss_is_no(step: Step, meaning: object) -> None:
    if step.asked is not None:
        step.answer(step.asked, Answer.NO)
    else:
        step.put_again()


def miss_is_not_counted(step: Step, meaning: object) -> None:
    step.put_again()


def forgets_the_time(step: Step, **changes: Any) -> None:
    changes.pop("emergency_at", None)
    change(step, **changes)


def asks_two(step: Step, *before: Part | str, in_all: bool = False) -> None:
    ask(step, *before, in_all=in_all)
    step.say(step.question_part(step.line.flow.questions[0]))


def any_answer_settles(_: Flow, given: Mapping[str, Given], position: str) -> bool:
    return position in given


def doubt_by_phone_goes_on(step: Step, asked: Question, given: Answer) -> None:
    answer(step, asked, Answer.NO if step.spoken and given is Answer.UNSURE else given)


def phone_stores_a_doubt(step: Step, asked: Question, given: Answer) -> None:
    answer(step, asked, given)
    if step.spoken and given is Answer.NO and asked.id in step.state.given:
        doubt = Given(Answer.UNSURE, step.at)
        step.change(given={**step.state.given, asked.id: doubt})


def a_call_stops_texts(step: Step, kind: Kind) -> None:
    call_event(step, kind)
    step.change(opted_out=True)


def stops(step: Step, utterance: Utterance, reading: Reading) -> None:
    ordinary(step, utterance, reading)
    step.change(opted_out=True)


def starts(step: Step, utterance: Utterance, reading: Reading) -> None:
    if not step.spoken:
        step.change(opted_out=False)
    ordinary(step, utterance, reading)


def says_after_stop(step: Step, utterance: Utterance, reading: Reading) -> None:
    step.put_again()


def has_no_bound(step: Step, utterance: Utterance, reading: Reading) -> None:
    if not answering.out_of_place(step, utterance, reading):
        answering.take(step, utterance, reading)


def echoes(step: Step, utterance: Utterance, reading: Reading) -> None:
    ordinary(step, utterance, reading)
    step.messages.append((Part("echo", f"You said {utterance.words}."),))


def anything_agrees(step: Step, meaning: object) -> None:
    step.change(agreed=True)
    step.go_on()


def asks_no_consent(step: Step, *keys: str, in_all: bool = False) -> None:
    step.move(GO_ON)
    step.ask()


def tells_again(step: Step, about: str) -> None:
    step.alerts.append(about)
    if about not in step.state.alerted:
        step.change(alerted=(*step.state.alerted, about))


def tells_and_forgets(step: Step, about: str) -> None:
    step.alerts.append(about)


def says_crisis_alone(step: Step) -> None:
    step.say("crisis")


def begins_in_emergency(line: Line, channel: object, at: datetime, before: State | None) -> State:
    state: State = begin(line, channel, at, before)
    return msgspec.structs.replace(state, emergency_at=at - timedelta(hours=1))


def nothing(*args: Any, **more: Any) -> None:
    return None


def refuses(*args: Any, **more: Any) -> bool:
    return False


# --- The table ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Broken:
    invariant: str
    what: str
    make: Break
    heard: int
    together: int = 0


def spelled(table: Mapping[str, tuple[tuple[Any, ...], ...]]) -> list[Broken]:
    return [Broken(name, *row) for name, rows in table.items() for row in rows]


UNCLEARED = core(rules, "require_cleared", nothing)
ONE_T1 = disposition("emergency_call", ambulance=False)
"""So that one T1 does not outweigh the other, which would be the shorter fault."""

BROKEN = spelled({
    "I-01": (
        ("yes to bladder ends in T3", question("bladder", yes=("see_doctor",)), 3),
    ),
    "I-02": (
        ("guidance without a NO to saddle",
         both(UNCLEARED, question("saddle", unsure=("go_on",))), 10, 1),
        ("no to bladder is taken into a new conversation",
         core(rules, "lasting", all_answers), 3, 1),
    ),
    "I-03": (
        ("T1 was revealed, and the reply is a question",
         question("bladder", yes=("explain", "emergency")), 2),
        ("T1 without its advice first", core(Step, "say_disposition", says_first), 1),
        ("T2 was revealed, and the reply does not say so",
         both(core(Step, "say_disposition", says_once), ONE_T1), 2),
    ),
    "I-04": (
        ("guidance without a YES to adult",
         both(UNCLEARED, question("adult", no=("go_on",))), 10, 1),
        ("the answer to adult is taken into a new conversation",
         core(rules, "lasting", all_answers), 9),
    ),
    "I-05": (
        ("'text: no_match' is stored as no to bladder", core(answering, "_miss", miss_is_no), 2),
    ),
    "I-06": (
        ("NO to bladder is stored beside words of danger",
         core(conversation, "danger", refuses), 2),
    ),
    "I-07": (
        ("T2 of the last day becomes T0", core(rules, "standing", nothing), 3, 1),
        ("T1 is not remembered", core(rules, "higher", lambda flow, reached, now: reached), 1),
        ("T2 of the last day is forgotten", core(rules, "floor", nothing), 2),
        ("the YES to unwell is forgotten", core(rules, "lasting", no_answers), 2),
        ("the answer to sexual is forgotten", core(rules, "lasting", yes_alone), 3, 1),
        ("T1 gives way to a new conversation", setting(hold_days=0), 2),
        ("CHECKED without a T1 before it",
         core(machine, "rows", rows_with(Row(CHECKED, "bladder", CHECKED)),
              question("bladder", skipped=(CHECKED,))), 3),
        ("after T1 comes bladder",
         both(core(Step, "in_emergency", property(refuses)),
              core(machine, "rows", rows_with(Row(START_OVER, "emergency", "bladder"))),
              ONE_T1), 4),
        ("after emergency_call comes emergency", core(Step, "in_emergency", property(refuses)), 2),
    ),
    "I-08": (
        ("see_doctor ends without the safety net",
         disposition("see_doctor", messages=(("see_doctor",),)), 8),
        ("postpone is said at", core(Step, "say_disposition", says_too_much), 1),
        ("emergency ends without emergency_more",
         core(Step, "say_disposition", says_too_little), 1),
        ("emergency holds no emergency number", text("emergency", "DANGER SIGN. Go now."), 1),
    ),
    "I-09": (
        ("ended says 999", text("ended", "Call 999."), 2),
    ),
    "I-10": (
        ("guidance within 14 days of T1", setting(hold_days=0), 11, 2),
        ("the time of a T1 is not remembered", core(Step, "change", forgets_the_time), 1),
        ("the time of a T1 is changed", core(conversation, "_begin", begins_in_emergency), 1),
    ),
    "I-11": (
        ("question.bladder and question.saddle put", core(Step, "ask", asks_two), 1),
        ("accident is asked, and saddle has no answer",
         core(machine, "rows",
              rows_with(Row(GO_ON, "bladder", "accident"), without=(GO_ON, "bladder"))), 3),
        ("saddle is asked, and bladder was passed over",
         core(rules, "is_settled", any_answer_settles), 5, 1),
        ("back from 3 to 1",
         core(machine, "rows",
              rows_with(Row(BACK, "sexual", "saddle"), without=(BACK, "sexual"))), 6),
    ),
    "I-12": (
        ("by phone it leads to consent, by text to consent",
         core(Step, "answer", doubt_by_phone_goes_on), 2),
        ("by phone another answer is stored than by text",
         core(Step, "answer", phone_stores_a_doubt), 2),
    ),
    "I-14": (
        ("STOP does not stop the texts", core(conversation, "_keyword", refuses), 1),
        ("a call changes a STOP", core(conversation, "_wordless", a_call_stops_texts), 1),
        ("texts are stopped without a STOP", core(conversation, "_ordinary", stops), 1),
        ("texts begin again without a START", core(conversation, "_ordinary", starts), 2, 1),
        ("after STOP it says", core(conversation, "_ordinary", says_after_stop), 2),
    ),
    "I-15": (
        ("the first reply holds no emergency number", text("intro_1", "Massage check."), 1),
        ("agreed without a yes to the introduction",
         core(answering, "_consent", anything_agrees), 2),
        ("bladder is asked before consent", core(Step, "ask_consent", asks_no_consent), 1),
    ),
    "I-16": (
        ("yes is taken for bladder, which it was not given to",
         core(conversation, "out_of_place", refuses), 2),
    ),
    "I-17": (
        ("asked again after the third miss", setting(misses_at_most=9), 4, 1),
        ("the conversation goes on beyond its bound of turns",
         core(conversation, "_ordinary", has_no_bound), 2),
        ("what was not understood is not counted",
         core(answering, "_miss", miss_is_not_counted), 2),
    ),
    "I-18": (
        ("T2 without an alert", disposition("same_day", alert=False), 1),
        ("told twice", core(Step, "alert", tells_again), 2),
        ("what the clinic was told of is not remembered",
         core(Step, "alert", tells_and_forgets), 1),
        ("self-harm without an alert", core(Step, "say_crisis", says_crisis_alone), 1),
    ),
    "I-20": (
        ("adult is never reached", question("unwell", no=("same_day",)), 0),
    ),
    "I-22": (
        ("guidance without its limits",
         disposition("guidance", messages=(("guidance_1", "guidance_2", "safety_net"),)), 10),
    ),
    "I-23": (
        ("no reply", core(Step, "put_again", nothing), 1),
        ("no turn can be decided: NotCleared", question("recent", yes=("guidance",)), 9),
        ("no turn can be decided: IllegalMove",
         core(machine, "rows", rows_with(without=(GO_ON, "saddle"))), 4),
        ("ended has no words", text("ended", " "), 2),
    ),
    "I-24": (
        ("echo holds the words that were heard", core(conversation, "_ordinary", echoes), 1),
    ),
    "I-26": (
        ("unasked, it writes follow_up", core(clock, "may_send", lambda _: True), 2),
        ("a question is left open for a day", core(conversation, "tick", nothing), 2),
        ("nobody asks how it went", core(clock, "_may_follow_up", lambda *_: False), 4),
    ),
})  # fmt: skip
