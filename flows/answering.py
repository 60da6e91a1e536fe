"""What was heard, taken for what was asked."""

from flows.clock import take_follow_up
from flows.definition import UNFINISHED, Question
from flows.reading import Answer, Expecting, Miss, Reading, Request
from flows.step import Step
from flows.utterance import Kind, Utterance


def is_danger(question: Question | None, reading: Reading | None) -> bool:
    """Whether `reading` is a YES to a red flag, which counts however late it comes (R9)."""
    return (
        question is not None
        and question.red_flag
        and not question.turned_round
        and reading is not None
        and reading.meaning is Answer.YES
    )


def out_of_place(step: Step, utterance: Utterance, reading: Reading) -> bool:
    """An answer to something else than what is asked now (I-16). True where it was put again."""
    state = step.state
    if utterance.kind is Kind.TEXT:
        waited = (step.at - state.since).total_seconds()
        asking = state.expecting in (Expecting.ANSWER, Expecting.CONSENT)
        if asking and waited < step.line.reading_seconds > 0:
            step.put_again("too_early")
            return True
        if state.expecting is Expecting.CONFIRMATION:
            # Asked of a caller, who now texts. "1" may mean that the read-back was right, or YES:
            # only asking again can tell.
            step.change(expecting=Expecting.ANSWER, heard=None)
            step.ask()
            return True
    answered = utterance.in_reply_to
    if answered is not None and answered < state.put:
        about = step.line.flow.question.get(utterance.question or "")
        if about is not None and is_danger(about, reading):
            step.answer(about, Answer.YES)
        elif reading.meaning is Miss.NO_INPUT:
            step.put_again()
        else:
            step.put_again("too_early")
        return True
    return False


def take(step: Step, utterance: Utterance, reading: Reading) -> None:
    meaning = reading.meaning
    if isinstance(meaning, Request):
        _request(step, meaning)
        return
    match step.state.expecting:
        case Expecting.CONSENT:
            _consent(step, meaning)
        case Expecting.CHOICE:
            _choice(step, meaning)
        case Expecting.CONFIRMATION:
            _confirmation(step, meaning)
        case Expecting.ANSWER:
            _answer(step, reading, utterance)
        case Expecting.FOLLOW_UP:
            take_follow_up(step, reading)
        case _:
            _nothing(step, meaning)


def _request(step: Step, request: Request) -> None:
    match request:
        case Request.MORE:
            step.say_more()
        case Request.AGAIN:
            if step.ended is not None and step.state.expecting is Expecting.NOTHING:
                step.repeat_ending()
            elif step.state.expecting is Expecting.CONSENT:
                step.ask_consent()
            elif step.state.expecting is Expecting.CHOICE:
                step.ask_choice()
            else:
                step.put_again()
        case Request.BACK:
            step.back()
        case Request.START_OVER:
            step.start_over()
        case Request.CLINIC:
            if step.spoken:
                step.say("clinic_call")
                step.connect = True
                step.change(put=step.number)
            else:
                step.put_again("clinic_call")
        case Request.STOP:
            # By phone: the call ends here, and can be gone on with.
            step.say("stopped", "safety_net")
            step.hang_up = True
        case Request.HELP:
            step.put_again("help")
        case Request.LANGUAGE if step.state.expecting is Expecting.CONSENT:
            step.ask_consent()
        case _:
            # Another language: what is open is put again in it.
            # CHECKED means something after T1 alone, and START by text.
            step.put_again()


def _consent(step: Step, meaning: Answer | Miss) -> None:
    match meaning:
        case Answer.YES:
            step.change(agreed=True)
            step.go_on()
        case Answer.NO:
            step.end(UNFINISHED)
        case _:
            _miss(step, meaning)


def _choice(step: Step, meaning: Answer | Miss) -> None:
    if meaning is Answer.YES:
        step.change(since=step.at, misses=0)
        step.ask()
    else:
        _miss(step, meaning)


def _confirmation(step: Step, meaning: Answer | Miss) -> None:
    """The read-back of an answer: nothing but a clear yes to it makes it one."""
    heard, question = step.state.heard, step.asked
    assert heard is not None
    assert question is not None
    match meaning:
        case Answer.YES:
            step.change(heard=None)
            step.answer(question, heard)
        case Answer.NO:
            step.ask()
        case _:
            _miss(step, meaning)


def _answer(step: Step, reading: Reading, utterance: Utterance) -> None:
    question = step.asked
    assert question is not None
    meaning = reading.meaning
    clear = any(flag.certain and flag.about == question.id for flag in reading.flags)
    if clear and not isinstance(meaning, Answer):
        # The words say the very thing that the question asks about.
        meaning = Answer.NO if question.turned_round else Answer.YES
    if not isinstance(meaning, Answer):
        assert isinstance(meaning, Miss)
        _miss(step, meaning)
    elif utterance.confidence >= step.line.flow.settings.confidence_at_least:
        step.answer(question, meaning)
    elif step.spoken:
        step.read_back(meaning)
    else:
        # A text of which we are not sure what it says: there is no voice to read it back with.
        _miss(step, Miss.NO_MATCH)


def _nothing(step: Step, meaning: Answer | Miss) -> None:
    """After the end, or before the beginning."""
    if step.ended is not None and step.spoken:
        step.change(misses=step.state.misses + 1)
        over = step.state.misses >= step.line.flow.settings.misses_at_most
        if meaning is Miss.NO_INPUT or over:
            step.say("goodbye")
            step.hang_up = True
            return
    step.put_again(in_all=meaning is Miss.OTHER_LANGUAGE)


def _miss(step: Step, meaning: Answer | Miss) -> None:
    """Not understood, or no answer: never a NO; after the third time the cautious route (R11)."""
    misses = step.state.misses + 1
    unread = step.state.unread or meaning is not Miss.NO_INPUT
    step.change(misses=misses, unread=unread)
    if misses >= step.line.flow.settings.misses_at_most:
        step.end(UNFINISHED, None, "unfinished_misses")
    elif step.state.expecting is Expecting.ANSWER:
        what = "no_input" if meaning is Miss.NO_INPUT else "not_understood"
        # Who is not understood a second time may speak another language.
        in_all = meaning is Miss.OTHER_LANGUAGE or (misses > 1 and meaning is Miss.NO_MATCH)
        step.ask(f"{what}_{misses}", in_all=in_all)
    else:
        # Consent, the choice and the read-back say themselves which keys they wait for.
        silent = ["no_input_1"] if meaning is Miss.NO_INPUT and misses == 1 else []
        step.put_again(*silent, in_all=meaning is Miss.OTHER_LANGUAGE)
