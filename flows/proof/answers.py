"""The invariants about answers and tiers. Part of `flows.proof`.

Each is said in terms of what was heard and what came of it, and trusts no rule of the core. Where
an invariant speaks of the past ("in this conversation", "for 14 days"), it is proved one turn at a
time: the state remembers truly, and nothing is done against what it remembers.
"""

from flows.definition import RED_FLAG_TIERS, Question, Tier
from flows.proof.moments import (
    DAY,
    LASTING,
    WEEKS,
    Moment,
    is_red,
    is_worry,
    safe,
)
from flows.reading import Answer, Expecting, Request

_LOWER = (Tier.T3, Tier.T4, Tier.T5)


def no_red_flag_ends_low(moment: Moment) -> str | None:
    if not moment.arrived or moment.cleared or moment.end is None:
        return None
    if moment.end.tier not in _LOWER:
        return None
    for question in moment.flow.questions:
        if question.tier is Tier.T1 and is_red(question):
            given = moment.state.given.get(question.id)
            if is_worry(given):
                assert given is not None
                return f"{given.answer} to {question.id} ends in {moment.end.tier}"
    return None


def guidance_needs_every_no(moment: Moment) -> str | None:
    if moment.before is None:
        # What a new conversation takes along is never what clears somebody.
        for name, kept in moment.state.given.items():
            if name not in moment.stored and not is_worry(kept):
                return f"{kept.answer} to {name} is taken into a new conversation"
    if not moment.guided:
        return None
    for question in moment.flow.questions:
        if is_red(question):
            given = moment.state.given.get(question.id)
            if given is None or given.answer is not Answer.NO:
                return f"guidance without a NO to {question.id}"
    return None


def guidance_needs_every_yes(moment: Moment) -> str | None:
    if moment.before is None:
        for name in moment.state.given:
            if moment.flow.question[name].turned_round and name not in moment.stored:
                return f"the answer to {name} is taken into a new conversation"
    if not moment.guided:
        return None
    for question in moment.flow.questions:
        if question.turned_round:
            given = moment.state.given.get(question.id)
            if given is None or given.answer is not Answer.YES:
                return f"guidance without a YES to {question.id}"
    return None


def advice_comes_at_once(moment: Moment) -> str | None:
    if moment.unwanted:
        return None
    end = moment.end
    if moment.arrived and end is not None and end.tier in RED_FLAG_TIERS:
        first = end.messages[0][0]
        if moment.keys[:1] != (first,):
            return f"{end.tier} without its advice first: {' '.join(moment.keys) or 'nothing'}"
    revealed = _revealed(moment)
    if revealed is None:
        return None
    if end is None or end.tier.urgency < revealed.urgency:
        return f"{revealed} was revealed, and the reply is {end.tier if end else 'a question'}"
    if end.messages[0][0] not in moment.keys:
        return f"{revealed} was revealed, and the reply does not say so"
    return None


def _revealed(moment: Moment) -> Tier | None:
    """The tier that what was heard shows by itself (R1, R3, R6, R8)."""
    if moment.was_emergency:
        return None
    tiers = [_flagged(moment), _answered(moment)]
    found = [tier for tier in tiers if tier is not None]
    return max(found, key=lambda tier: tier.urgency) if found else None


def _flagged(moment: Moment) -> Tier | None:
    flow, event = moment.flow, moment.event
    if not event.flags:
        return None
    silenced = moment.contact is not None and moment.contact.opted_out and not event.spoken
    tiers = {
        flow.question[flag.about].tier
        for flag in event.flags
        if flag.certain and event.sure and flag.about in flow.question
        if is_red(flow.question[flag.about])
    }
    if Tier.T1 in tiers:
        return Tier.T1
    if Tier.T2 in tiers and not silenced:
        return Tier.T2
    return None


def _answered(moment: Moment) -> Tier | None:
    question, answer = _answer(moment)
    if question is None or answer is None or moment.before is None:
        return None
    if question.turned_round:
        wrong = question.red_flag and answer is not Answer.YES
        return question.tier if wrong else None
    if not question.red_flag:
        return None
    if answer is Answer.YES:
        return question.tier
    before = moment.before.given.get(question.id)
    if answer is Answer.UNSURE and before is not None and before.answer is Answer.UNSURE:
        # The private question is the one whose doubt is T2 (R2).
        return question.tier if len(question.unsure) > 1 else Tier.T2
    return None


