"""The one decision: what was heard becomes a turn.

Rules of this module, the order in which `take_turn` looks at what was heard:

1.  A call that ended, or came back from the clinic, is noted; nobody is asked anything by it.
    The clock does what is due (`flows.clock`).
2.  A conversation that is too old, has ended, or was begun under another major version of the
    flow gives way to a new one (R12). What belongs to the contact goes along: opt-out, language,
    a T1 of the last weeks, the YES and NOT SURE of the last day.
3.  STOP, START and HELP, as the carrier treats them (I-14).
4.  After T1, T1 again, until CHECKED or a release by the clinic's staff (R7).
5.  Words of danger, whatever was asked (R8). They never lower a tier.
6.  What came too early, or answers a question that is no longer asked, is no answer (I-16).
7.  Then what was heard is taken for what was asked.

`take_turn` is pure: the same arguments give the same turn, and nothing else happens. So it can be
retried, replayed, simulated, and walked exhaustively. A turn that cannot be decided raises
`IllegalMove`, `NotCleared` or `KeyError`; the caller then gives the safety net.
"""

from datetime import datetime, timedelta

import msgspec

from flows import rules
from flows.answering import is_danger, out_of_place, take
from flows.clock import tick
from flows.danger import answer_is_urgent, ask_about, danger, emergency_again, possible
from flows.definition import CONSENT, UNFINISHED, Tier
from flows.languages import read
from flows.line import Line
from flows.prompts import Message
from flows.reading import Answer, Expecting, Flag, Miss, Reading, Request
from flows.state import State, asked_question
from flows.step import Step
from flows.utterance import Channel, Keyword, Kind, Utterance


class Conversation(msgspec.Struct, frozen=True):
    """A conversation so far, as its newest turn left it.

    `number`: that of its newest turn, from 1.  `version`: the flow's, which it was begun under.
    """

    version: str
    number: int
    state: State


class Turn(msgspec.Struct, frozen=True):
    """One thing heard, and the reply.

    `number`: from 1 within its conversation; `opens`: it is the first of a new conversation.
    `asked`: the id of the question that was open when it was heard, or None.
    `reading`: None where there was nothing to understand (a call begins or ends, time passes).
    `said`: the messages in their order, each of its paragraphs; () where nothing is said.
    `state`: what it leaves.
    `alerts`: what the clinic must be told: "T1", "T2", "T0", "crisis", "not_seen".
    `connect`: put the call through to the clinic.  `hang_up`: end the call after the words.
    """

    number: int
    opens: bool
    at: datetime
    utterance: Utterance
    asked: str | None
    reading: Reading | None
    said: tuple[Message, ...]
    state: State
    alerts: tuple[str, ...] = ()
    connect: bool = False
    hang_up: bool = False


_NO_WORDS = (
    Kind.ARRIVAL,
    Kind.HANG_UP,
    Kind.CLINIC_REACHED,
    Kind.CLINIC_MISSED,
    Kind.CLOCK,
    Kind.RELEASE,
)


def take_turn(
    line: Line, conversation: Conversation | None, utterance: Utterance, at: datetime
) -> Turn:
    """Decide the reply to `utterance`, heard at `at` (UTC); `conversation` is None for a first."""
    before = conversation.state if conversation else None
    reading, language = _read(line, before, utterance)
    opens = conversation is None or _gives_way(line, conversation, utterance, reading, at)
    if opens:
        state, number = _begin(line, utterance.channel, at, before), 1
        reading, language = _read(line, state, utterance)
    else:
        assert conversation is not None
        state, number = conversation.state, conversation.number + 1
    if language != state.language:
        state = msgspec.structs.replace(state, language=language)
    asked = asked_question(line.flow, state)
    step = Step(line, utterance.channel, number, at, state)
    _reply(step, utterance, reading)
    return Turn(
        number=number,
        opens=opens,
        at=at,
        utterance=utterance,
        asked=asked.id if asked else None,
        reading=reading,
        said=tuple(step.messages),
        state=step.state,
        alerts=tuple(step.alerts),
        connect=step.connect,
        hang_up=step.hang_up,
    )


def _begin(line: Line, channel: Channel, at: datetime, before: State | None) -> State:
    """A new conversation's state; of the one before it stays what belongs to the contact."""
    fresh = State(
        position=CONSENT,
        expecting=Expecting.NOTHING,
        since=at,
        language=before.language if before else line.language,
        begun=channel.medium,
    )
    if before is None:
        return fresh
    return msgspec.structs.replace(
        fresh,
        given=rules.lasting(line.flow, before, at),
        opted_out=before.opted_out,
        reached=rules.floor(line.flow, before.reached, at),
        emergency_at=before.emergency_at,
    )


def _read(line: Line, state: State | None, utterance: Utterance) -> tuple[Reading | None, str]:
    """How `utterance` is understood, and the language from here on; the wordless is not read."""
    if utterance.kind in _NO_WORDS:
        return None, state.language if state else line.language
    return read(line, state, utterance)


