"""The invariants about what is said and done. Part of `flows.proof`."""

import re
from collections.abc import Iterator

from flows.definition import RED_FLAG_TIERS, Disposition, Locale, Tier
from flows.line import Line
from flows.prompts import Part
from flows.proof.events import ECHO
from flows.proof.moments import DAY, Moment, safe
from flows.reading import CRISIS, Answer, Expecting, Miss, Request
from flows.state import asked_question
from flows.utterance import Keyword, Kind, Medium

_DUE_AFTER_STOP = {"emergency", "emergency_call", "emergency_more", "crisis"}
_GUIDANCE = {"guidance_1", "guidance_2", "guidance_3", "safety_net"}
_NUMBER = re.compile(r"\d[\d ,().-]*\d")
_SHORTEST_NUMBER = 3
_MISSES_AT_MOST = 3
_FEVER = "100.4"


def an_ending_is_whole(moment: Moment) -> str | None:
    end, keys = moment.end, moment.keys
    if not moment.arrived or end is None or moment.unwanted:
        return None
    wanted = [key for message in end.messages for key in message]
    for ending in moment.flow.dispositions:
        if ending.messages != end.messages and ending.messages[0][0] in keys:
            return f"{ending.id} is said at {end.id}"
    at = 0
    for key in keys:
        if at < len(wanted) and key == wanted[at]:
            at += 1
    if at < len(wanted):
        return f"{end.id} ends without {wanted[at]}"
    if end.tier is not Tier.T1 and "safety_net" not in keys:
        return f"{end.id} ends without the safety net"
    return None


def one_question_in_order(moment: Moment) -> str | None:
    state, flow = moment.state, moment.flow
    put = {key for key in moment.keys if key.startswith("question.")}
    asked = state.pending[0] if state.pending else state.position
    if len(put) > 1 or (put and put != {f"question.{asked}"}):
        return f"{' and '.join(sorted(put))} put while {asked} is asked"
    number = flow.number.get(state.position)
    before = moment.before
    if number is None or (before is not None and before.position == state.position):
        return None
    was = flow.number.get(before.position, -1) if before else -1
    if number < was:
        step_back = number == was - 1 and moment.event.meaning is Request.BACK
        return None if number == 0 or step_back else f"back from {was} to {number}"
    for question in flow.questions[max(was, 0) : number]:
        given = state.given.get(question.id)
        if given is None:
            return f"{state.position} is asked, and {question.id} has no answer"
        if flow.number[question.id] != was and given.answer is not safe(question):
            return f"{state.position} is asked, and {question.id} was passed over"
    return None


def channels_agree(moment: Moment) -> str | None:
    twin, before = moment.twin, moment.before
    if twin is None or before is None or before.opted_out or twin.opens:
        return None
    if before.expecting not in (Expecting.ANSWER, Expecting.CONSENT):
        return None
    here, there = moment.state, twin.state
    if (here.position, here.pending, here.doubts, here.skips) != (
        there.position,
        there.pending,
        there.doubts,
        there.skips,
    ):
        return f"by phone it leads to {here.position}, by text to {there.position}"
    answers = [{name: one.answer for name, one in one.given.items()} for one in (here, there)]
    return None if answers[0] == answers[1] else "by phone another answer is stored than by text"


def stop_is_kept(moment: Moment) -> str | None:
    event, state = moment.event, moment.state
    was = moment.contact is not None and moment.contact.opted_out
    if event.spoken:
        return None if state.opted_out == was else "a call changes a STOP"
    stops = event.meaning is Request.STOP or event.heard.keyword is Keyword.STOP
    lifts = event.meaning in (Request.START, Answer.YES) or event.heard.keyword is Keyword.START
    if stops and (not state.opted_out or moment.keys):
        return "STOP does not stop the texts"
    if state.opted_out and not was and not stops:
        return "texts are stopped without a STOP"
    if was and not state.opted_out and not lifts:
        return "texts begin again without a START"
    if state.opted_out and not set(moment.keys) <= _DUE_AFTER_STOP:
        return f"after STOP it says {' '.join(moment.keys)}"
    return None


def consent_comes_first(moment: Moment) -> str | None:
    state, before = moment.state, moment.before
    if state.agreed and not (before is not None and before.agreed):
        agrees = moment.event.meaning is Answer.YES and moment.event.sure
        asked = before is not None and before.expecting is Expecting.CONSENT
        if not (asked and agrees):
            return "agreed without a yes to the introduction"
    if not state.agreed and not state.pending and state.position in moment.flow.question:
        return f"{state.position} is asked before consent"
    return None


def bounded(moment: Moment) -> str | None:
    before, event, end = moment.before, moment.event, moment.end
    if before is None or moment.turn.reading is None or event.flags:
        return None
    if end is None and moment.state.misses >= _MISSES_AT_MOST:
        return "it is asked again after the third miss"
    if event.many_turns and end is None and not (moment.turn.hang_up or moment.silenced):
        return "the conversation goes on beyond its bound of turns"
    if not isinstance(event.meaning, Miss) or moment.silenced or event.stale or moment.early:
        return None
    if event.heard.keyword is not None or before.expecting is Expecting.NOTHING:
        return None
    if before.expecting is Expecting.CONFIRMATION and not event.spoken:
        # A text at a read-back is asked again, as what it is: an answer by text.
        return None
    if end is None and moment.state.misses <= before.misses:
        return "what was not understood is not counted"
    return None


