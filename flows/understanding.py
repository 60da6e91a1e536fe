"""What was heard becomes an answer, a request, or a miss.

In come a vocabulary, an utterance and what the line waits for; out comes a `Reading` that names
its rule. Rests on `flags` for what the words say of the body, and on `reply` for how they are
put. The one error not to be forgiven is a yes or a doubt taken for a no (turned round: a no or a
doubt for a yes), so a no must be a no to its last word, and whatever is not plain is asked again.
"""

from collections.abc import Sequence
from functools import lru_cache

from flows.fitted import denies_what_fits, fit, is_unfit
from flows.flags import look
from flows.fluent import fluent
from flows.marks import Mark
from flows.otherwise import closing_no_first, without_guesses
from flows.plain_no import stays_no
from flows.reading import Answer, Expecting, Meaning, Miss, Reading, Request
from flows.reply import ANY_NO, ANY_YES, NUMBERS, PLAIN_YES, Piece, Reply, cut, reply_of
from flows.spelling import tokenise
from flows.told import says_what_is_asked
from flows.utterance import Kind, Utterance
from flows.vocabulary import Vocabulary
from flows.words import Tokens

Read = tuple[Meaning, str]
"""What was understood, and the name of the rule."""

_KEYS: dict[str, Meaning] = {
    "1": Answer.YES,
    "2": Answer.NO,
    "3": Answer.UNSURE,
    "4": Request.MORE,
    "5": Request.CHECKED,
    "6": Request.START_OVER,
    "7": Request.BACK,
    "8": Answer.SKIPPED,
    "9": Request.AGAIN,
    "0": Request.CLINIC,
}
_REQUESTS = {
    Mark.MORE: Request.MORE,
    Mark.AGAIN: Request.AGAIN,
    Mark.BACK: Request.BACK,
    Mark.START_OVER: Request.START_OVER,
    Mark.CLINIC: Request.CLINIC,
}
_COURTESIES = frozenset((Mark.FILLER, Mark.ASKING))
_UNSURE = frozenset((Mark.UNSURE,))
_SKIP = frozenset((Mark.SKIP,))
_AGREED = frozenset((Mark.AGREE, Mark.YES, Mark.GO_ON))
_MAY_BE_NO = frozenset((Mark.NO, Mark.NO_SHORT, Mark.NEITHER))
_CONTRADICTS_NO = ANY_YES - {Mark.YES_SHORT, Mark.YES_SOFT}
# A yes at the very end is the answer, whatever these had begun: "I'd rather not say, but yes".
_BEFORE_YES = frozenset((None, Mark.YES_SHORT, Mark.ASKING, Mark.SKIP, Mark.CORRECTION))
_NO_THEN_DOUBT = "no.then_doubt"
# The longest message that is compared as a whole, in words.
_WHOLE = 8
# The longest message whose reading is remembered, in characters.
_SHORT = 12


def understand(
    vocabulary: Vocabulary,
    utterance: Utterance,
    expecting: Expecting,
    *,
    turned_round: bool = False,
    about: str = "",
) -> Reading:
    """What was heard, as the line at this place takes it.

    `turned_round`: yes is the safe answer.  `about`: the id of the question that is asked, if any.

    Raises ValueError for what nobody says: an arrival, a hang-up, news of the clinic's call.
    """
    match utterance.kind:
        case Kind.SILENCE:
            return Reading(Miss.NO_INPUT, "silence")
        case Kind.DIGITS:
            return Reading(*_read_keys(utterance.words.strip(), expecting))
        case Kind.TEXT | Kind.SPEECH:
            pass
        case _:
            raise ValueError(f"nothing is said in {utterance.kind}")
    said = utterance.words
    # Most people answer with one of few words, which mean the same each time.
    read = _read_short if len(said) <= _SHORT else _read_said
    spoken = utterance.kind is Kind.SPEECH
    return read(vocabulary, said, expecting, about, turned_round=turned_round, spoken=spoken)