def _gives_way(
    line: Line,
    conversation: Conversation,
    utterance: Utterance,
    reading: Reading | None,
    at: datetime,
) -> bool:
    """Whether a new conversation begins in place of this one."""
    state, settings = conversation.state, line.flow.settings
    if utterance.kind in _NO_WORDS and utterance.kind is not Kind.ARRIVAL:
        return False
    ended = line.flow.disposition.get(state.position)
    age = at - state.since
    if ended is not None and ended.tier is Tier.T1:
        return state.emergency_at is None or age > timedelta(days=settings.hold_days)
    if conversation.version.partition(".")[0] != line.flow.major:
        return True
    if ended is not None and utterance.kind is Kind.ARRIVAL:
        return True
    if conversation.number >= settings.turns_at_most and ended is not None:
        return reading is not None and reading.meaning is Request.START_OVER
    if age <= timedelta(hours=settings.resume_hours):
        return False
    # A late YES to a red flag still counts (R9); any other late answer is asked for again (R12).
    return not is_danger(asked_question(line.flow, state), reading)


# --- The order of looking ---------------------------------------------------------------------


def _reply(step: Step, utterance: Utterance, reading: Reading | None) -> None:
    if reading is None:
        _wordless(step, utterance.kind)
        return
    if utterance.kind is Kind.TEXT and step.state.expecting is Expecting.CHOICE:
        # Asked of a caller, who now texts: that answers the question itself.
        step.change(expecting=Expecting.ANSWER)
    reading = _with_care(step, utterance, reading)
    if utterance.kind is Kind.TEXT and _keyword(step, utterance, reading):
        return
    if step.in_emergency:
        emergency_again(step, reading)
    elif not danger(step, reading):
        _ordinary(step, utterance, reading)
    if step.spoken and step.number > step.line.flow.settings.turns_at_most:
        # Never an endless loop (I-17): whoever wants to hear more can call again.
        step.hang_up = True


def _ordinary(step: Step, utterance: Utterance, reading: Reading) -> None:
    """Nothing in the words is a danger of its own."""
    if step.state.opted_out and not step.spoken:
        # The carrier sends nothing to this number; what came is on the log.
        return
    beyond = step.number > step.line.flow.settings.turns_at_most
    if beyond and step.ended is None and not answer_is_urgent(step, reading):
        step.end(UNFINISHED)
    elif not out_of_place(step, utterance, reading):
        take(step, utterance, reading)
        ask_about(step, possible(step, reading))


def _wordless(step: Step, kind: Kind) -> None:
    """A call begins, ends, or comes back from the clinic; or time has passed."""
    match kind:
        case Kind.CLOCK:
            tick(step)
        case Kind.RELEASE:
            step.release()
        case Kind.ARRIVAL:
            if step.in_emergency:
                step.repeat_ending()
            elif step.asked is not None and step.state.agreed:
                step.change(misses=0)
                step.ask_choice()
            elif step.asked is not None:
                step.ask("flag_first")
            else:
                step.ask_consent()
        case Kind.CLINIC_MISSED:
            step.put_again("clinic_missed")
        case Kind.CLINIC_REACHED:
            step.say("goodbye")
            step.hang_up = True
        case _:
            # Hung up: nothing to say, and all stays as it is, to be resumed.
            pass


def _with_care(step: Step, utterance: Utterance, reading: Reading) -> Reading:
    """What was recognised with little confidence is worth less: a clear flag may only be one."""
    if utterance.attachments and _is_safe(step, reading):
        # Nobody here has seen the picture, and it may say something else than its caption (I-05).
        return Reading(Miss.NO_MATCH, f"attachment.{reading.rule}", reading.flags)
    if utterance.confidence >= step.line.flow.settings.confidence_at_least:
        return reading
    flags = tuple(Flag(flag.about, certain=False, rule=flag.rule) for flag in reading.flags)
    meaning, rule = reading.meaning, reading.rule
    risky = (Request.START_OVER, Request.CHECKED, Request.STOP)
    elsewhere = isinstance(meaning, Answer) and step.state.expecting is not Expecting.ANSWER
    if elsewhere or meaning in risky:
        meaning, rule = Miss.NO_MATCH, f"low_confidence.{rule}"
    return Reading(meaning, rule, flags)


def _is_safe(step: Step, reading: Reading) -> bool:
    """Whether `reading` is the answer that goes on: NO, or YES where the question is turned."""
    turned = step.asked is not None and step.asked.turned_round
    return reading.meaning is (Answer.YES if turned else Answer.NO)


def _keyword(step: Step, utterance: Utterance, reading: Reading) -> bool:
    """STOP, START and HELP by text. True where nothing more is to be done.

    A keyword that the carrier has answered (`utterance.keyword`) gets no second reply; but a YES
    that it took for START is also the answer to an open question, and is taken as one.
    """
    meaning = reading.meaning
    waits = step.state.expecting in (Expecting.ANSWER, Expecting.CONSENT)
    answers_question = isinstance(meaning, Answer) and waits
    match utterance.keyword:
        case Keyword.STOP:
            meaning = Request.STOP
        case Keyword.START if not answers_question:
            meaning = Request.START
        case Keyword.HELP:
            meaning = Request.HELP
        case _:
            pass
    if meaning is Request.STOP:
        step.change(opted_out=True)
        return True
    if meaning is Request.START:
        step.change(opted_out=False)
        if utterance.keyword is None:
            step.put_again()
        return True
    if meaning is Answer.YES:
        # The carrier lifts its block at YES as it does at START.
        step.change(opted_out=False)
    if meaning is Request.HELP:
        if utterance.keyword is None and not step.state.opted_out:
            step.put_again("help")
        return True
    return False
