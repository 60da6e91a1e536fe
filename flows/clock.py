"""What time alone brings, where nothing is heard.

A red-flag question that stays unanswered is put once more, since no answer does not mean No. At
the limit the conversation ends unfinished, with the safety net (R11, R12). The day after T1 or T2
the person is asked whether they were seen, and the clinic is told unless they were.

Nothing is sent but to somebody who agreed to it by text and has not sent STOP. What is due is read
off the state, so that the clock may come late or twice and does no harm.
"""

from datetime import datetime, timedelta

from flows.definition import RED_FLAG_TIERS, UNFINISHED, Flow
from flows.reading import Answer, Expecting, Reading
from flows.state import State, asked_question
from flows.step import Step
from flows.utterance import Medium

NOT_SEEN = "not_seen"
"""The alert for somebody who was told to get help, and was not seen or needs more of it."""


def due(flow: Flow, state: State, heard_at: datetime) -> datetime | None:
    """When the clock has something to do, if nothing is heard after `heard_at` (UTC); else None.

    `heard_at`: when the newest turn was taken, which left `state`.
    """
    if _is_open(flow, state):
        limit = state.since + timedelta(hours=flow.settings.resume_hours)
        if not _may_nudge(flow, state):
            return limit
        return min(limit, heard_at + timedelta(minutes=flow.settings.nudge_minutes))
    if _may_follow_up(flow, state):
        return state.since + timedelta(hours=flow.settings.follow_up_hours)
    return None


def tick(step: Step) -> None:
    """Do what is due now, if anything is."""
    flow, state = step.line.flow, step.state
    age = step.at - state.since
    if _is_open(flow, state):
        if age >= timedelta(hours=flow.settings.resume_hours):
            step.end(UNFINISHED)
            if not may_send(state):
                # The clinic is told where it must be; the person did not ask to be written to.
                step.messages.clear()
        elif _may_nudge(flow, state):
            step.change(nudged=True)
            step.ask("nudge")
    elif _may_follow_up(flow, state) and age >= timedelta(hours=flow.settings.follow_up_hours):
        # The answer may take its time, as any other.
        step.change(followed_up=True, since=step.at)
        step.ask_follow_up()


def take_follow_up(step: Step, reading: Reading) -> None:
    """The answer to "Were you seen?": anything but a plain YES is told to the clinic."""
    step.change(expecting=Expecting.NOTHING)
    if reading.meaning is Answer.YES and not reading.flags:
        step.say("follow_up_seen", "safety_net")
        return
    step.alert(NOT_SEEN)
    step.repeat_ending()


def may_send(state: State) -> bool:
    """Whether the person may be written to unasked."""
    return state.agreed and state.begun is Medium.TEXT and not state.opted_out


def _is_open(flow: Flow, state: State) -> bool:
    """Whether a question waits for its answer."""
    return asked_question(flow, state) is not None


def _may_nudge(flow: Flow, state: State) -> bool:
    asked = asked_question(flow, state)
    red = asked is not None and asked.red_flag
    waits = state.expecting is Expecting.ANSWER
    return red and waits and may_send(state) and not state.nudged


def _may_follow_up(flow: Flow, state: State) -> bool:
    ended = flow.disposition.get(state.position)
    urgent = ended is not None and ended.tier in RED_FLAG_TIERS
    return urgent and may_send(state) and not state.followed_up