def _read_said(
    vocabulary: Vocabulary,
    said: str,
    expecting: Expecting,
    about: str,
    *,
    turned_round: bool,
    spoken: bool,
) -> Reading:
    tokens = tokenise(vocabulary.spelling, said)
    if not tokens.words:
        return Reading(*_read_no_words(tokens, expecting))
    whole = _read_whole(vocabulary, tokens, expecting, spoken=spoken)
    tokens = fluent(vocabulary, tokens)
    reading = (
        Reading(*whole)
        if whole
        else _read_words(
            vocabulary, tokens, expecting, about, turned_round=turned_round, spoken=spoken
        )
    )
    if tokens.asked and reading.meaning is _safe(expecting, turned_round=turned_round):
        # "No?" asks whether it is one.
        return Reading(Miss.NO_MATCH, f"{reading.meaning}.asked", reading.flags)
    if spoken and reading.meaning is Answer.NO and not turned_round:
        together = without_guesses(vocabulary, tokens)
        if together is not None:
            again = _read_words(
                vocabulary, together, expecting, about, turned_round=False, spoken=True
            )
            if again.meaning is not Answer.NO:
                return Reading(Miss.NO_MATCH, "no.by_a_comma", reading.flags)
    if reading.meaning is Miss.NO_MATCH and not (reading.flags or turned_round):
        closed = closing_no_first(vocabulary, tokens)
        if closed is not None:
            again = _read_words(
                vocabulary, closed, expecting, about, turned_round=False, spoken=spoken
            )
            if again.meaning is Answer.NO:
                return Reading(Answer.NO, "no.at_end")
    return reading


def _safe(expecting: Expecting, *, turned_round: bool) -> Answer:
    """The answer that is only taken where it is plain."""
    asked = expecting in (Expecting.ANSWER, Expecting.FOLLOW_UP)
    return Answer.NO if asked and not turned_round else Answer.YES


_read_short = lru_cache(maxsize=1024)(_read_said)


def _read_words(
    vocabulary: Vocabulary,
    tokens: Tokens,
    expecting: Expecting,
    about: str,
    *,
    turned_round: bool,
    spoken: bool,
) -> Reading:
    found = look(vocabulary, tokens)
    pieces = cut(vocabulary, tokens)
    reply = reply_of(vocabulary, tokens, pieces, found)
    meaning, rule = (
        _read_request(pieces)
        or _read_reply(reply, expecting, turned_round=turned_round)
        or _read_courtesy(pieces, expecting)
    )
    safe = Answer.YES if turned_round else Answer.NO
    if meaning is not safe and reply and not found.flags and expecting is Expecting.ANSWER:
        fitted = _fitted(reply, about, safe, spoken=spoken)
        if fitted and _read_asked(fitted, turned_round=turned_round)[0] is safe:
            meaning, rule, reply = safe, f"{safe}.then_fitting", fitted
    if (
        meaning is Answer.NO is safe
        and reply
        and (denies_what_fits(reply, about) or is_unfit(reply, about))
    ):
        meaning, rule = Miss.NO_MATCH, _NO_THEN_DOUBT
    # Only to the question itself: to "I heard no" it is no yes.
    untold = meaning is Miss.NO_MATCH and expecting is Expecting.ANSWER and not turned_round
    if untold and reply and says_what_is_asked(reply, about):
        meaning, rule = Answer.YES, "yes.told"
    # "No, I'm sixteen", "no, my legs are weak": where a no is not the safe answer, a flag agrees.
    if found.flags and not turned_round and (meaning is Answer.NO or rule == _NO_THEN_DOUBT):
        meaning, rule = Miss.NO_MATCH, "no_with_flag"
    return Reading(meaning, rule, found.flags)


def _fitted(reply: Reply, about: str, safe: Answer, *, spoken: bool) -> Reply | None:
    """The reply with what fits the safe answer known, if it leads with that answer and goes on."""
    leads = PLAIN_YES if safe is Answer.YES else _MAY_BE_NO
    bare = not reply.tail and Mark.NEITHER not in reply.lead.marks
    if bare or not reply.lead.is_any(leads):
        return None
    return fit(reply, about, spoken=spoken, turned_round=safe is Answer.YES)


def _read_keys(keys: str, expecting: Expecting) -> Read:
    meaning = _KEYS.get(keys)
    if meaning is None:
        return Miss.NO_MATCH, "key.unknown"
    return _as_expected(meaning, f"key.{keys}", expecting)


def _read_no_words(tokens: Tokens, expecting: Expecting) -> Read:
    if tokens.asked:
        return _as_expected(Answer.UNSURE, "unsure.question_mark", expecting)
    return Miss.NO_MATCH, "no_words"


