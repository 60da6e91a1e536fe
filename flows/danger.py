"""Words of danger: what is done whatever was asked (rules R7 and R8).

They never lower a tier. A clear match of a red flag ends the questions at once; one that may match
is asked about next.
"""

from flows import rules
from flows.clock import NOT_SEEN, take_follow_up
from flows.definition import CHECKED, RED_FLAG_TIERS, Disposition, Question, Tier
from flows.reading import CRISIS, Answer, Expecting, Miss, Reading, Request
from flows.state import Given
from flows.step import Step


def emergency_again(step: Step, reading: Reading) -> None:
    """After T1, T1 again (R7); only CHECKED goes on from here, to T3.

    What is worse still is told at once: an ambulance for who was to go to hospital (R8, R9).
    """
    if step.state.opted_out and not step.spoken and not reading.flags:
        # The one that was due has been sent.
        return
    if any(flag.about == CRISIS for flag in reading.flags):
        step.say_crisis()
    worse = _worse(step, reading)
    if worse is not None:
        if step.state.expecting is Expecting.FOLLOW_UP:
            step.alert(NOT_SEEN)
        _end_by(step, worse)
    elif step.state.expecting is Expecting.FOLLOW_UP and isinstance(reading.meaning, Answer | Miss):
        take_follow_up(step, reading)
    elif reading.meaning is Request.CHECKED and not reading.flags:
        step.end(CHECKED)
    elif reading.meaning is Miss.NO_INPUT:
        step.say("goodbye")
        step.hang_up = True
    else:
        step.repeat_ending()
        step.connect = step.spoken and reading.meaning is Request.CLINIC
        step.hang_up = step.spoken and reading.meaning is Request.STOP


def danger(step: Step, reading: Reading) -> bool:
    """Words that may mean a red flag (R8). True where they decide the reply."""
    if not reading.flags:
        return False
    crisis = any(flag.about == CRISIS for flag in reading.flags)
    clear = _clear(step, reading)
    if clear is not None:
        _end_by(step, clear)
        ask_about(step, possible(step, reading))
    elif crisis and step.spoken:
        step.say_crisis()
        step.put_again()
        return True
    if crisis:
        # By text it stands alone: what was asked can wait, and is still open.
        step.say_crisis()
    if clear is not None or crisis:
        return True
    if step.state.opted_out and not step.spoken:
        return False
    others = possible(step, reading)
    if not others or answer_is_urgent(step, reading):
        return False
    ask_about(step, others)
    return True


def _clear(step: Step, reading: Reading) -> Question | None:
    """The most urgent question that the words clearly answer with YES, or None.

    None too where the answer in the same words is more urgent than they are (R9).
    """
    questions = step.line.flow.question
    said = [questions[f.about] for f in reading.flags if f.certain and f.about in questions]
    clear = [question for question in said if not question.turned_round]
    for tier in RED_FLAG_TIERS:
        silenced = step.state.opted_out and not step.spoken
        if tier is Tier.T2 and (silenced or answer_is_urgent(step, reading)):
            return None
        of_tier = [question for question in clear if question.tier is tier]
        if of_tier:
            return max(of_tier, key=lambda question: _end_of(step, question).weight)
    return None


def _worse(step: Step, reading: Reading) -> Question | None:
    """The question that the words clearly answer with YES, if its end outweighs the one reached."""
    clear, ended = _clear(step, reading), step.ended
    if clear is None or ended is None or _end_of(step, clear).weight <= ended.weight:
        return None
    return clear


def _end_of(step: Step, question: Question) -> Disposition:
    """Where a YES to a red flag ends."""
    return step.line.flow.disposition[question.yes[0]]


def _end_by(step: Step, question: Question) -> None:
    """Take the words for a YES to `question`."""
    given = {**step.state.given, question.id: Given(Answer.YES, step.at)}
    step.change(given=given)
    step.end(question.yes[0], question.id)


def answer_is_urgent(step: Step, reading: Reading) -> bool:
    """Whether the answer itself leads to T1 or T2 at once, and so comes before other words."""
    asked = step.asked
    if asked is None or not isinstance(reading.meaning, Answer):
        return False
    if step.state.expecting is not Expecting.ANSWER:
        return False
    found = rules.find(asked, reading.meaning, step.state.doubts, step.state.skips)
    disposition = step.line.flow.disposition.get(found)
    return disposition is not None and disposition.tier in RED_FLAG_TIERS


def possible(step: Step, reading: Reading) -> list[Question]:
    """The other questions that the words may answer with YES, the most urgent first."""
    if not reading.flags:
        return []
    questions = step.line.flow.question
    raised = {questions[f.about] for f in reading.flags if f.about in questions}
    others = [q for q in raised if q.red_flag and q is not step.asked and not q.turned_round]
    return sorted(others, key=lambda question: step.line.flow.number[question.id])


def ask_about(step: Step, raised: list[Question]) -> None:
    """Ask next what the words may mean (R8); what was asked is put again after that.

    After T1 nothing is asked any more; after T2 only what could still be T1.
    """
    ended = step.ended
    for question in raised:
        known = step.state.given.get(question.id)
        worth = ended is None or question.tier.urgency > ended.tier.urgency
        if worth and not (known is not None and known.answer is Answer.YES):
            step.raise_question(question)
    if (
        step.state.pending
        and step.asked is not None
        and step.state.pending[0] in {question.id for question in raised}
    ):
        step.enter()
        step.ask("flag_first")
    elif not step.messages:
        # Nothing new to ask about, and still nobody is met with silence (I-23).
        step.put_again()