def _answer(moment: Moment) -> tuple[Question | None, Answer | None]:
    """The answer that was heard, and the question that it belongs to."""
    before, event = moment.before, moment.event
    if before is None or not event.sure:
        return None, None
    meaning = event.meaning if isinstance(event.meaning, Answer) else None
    if event.stale:
        # Only a YES counts for a question that is no longer asked (I-16).
        about = moment.flow.question.get(event.heard.question or "")
        known = about is not None and is_red(about) and meaning is Answer.YES
        return (about, meaning) if known else (None, None)
    if moment.early:
        return None, None
    if event.heard.attachments and moment.asked is not None and meaning is safe(moment.asked):
        # Nobody has seen the picture: it may say something else (I-05).
        return None, None
    if not event.spoken and before.opted_out and meaning is not Answer.YES:
        return None, None
    if before.expecting is Expecting.CONFIRMATION:
        agreed = event.spoken and meaning is Answer.YES
        return (moment.asked, before.heard) if agreed else (None, None)
    by_text = before.expecting is Expecting.CHOICE and not event.spoken
    if before.expecting is Expecting.ANSWER or by_text:
        return moment.asked, meaning
    return None, None


def nothing_is_no(moment: Moment) -> str | None:
    for name, answer in moment.stored.items():
        question = moment.flow.question[name]
        if answer is not safe(question):
            continue
        asked, heard = _answer(moment)
        if asked is not question or heard is not answer:
            return f"{moment.event.name!r} is stored as {answer} to {name}"
    return None


def danger_is_never_no(moment: Moment) -> str | None:
    if not moment.event.flags:
        return None
    for name, answer in moment.stored.items():
        if answer is Answer.NO and is_red(moment.flow.question[name]):
            return f"NO to {name} is stored beside words of danger"
    return None


def nothing_lowers_a_tier(moment: Moment) -> str | None:
    if moment.cleared:
        return None if moment.was_emergency else "CHECKED without a T1 before it"
    if moment.leaves_emergency:
        return "T1 gives way to a new conversation"
    if moment.released:
        return _releases_a_t1_alone(moment)
    end, lowest, after = moment.end, moment.lowest(), moment.lowest_after()
    if moment.was_emergency and (end is None or end.tier is not Tier.T1):
        return f"after T1 comes {moment.state.position}"
    if moment.was_emergency and moment.arrived and end is not None:
        stood = moment.flow.disposition[moment.before.position] if moment.before else end
        if end.weight < stood.weight:
            return f"after {stood.id} comes {end.id}"
    if moment.arrived and end is not None:
        # T0 is outside the order: it may follow what was not urgent.
        compared = end.tier is not Tier.T0 or lowest in RED_FLAG_TIERS
        if compared and lowest is not None and end.tier.urgency < lowest.urgency:
            return f"{lowest} of the last day becomes {end.tier}"
        if end.tier in LASTING and (after is None or after.urgency < end.tier.urgency):
            return f"{end.tier} is not remembered"
    if lowest is not None and (after is None or after.urgency < lowest.urgency):
        return f"{lowest} of the last day is forgotten"
    return _forgets_an_answer(moment)


def _releases_a_t1_alone(moment: Moment) -> str | None:
    before, state = moment.before, moment.state
    if before is None or state.position != before.position or moment.turn.said:
        return "a release says something, or goes somewhere"
    if moment.lowest() is not moment.lowest_after() and moment.lowest() is not Tier.T1:
        return "a release forgets more than a T1"
    return None if moment.was_emergency else _forgets_an_answer(moment)


def _forgets_an_answer(moment: Moment) -> str | None:
    contact, state = moment.contact, moment.state
    if contact is None or contact.given is state.given:
        return None
    begins = moment.before is None or moment.event.meaning is Request.START_OVER
    for name, given in contact.given.items():
        question = moment.flow.question[name]
        if not is_worry(given) or question.turned_round:
            continue
        now = state.given.get(name)
        if now is given or (begins and moment.turn.at - given.at > DAY):
            continue
        if given.answer is Answer.YES and is_red(question):
            if now is None or now.answer is not Answer.YES:
                return f"the YES to {name} is forgotten"
        elif now is None:
            return f"the answer to {name} is forgotten"
    return None


def guidance_waits_after_an_emergency(moment: Moment) -> str | None:
    emergency = moment.state.emergency_at
    known = moment.contact.emergency_at if moment.contact else None
    new = moment.arrived and moment.end is not None and moment.end.tier is Tier.T1
    if new and emergency != moment.turn.at:
        return "the time of a T1 is not remembered"
    if not new and emergency not in {None if moment.released else known, moment.turn.at}:
        return "the time of a T1 is changed"
    if moment.guided and emergency is not None and moment.turn.at - emergency <= WEEKS:
        return "guidance within 14 days of T1"
    return None


def what_is_late_answers_nothing(moment: Moment) -> str | None:
    event = moment.event
    if moment.before is None or not (event.stale or moment.early):
        return None
    for name, answer in moment.stored.items():
        if not (answer is Answer.YES and name == event.heard.question):
            return f"{answer} is taken for {name}, which it was not given to"
    return None