def _read_whole(
    vocabulary: Vocabulary, tokens: Tokens, expecting: Expecting, *, spoken: bool
) -> Read | None:
    """What only counts as the whole message: "stop", "y"."""
    if len(tokens.words) > _WHOLE:
        return None
    known = vocabulary.whole_spoken if spoken else vocabulary.whole
    meaning = known.get(" ".join(tokens.words))
    if isinstance(meaning, Answer):
        if expecting is Expecting.CONFIRMATION:
            return Miss.NO_MATCH, "not_plain"
        return _as_expected(meaning, f"{meaning}.whole", expecting)
    return (meaning, f"{meaning}.whole") if meaning else None


def _as_expected(meaning: Meaning, rule: str, expecting: Expecting) -> Read:
    """The same, or what it means where that answer was not asked for."""
    if not isinstance(meaning, Answer) or expecting in (Expecting.ANSWER, Expecting.FOLLOW_UP):
        return meaning, rule
    if expecting is Expecting.NOTHING:
        return Miss.NO_MATCH, "nothing_asked"
    if expecting is Expecting.CHOICE and meaning is Answer.NO and rule in ("key.2", "digit.2"):
        return Request.START_OVER, rule
    if meaning is Answer.YES or (meaning is Answer.NO and expecting is not Expecting.CHOICE):
        return meaning, rule
    return Miss.NO_MATCH, "not_asked"


def _read_request(pieces: Sequence[Piece]) -> Read | None:
    """A request, if nothing but courtesies stand around it."""
    asked = [piece for piece in pieces if not piece.is_any(_COURTESIES)]
    if not asked:
        return None
    if Mark.MORE_ABOUT in asked[0].marks:
        return Request.MORE, "more.about"
    if asked[0].mark is Mark.FOUR and len(asked) == 1:
        return Request.MORE, "digit.4"
    for mark in asked[0].marks:
        if mark in _REQUESTS and all(mark in piece.marks for piece in asked):
            return _REQUESTS[mark], f"{mark}.phrase"
    return None


def _read_courtesy(pieces: Sequence[Piece], expecting: Expecting) -> Read:
    """Nothing but fillers; "ok" agrees where agreement is asked for."""
    if expecting is Expecting.CONSENT and any(Mark.AGREE in piece.marks for piece in pieces):
        return Answer.YES, "agree"
    if expecting is Expecting.CONFIRMATION and any(Mark.RIGHT in p.marks for p in pieces):
        return Answer.YES, "confirmed"
    return Miss.NO_MATCH, "filler_only"


def _read_reply(reply: Reply | None, expecting: Expecting, *, turned_round: bool) -> Read | None:
    if reply is None:
        return None
    if not reply.is_choice():
        return Miss.NO_MATCH, "digit.in_words"
    match expecting:
        case Expecting.CONFIRMATION:
            return _read_confirmation(reply)
        case Expecting.CONSENT:
            return _read_consent(reply)
        case Expecting.CHOICE:
            if Mark.GO_ON in reply.lead.marks and reply.is_courteous():
                return Answer.YES, "go_on"
            return _as_expected(*_read_turned(reply), expecting)
        case _:
            return _as_expected(*_read_asked(reply, turned_round=turned_round), expecting)


def _read_asked(reply: Reply, *, turned_round: bool) -> Read:
    return _read_turned(reply) if turned_round else _read_ordinary(reply)


def _read_ordinary(reply: Reply) -> Read:
    """A question where no is the safe answer: a no must be plain, a yes need not be."""
    mark = reply.lead.mark
    match mark:
        case Mark.YES | Mark.ONE:
            return _read_yes(reply, "digit.1" if mark is Mark.ONE else "yes.word")
        case Mark.YES_SOFT:
            return _read_yes(reply, "yes.soft")
        case Mark.YES_GRUNT if not reply.tail or reply.repeats_yes():
            return Answer.YES, "yes.grunt"
        case Mark.YES_SHORT if (
            reply.is_framed()
            or Mark.YES_SOFT in reply.tail[0].marks
            or reply.repeats_yes()
            or reply.is_told()
        ):
            return _read_yes(reply, "yes.short")
        case Mark.NO | Mark.TWO | Mark.NO_SHORT:
            return _read_no(reply, "digit.2" if mark is Mark.TWO else "no.word")
        case mark if mark in _BEFORE_YES and reply.ends_in_yes():
            return Answer.YES, "yes.at_end"
        case _:
            return _read_neither(reply)


