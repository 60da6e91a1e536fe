"""From an answer to a finding: go on, explain, or end with this disposition.

Pure functions over the flow's data; the rule numbers are those of the clinical content
(docs/clinical-rules.md).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from flows.definition import (
    CHECKED,
    GUIDANCE,
    HELD,
    RED_FLAG_TIERS,
    UNFINISHED,
    Disposition,
    Flow,
    Move,
    Question,
    Tier,
)
from flows.reading import Answer
from flows.state import Given, Reached, State


class NotCleared(Exception):
    """Massage guidance was about to be given without every answer that it needs."""


def find(question: Question, answer: Answer, doubts: int, skips: int) -> str:
    """Where `answer` leads: a `Move`, or the id of a disposition (rules R1 to R6).

    `doubts` and `skips`: how often this asking of the question was answered so before.
    """
    targets = question.targets(answer)
    if targets == (Move.AS_UNSURE,):
        return find(question, Answer.UNSURE, doubts, skips)
    before = skips if answer is Answer.SKIPPED else doubts
    return targets[min(before, len(targets) - 1)]


def counts_as_doubt(question: Question, answer: Answer) -> bool:
    """True for NOT SURE, and for SKIP where the question counts it as NOT SURE (R3)."""
    skipped_as_unsure = question.skipped == (Move.AS_UNSURE,)
    return answer is Answer.UNSURE or (answer is Answer.SKIPPED and skipped_as_unsure)


def keep(question: Question, before: Given | None, now: Given) -> Given:
    """Which of two answers stands: a later NO never takes back a YES to a red flag (R9)."""
    counts = question.red_flag and not question.turned_round
    if counts and before is not None and before.answer is Answer.YES:
        return before
    return now


def is_settled(flow: Flow, given: Mapping[str, Given], position: str) -> bool:
    """True for a red-flag question that has its NO in this conversation."""
    question, answer = flow.question.get(position), given.get(position)
    counts = question is not None and question.red_flag and not question.turned_round
    return counts and answer is not None and answer.answer is Answer.NO


def floor(flow: Flow, reached: Reached | None, at: datetime) -> Reached | None:
    """What was reached within the last day and nothing may fall below (R10); T5 is no floor."""
    if reached is None or at - reached.at > timedelta(hours=flow.settings.floor_hours):
        return None
    if reached.disposition not in flow.disposition:
        # Reached under another version of the flow; a T1 still holds guidance back by its time.
        return None
    tier = flow.disposition[reached.disposition].tier
    return reached if Tier.T5.urgency < tier.urgency else None


def higher(flow: Flow, reached: Reached | None, now: Reached) -> Reached:
    """The more urgent of what was reached within the last day and what is reached now."""
    before = floor(flow, reached, now.at)
    if before is None:
        return now
    weight = [flow.disposition[one.disposition].weight for one in (before, now)]
    return before if weight[0] > weight[1] else now


def standing(
    flow: Flow, given: Mapping[str, Given], reached: Reached | None, at: datetime
) -> Reached | None:
    """What the conversation may not end below: the last day's floor, or a standing YES.

    A YES to a red flag in this conversation is not taken back however old it grows (R9).
    """
    lowest = floor(flow, reached, at)
    if lowest is not None and flow.disposition[lowest.disposition].tier in RED_FLAG_TIERS:
        return lowest
    told = {name for name, answer in given.items() if answer.answer is Answer.YES}
    for question in flow.questions if told else ():
        if question.id in told and question.red_flag and not question.turned_round:
            return Reached(question.yes[0], given[question.id].at)
    return lowest


def settle(
    flow: Flow,
    found: str,
    given: Mapping[str, Given],
    reached: Reached | None,
    emergency_at: datetime | None,
    at: datetime,
) -> Disposition:
    """The disposition that the conversation ends with, once an answer has led to `found`.

    The most urgent one wins (R9), CHECKED apart; guidance is held back for `hold_days` after a
    T1 (R7).
    NotCleared is raised where guidance lacks an answer that it needs (I-02, I-04).
    """
    disposition = flow.disposition[found]
    if found == CHECKED:
        return disposition
    lowest = standing(flow, given, reached, at)
    if lowest is not None:
        # Once checked, it is not checked again: the same advice is then called held.
        held = flow.disposition[HELD if lowest.disposition == CHECKED else lowest.disposition]
        # T0 stands outside the order of tiers: only what needs help today outweighs it.
        comparable = found != UNFINISHED or held.tier in RED_FLAG_TIERS
        if comparable and held.weight > disposition.weight:
            return held
    if found != GUIDANCE:
        return disposition
    hold = timedelta(days=flow.settings.hold_days)
    if emergency_at is not None and at - emergency_at <= hold:
        return flow.disposition[HELD]
    require_cleared(flow, given)
    return disposition


def require_cleared(flow: Flow, given: Mapping[str, Given]) -> None:
    """Raise NotCleared unless every red flag was answered NO and every turned one YES."""
    for question in flow.questions:
        if question.red_flag or question.turned_round:
            safe = Answer.YES if question.turned_round else Answer.NO
            if question.id not in given or given[question.id].answer is not safe:
                raise NotCleared(question.id)


def lasting(flow: Flow, state: State, at: datetime) -> dict[str, Given]:
    """The YES and NOT SURE of the last day, which nothing takes back but CHECKED (R10)."""
    window = timedelta(hours=flow.settings.floor_hours)
    return {
        name: given
        for name, given in state.given.items()
        if given.answer in (Answer.YES, Answer.UNSURE)
        and name in flow.question
        and not flow.question[name].turned_round
        and at - given.at <= window
    }


def named(flow: Flow, given: Mapping[str, Given], question: str | None) -> str | None:
    """`question` where its answer was the very one that its reason names, else None."""
    answer = given.get(question or "")
    if question is None or answer is None:
        return None
    wrong = Answer.NO if flow.question[question].turned_round else Answer.YES
    return question if answer.answer is wrong else None