def one_alert(moment: Moment) -> str | None:
    alerts, state, before = moment.turn.alerts, moment.state, moment.before
    known = before.alerted if before else ()
    if len(set(alerts)) < len(alerts) or set(alerts) & set(known):
        return f"told twice: {' '.join(alerts)}"
    if state.alerted != (*known, *alerts):
        return "what the clinic was told of is not remembered"
    end = moment.end
    if moment.arrived and end is not None:
        worry = state.unread or any(
            one.answer is not safe(moment.flow.question[name])
            and one.answer is not Answer.SKIPPED
            and not moment.flow.question[name].turned_round
            for name, one in state.given.items()
        )
        due = end.tier in (Tier.T1, Tier.T2) or (end.tier is Tier.T0 and worry)
        if due and end.tier.value not in state.alerted:
            return f"{end.tier} without an alert"
    if CRISIS not in state.alerted and any(flag.about == CRISIS for flag in moment.event.flags):
        return "self-harm without an alert"
    return None


def guidance_is_whole(moment: Moment) -> str | None:
    if not moment.guided:
        return None
    for message in moment.turn.said:
        if {part.key for part in message} >= _GUIDANCE:
            return None
    return "guidance without its limits"


def never_silent(moment: Moment) -> str | None:
    event = moment.event
    unheard = (Kind.HANG_UP, Kind.CLOCK, Kind.RELEASE)
    if moment.keys or moment.silenced or event.heard.kind in unheard:
        return None
    if event.heard.keyword is not None and event.heard.keyword is not Keyword.STOP:
        return None
    return "no reply"


def the_clock_only_asks(moment: Moment) -> str | None:
    event, turn = moment.event, moment.turn
    if event.heard.kind is not Kind.CLOCK:
        return None
    if turn.opens or moment.stored:
        return "time begins a conversation" if turn.opens else "time answers a question"
    if moment.keys and moment.unwanted:
        return f"unasked, it writes {' '.join(moment.keys)}"
    if event.wait < DAY:
        return None
    if asked_question(moment.flow, moment.state) is not None:
        return "a question is left open for a day"
    urgent = moment.end is not None and moment.end.tier in RED_FLAG_TIERS
    if urgent and not moment.keys and not moment.unwanted:
        return f"after {moment.state.position} nobody asks how it went"
    return None


TEXTS_HOLD = {
    "I-09": "no number but the country's own",
    "I-20": "every question and every ending is reached",
    "I-24": "the words that were heard are in no reply",
}
"""What no single check of a turn is named after."""


class Texts:
    """The invariants about the words themselves: each text that is said is looked at once."""

    def __init__(self, line: Line, locale: Locale) -> None:
        """`locale`: the line's own, whose numbers are the only ones that may be said."""
        self._emergency = [_digits(number) for number in locale.numbers["emergency"]]
        known = {_digits(number) for some in locale.numbers.values() for number in some}
        for words in line.words.values():
            known |= set(_numbers(words.of("clinic_number", Medium.TEXT)))
        self._known = known
        self._urgent = {end.messages[0][0] for end in line.flow.dispositions if _is_t1(end)}
        self._holds: dict[Part, bool] = {}

    def wrong(self, moment: Moment) -> Iterator[tuple[str, str]]:
        """What is wrong with the words of this turn: the invariant's id, and what."""
        helps = False
        for message in moment.turn.said:
            for part in message:
                if part not in self._holds:
                    yield from self._read(part)
                helps = helps or self._holds[part]
        if moment.turn.opens and moment.keys and not helps:
            yield "I-15", "the first reply holds no emergency number"

    def _read(self, part: Part) -> Iterator[tuple[str, str]]:
        numbers = list(_numbers(part.words))
        self._holds[part] = any(number in self._emergency for number in numbers)
        if part.key in self._urgent | {"crisis", "safety_net"} and not self._holds[part]:
            yield "I-08", f"{part.key} holds no emergency number"
        for number in numbers:
            if number not in self._known:
                yield "I-09", f"{part.key} says {number}, which is no number of this country"
        if not part.words.strip() or "{" in part.words:
            yield "I-23", f"{part.key} has no words, or unfinished ones"
        if ECHO in part.words:
            yield "I-24", f"{part.key} holds the words that were heard"


def _is_t1(end: Disposition) -> bool:
    return end.tier is Tier.T1


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)


def _numbers(words: str) -> Iterator[str]:
    """Every number of three digits or more; spoken ones have their digits apart."""
    for found in _NUMBER.findall(words.replace(_FEVER, "")):
        digits = _digits(found)
        if len(digits) >= _SHORTEST_NUMBER:
            yield digits