def _read_turned(reply: Reply) -> Read:
    """A question where yes is the safe answer: only a bare yes is one."""
    mark = reply.lead.mark
    match mark:
        case Mark.YES | Mark.ONE | Mark.YES_SHORT:
            if reply.says_no_later():
                return Miss.NO_MATCH, "both"
            if reply.is_bare() and not reply.found.flags:
                return Answer.YES, "digit.1" if mark is Mark.ONE else "yes.bare"
            if reply.is_qualified():
                return Answer.UNSURE, "yes.qualified"
            return Miss.NO_MATCH, "yes.with_more"
        case Mark.YES_SOFT:
            if reply.says_no_later():
                return Miss.NO_MATCH, "both"
            return Answer.UNSURE, "yes.soft"
        case Mark.NO | Mark.TWO | Mark.NO_SHORT:
            if reply.tail_has(_CONTRADICTS_NO) or reply.ends_in(Mark.YES_SHORT, Mark.YES_SOFT):
                return Miss.NO_MATCH, "both"
            if reply.tail_has(_UNSURE):
                return Answer.UNSURE, "no.then_unsure"
            if reply.says_well():
                return Miss.NO_MATCH, "no.then_well"
            return Answer.NO, "digit.2" if mark is Mark.TWO else "no.turned"
        case Mark.NOT_YET:
            return Answer.NO, "no.not_yet"
        case _:
            return _read_neither(reply)


def _read_neither(reply: Reply) -> Read:
    """Neither a yes nor a no."""
    match reply.lead.mark:
        case Mark.THREE:
            if reply.tail_has(PLAIN_YES | ANY_NO):
                return Miss.NO_MATCH, "both"
            return Answer.UNSURE, "digit.3"
        case Mark.UNSURE:
            return Answer.UNSURE, "unsure.phrase"
        case Mark.SKIP if reply.is_courteous(_SKIP):
            return Answer.SKIPPED, "skip.phrase"
        case None if reply.ends_in_doubt():
            return Answer.UNSURE, "unsure.at_end"
        case None | Mark.YES_SHORT | Mark.ASKING if reply.holds_doubt() and not reply.found.flags:
            return Answer.UNSURE, "unsure.within"
        case None:
            return Miss.NO_MATCH, "unknown"
        case mark:
            return Miss.NO_MATCH, f"unclear.{mark}"


def _read_yes(reply: Reply, rule: str) -> Read:
    if reply.says_no_later():
        return Miss.NO_MATCH, "both"
    if len(reply.tail) == 1 and Mark.UNSURE in reply.tail[0].marks and rule != "digit.1":
        return Answer.UNSURE, "yes.then_unsure"
    return Answer.YES, rule


def _read_no(reply: Reply, rule: str) -> Read:
    if reply.tail_has(_CONTRADICTS_NO):
        if reply.is_corrected():
            return Answer.YES, "yes.corrected"
        return Miss.NO_MATCH, "both"
    if reply.tail_has(_UNSURE):
        return Answer.UNSURE, "no.then_unsure"
    if not stays_no(reply):
        return Miss.NO_MATCH, _NO_THEN_DOUBT
    return Answer.NO, rule if not reply.tail or rule == "digit.2" else "no.then_harmless"


def _read_confirmation(reply: Reply) -> Read:
    """Only plain words settle "I heard no. Press 1 if that is right"."""
    lead = reply.lead
    if lead.is_any(PLAIN_YES) or Mark.RIGHT in lead.marks:
        if reply.is_courteous(frozenset((Mark.RIGHT,))) and not reply.found.flags:
            return Answer.YES, "confirmed"
    elif (lead.mark in (Mark.NO, Mark.TWO) or Mark.WRONG in lead.marks) and not reply.tail_has(
        ANY_YES | {Mark.RIGHT}
    ):
        return Answer.NO, "not_confirmed"
    return Miss.NO_MATCH, "not_plain"


def _read_consent(reply: Reply) -> Read:
    lead = reply.lead
    if Mark.DISAGREE in lead.marks:
        return Answer.NO, "disagree"
    if lead.is_any(_AGREED | NUMBERS) and lead.mark in PLAIN_YES | {Mark.AGREE}:
        if reply.says_no_later() or not reply.is_courteous(_AGREED):
            return Miss.NO_MATCH, "agree.with_more"
        return Answer.YES, "agree"
    if lead.is_any(ANY_NO):
        if reply.tail_has(ANY_YES | _UNSURE | {Mark.AGREE}):
            return Miss.NO_MATCH, "both"
        return Answer.NO, "disagree"
    return Miss.NO_MATCH, "unclear"
