"""What was heard becomes an answer, a request, or a miss.

In come a vocabulary, an utterance and what the line waits for; out comes a `Reading` that names
its rule. Rests on `flags` for what the words say of the body, and on the vocabulary for every
word. The one error not to be forgiven is a yes or a doubt taken for a no (turned round: a no or a
doubt for a yes), so a no must be a no to its last word, and whatever is not plain is asked again.
"""

from dataclasses import dataclass

from flows.flags import Found, look
from flows.reading import Answer, Expecting, Meaning, Miss, Reading, Request
from flows.utterance import Kind, Utterance
from flows.vocabulary import Mark, Sort, Tail, Vocabulary
from flows.words import Tokens, longest, tokenise

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
_NUMBERS = (Mark.ONE, Mark.TWO, Mark.THREE, Mark.FOUR)
_YESES = (Mark.YES, Mark.ONE)
_NOES = (Mark.NO, Mark.TWO)
_SAID_YES = (Mark.YES, Mark.YES_SHORT, Mark.YES_GRUNT, Mark.YES_SOFT, Mark.ONE)
_SAID_NO = (Mark.NO, Mark.NO_SHORT, Mark.NOT_YET, Mark.TWO)
_WORDS = (Kind.TEXT, Kind.SPEECH)

Read = tuple[Meaning, str]


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a reply and what they mark; no mark where they are not known."""

    marks: tuple[Mark, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply cut into pieces; fillers at the front are left out."""

    vocabulary: Vocabulary
    tokens: Tokens
    pieces: tuple[Piece, ...]
    found: Found

    @property
    def lead(self) -> Piece:
        return self.pieces[0]

    @property
    def tail(self) -> tuple[Piece, ...]:
        return self.pieces[1:]

    def words(self, pieces: tuple[Piece, ...]) -> list[str]:
        return [w for piece in pieces for w in self.tokens.words[piece.start : piece.end]]


def understand(
    vocabulary: Vocabulary,
    utterance: Utterance,
    expecting: Expecting,
    *,
    turned_round: bool = False,
) -> Reading:
    """What was heard, as the line at this place takes it; `turned_round`: yes is the safe answer.

    Raises ValueError for what nobody says: an arrival, a hang-up, news of the clinic's call.
    """
    if utterance.kind is Kind.SILENCE:
        return Reading(Miss.NO_INPUT, "silence")
    if utterance.kind is Kind.DIGITS:
        return Reading(*_read_key(utterance.words.strip(), expecting))
    if utterance.kind not in _WORDS:
        raise ValueError(f"nothing is said in {utterance.kind}")
    tokens = tokenise(vocabulary.spelling, utterance.words)
    if not tokens.words:
        return Reading(*_read_no_words(tokens, expecting))
    found = look(vocabulary, tokens)
    meaning, rule = _read_words(
        vocabulary, tokens, found, expecting, turned_round, utterance.kind is Kind.SPEECH
    )
    if meaning is Answer.NO and found.flags:
        meaning, rule = Miss.NO_MATCH, "no_with_flag"
    return Reading(meaning, rule, found.flags)


def _read_key(keys: str, expecting: Expecting) -> Read:
    meaning = _KEYS.get(keys)
    if meaning is None:
        return Miss.NO_MATCH, "key.unknown"
    return _allowed(meaning, f"key.{keys}", expecting)


def _read_no_words(tokens: Tokens, expecting: Expecting) -> Read:
    if tokens.asked:
        return _allowed(Answer.UNSURE, "unsure.question_mark", expecting)
    return Miss.NO_MATCH, "no_words"


def _allowed(meaning: Meaning, rule: str, expecting: Expecting) -> Read:
    """The same, or what it means where that answer was not asked for."""
    if not isinstance(meaning, Answer) or expecting is Expecting.ANSWER:
        return meaning, rule
    if expecting is Expecting.NOTHING:
        return Miss.NO_MATCH, "nothing_asked"
    if expecting is Expecting.CHOICE:
        if meaning is Answer.NO and rule in ("key.2", "digit.2"):
            return Request.START_OVER, rule
        if meaning is Answer.YES:
            return meaning, rule
        return Miss.NO_MATCH, "not_a_choice"
    if meaning in (Answer.YES, Answer.NO):
        return meaning, rule
    return Miss.NO_MATCH, "not_asked"


def _read_words(
    vocabulary: Vocabulary,
    tokens: Tokens,
    found: Found,
    expecting: Expecting,
    turned_round: bool,
    spoken: bool,
) -> Read:
    whole = (vocabulary.whole_spoken if spoken else vocabulary.whole).get(
        " ".join(tokens.words) if len(tokens.words) < 8 else ""
    )
    if isinstance(whole, Request):
        return whole, f"{whole}.whole"
    if whole is not None:
        answer = Answer.YES if whole is Mark.YES else Answer.NO
        if expecting is Expecting.CONFIRMATION and len(tokens.words[0]) > 1:
            return Miss.NO_MATCH, "not_plain"
        return _allowed(answer, f"{answer}.whole", expecting)
    pieces = _cut(vocabulary, tokens)
    lead = 0
    while lead < len(pieces) and Mark.FILLER in pieces[lead].marks:
        lead += 1
    if request := _request(vocabulary, tokens, pieces[lead:] or pieces):
        return request
    if expecting is Expecting.CONSENT and lead < len(pieces):
        first = next((i for i, p in enumerate(pieces) if Mark.AGREE in p.marks), lead)
        lead = min(lead, first)
    if expecting is Expecting.CONSENT and lead == len(pieces):
        lead = next((i for i, p in enumerate(pieces) if Mark.AGREE in p.marks), lead)
    if lead == len(pieces):
        return Miss.NO_MATCH, "filler_only"
    reply = Reply(vocabulary, tokens, tuple(pieces[lead:]), found)
    if expecting is Expecting.CONFIRMATION:
        return _confirmation(reply)
    if expecting is Expecting.CONSENT:
        return _consent(reply)
    if expecting is Expecting.CHOICE and Mark.GO_ON in reply.lead.marks:
        return (Answer.YES, "go_on") if _is_bare(reply) else (Miss.NO_MATCH, "go_on.with_more")
    strict = turned_round or expecting is Expecting.CHOICE
    return _allowed(*(_turned(reply) if strict else _ordinary(reply)), expecting)


def _cut(vocabulary: Vocabulary, tokens: Tokens) -> list[Piece]:
    pieces: list[Piece] = []
    at = 0
    words = tokens.words
    while at < len(words):
        found = longest(vocabulary.marks, words, at)
        if found and any(tokens.breaks[i] == 2 for i in range(at + 1, found[0])):
            found = None
        end, marks = found or (at + 1, ())
        pieces.append(Piece(marks, at, end))
        at = end
    return pieces


def _request(vocabulary: Vocabulary, tokens: Tokens, pieces: list[Piece]) -> Read | None:
    """A request, if nothing but courtesies stand around it."""
    rest = [p for p in pieces if not _is_courtesy(p)]
    if not rest:
        return None
    if Mark.MORE_ABOUT in rest[0].marks:
        return Request.MORE, "more.about"
    for mark, request in _REQUESTS.items():
        if all(mark in piece.marks for piece in rest):
            return request, f"{request}.phrase"
    if Mark.FOUR in rest[0].marks and len(rest) == 1 and len(tokens.words) <= 3:
        return Request.MORE, "digit.4"
    return None


def _is_courtesy(piece: Piece) -> bool:
    return Mark.FILLER in piece.marks or Mark.ASKING in piece.marks


def _ordinary(reply: Reply) -> Read:
    """A question where no is the safe answer: a no must be plain, a yes need not be."""
    marks = reply.lead.marks
    if not marks:
        return _late(reply)
    mark = marks[0]
    if mark in _NUMBERS and not _is_digit(reply):
        return Miss.NO_MATCH, "digit.in_words"
    match mark:
        case Mark.THREE:
            return _number_three(reply)
        case Mark.YES | Mark.ONE:
            return _yes(reply, "digit.1" if mark is Mark.ONE else "yes.word")
        case Mark.YES_SOFT:
            return _yes(reply, "yes.soft")
        case Mark.YES_GRUNT if not reply.tail:
            return Answer.YES, "yes.grunt"
        case Mark.YES_SHORT if _is_bare(reply) or Mark.YES_SOFT in reply.tail[0].marks:
            return _yes(reply, "yes.short")
        case Mark.NO | Mark.TWO | Mark.NO_SHORT:
            return _no(reply, mark)
        case Mark.UNSURE:
            return Answer.UNSURE, "unsure.phrase"
        case Mark.SKIP if _is_polite(reply):
            return Answer.SKIPPED, "skip.phrase"
        case Mark.NEITHER | Mark.NOT_YET:
            return Miss.NO_MATCH, str(mark)
        case _:
            return Miss.NO_MATCH, "unclear"


def _turned(reply: Reply) -> Read:
    """A question where yes is the safe answer: only a bare yes is one."""
    marks = reply.lead.marks
    if not marks:
        return Miss.NO_MATCH, "unknown"
    mark = marks[0]
    if mark in _NUMBERS and not _is_digit(reply):
        return Miss.NO_MATCH, "digit.in_words"
    match mark:
        case Mark.THREE:
            return _number_three(reply)
        case Mark.YES | Mark.ONE | Mark.YES_SHORT:
            if _says_no_later(reply):
                return Miss.NO_MATCH, "both"
            if _is_bare(reply) and not reply.found.flags:
                return Answer.YES, "digit.1" if mark is Mark.ONE else "yes.bare"
            return Answer.UNSURE, "yes.with_more"
        case Mark.YES_SOFT | Mark.UNSURE:
            if _says_no_later(reply):
                return Miss.NO_MATCH, "both"
            return Answer.UNSURE, "yes.soft" if mark is Mark.YES_SOFT else "unsure.phrase"
        case Mark.NO | Mark.TWO | Mark.NO_SHORT:
            return _turned_no(reply, mark)
        case Mark.NOT_YET:
            return Answer.NO, "no.not_yet"
        case Mark.SKIP if _is_polite(reply):
            return Answer.SKIPPED, "skip.phrase"
        case Mark.NEITHER:
            return Miss.NO_MATCH, "neither"
        case _:
            return Miss.NO_MATCH, "unclear"


def _turned_no(reply: Reply, mark: Mark) -> Read:
    words = reply.words(reply.tail)
    tails = {reply.vocabulary.tails.get(word) for word in words}
    if any(m in piece.marks for piece in reply.tail for m in _SAID_YES):
        return Miss.NO_MATCH, "both"
    if any(Mark.UNSURE in piece.marks for piece in reply.tail):
        return Answer.UNSURE, "no.then_unsure"
    if Tail.WELL in tails or any(hit.negated for hit in reply.found.hits):
        return Miss.NO_MATCH, "no.then_well"
    return Answer.NO, "digit.2" if mark is Mark.TWO else "no.turned"


def _confirmation(reply: Reply) -> Read:
    marks = reply.lead.marks
    bare = _is_bare(reply) and not reply.found.flags
    if marks and marks[0] in (Mark.YES, Mark.ONE) or Mark.RIGHT in marks:
        if bare and (marks[0] is not Mark.ONE or _is_digit(reply)):
            return Answer.YES, "confirmed"
    elif (marks and marks[0] in (Mark.NO, Mark.TWO)) or Mark.WRONG in marks:
        if all(m not in piece.marks for piece in reply.tail for m in (*_SAID_YES, Mark.RIGHT)) and (
            marks[0] is not Mark.TWO or _is_digit(reply)
        ):
            return Answer.NO, "not_confirmed"
    return Miss.NO_MATCH, "not_plain"


def _consent(reply: Reply) -> Read:
    marks = reply.lead.marks
    if not marks:
        return Miss.NO_MATCH, "unknown"
    if marks[0] in _NUMBERS and not _is_digit(reply):
        return Miss.NO_MATCH, "digit.in_words"
    if Mark.DISAGREE in marks:
        return Answer.NO, "disagree"
    if marks[0] in _YESES or Mark.AGREE in marks:
        if _says_no_later(reply) or not _is_agreed(reply):
            return Miss.NO_MATCH, "agree.with_more"
        return Answer.YES, "agree"
    if marks[0] in _SAID_NO:
        if any(m in p.marks for p in reply.tail for m in (*_SAID_YES, Mark.AGREE, Mark.UNSURE)):
            return Miss.NO_MATCH, "both"
        return Answer.NO, "disagree"
    return Miss.NO_MATCH, "unclear"


def _is_agreed(reply: Reply) -> bool:
    known = (Mark.AGREE, Mark.FILLER, Mark.YES, Mark.GO_ON)
    return all(
        any(m in piece.marks for m in known)
        or all(w in reply.vocabulary.bare for w in reply.words((piece,)))
        for piece in reply.tail
    )


def _number_three(reply: Reply) -> Read:
    if any(m in piece.marks for piece in reply.tail for m in (*_YESES, *_NOES)):
        return Miss.NO_MATCH, "both"
    return Answer.UNSURE, "digit.3"


def _is_digit(reply: Reply) -> bool:
    """Whether a leading number is a choice ("2", "2. no") and not an amount ("2 weeks")."""
    if not reply.tail:
        return True
    following = reply.tail[0]
    if any(m in p.marks and m is not reply.lead.marks[0] for p in reply.tail for m in _NUMBERS):
        return False
    pause = reply.tokens.breaks[following.start]
    if reply.tokens.words[following.start][0] in "0123456789":
        return False
    return bool(pause or following.marks)


def _yes(reply: Reply, rule: str) -> Read:
    if _says_no_later(reply):
        return Miss.NO_MATCH, "both"
    if rule != "digit.1" and len(reply.tail) == 1 and Mark.UNSURE in reply.tail[0].marks:
        return Answer.UNSURE, "yes.then_unsure"
    return Answer.YES, rule


def _says_no_later(reply: Reply) -> bool:
    """Whether a no after the first piece stands for an answer, not for "no feeling"."""
    previous = reply.lead
    for i, piece in enumerate(reply.tail):
        if any(mark in piece.marks for mark in _SAID_NO):
            after = reply.tokens.pause_after(piece.end)
            following = reply.tail[i + 1] if i + 1 < len(reply.tail) else None
            if (
                after
                or following is None
                or following.marks
                or Mark.CORRECTION in previous.marks
                or reply.tokens.words[piece.end] in reply.vocabulary.subjects
            ):
                return True
        previous = piece
    return False


def _late(reply: Reply) -> Read:
    """An answer after words not understood: a yes there is heeded, a no is asked again."""
    last = reply.pieces[-1]
    if Mark.YES in last.marks and not any(
        mark in piece.marks for piece in reply.pieces for mark in _SAID_NO
    ):
        return Answer.YES, "yes.at_end"
    return Miss.NO_MATCH, "unknown"


def _no(reply: Reply, mark: Mark) -> Read:
    """A no stays one if every word after it is known to leave it so."""
    rule = "digit.2" if mark is Mark.TWO else "no.word"
    if not reply.tail:
        return Answer.NO, rule
    corrected = False
    for i, piece in enumerate(reply.tail):
        if Mark.CORRECTION in piece.marks:
            corrected = True
        if any(m in piece.marks for m in (*_YESES, Mark.YES_GRUNT)):
            if corrected and i == len(reply.tail) - 1:
                return Answer.YES, "yes.corrected"
            return Miss.NO_MATCH, "both"
    if any(Mark.UNSURE in piece.marks for piece in reply.tail):
        return Answer.UNSURE, "no.then_unsure"
    if _stays_no(reply):
        return Answer.NO, rule if mark is Mark.TWO else "no.then_harmless"
    return Miss.NO_MATCH, "no.then_doubt"


def _stays_no(reply: Reply) -> bool:
    """Whether each word after a no is harmless, a negated symptom, or about being well."""
    vocabulary, tokens = reply.vocabulary, reply.tokens
    known: dict[int, Sort] = {}
    for hit in reply.found.hits:
        for i in range(hit.start, hit.end):
            if hit.sort is Sort.SYMPTOM and not hit.negated or hit.sort is Sort.LACK:
                return False
            if hit.sort is Sort.ABILITY and hit.negated:
                return False
            known[i] = hit.sort
    supported = reply.lead.marks[0] is Mark.NO_SHORT
    framed = False
    unknown = 0
    for piece in reply.tail:
        mark = piece.marks[0] if piece.marks else None
        if mark in (Mark.NEITHER, Mark.CORRECTION, Mark.YES_SOFT, Mark.NOT_YET, Mark.SKIP):
            return False
        if mark in (Mark.ONE, Mark.THREE, Mark.FOUR, Mark.MORE, Mark.BACK, Mark.AGAIN):
            return False
        if mark in (Mark.NO, Mark.NO_SHORT):
            supported = True
            continue
        if mark is Mark.FILLER:
            continue
        for i in range(piece.start, piece.end):
            word = tokens.words[i]
            tail = vocabulary.tails.get(word)
            if tail is Tail.DOUBT:
                return False
            if tail is Tail.WELL:
                supported = True
            elif known.get(i) is Sort.SYMPTOM:
                supported = True
            elif i in known or tail is Tail.FRAME:
                framed = True
            elif tail is None:
                unknown += 1
    if framed and not supported:
        return False
    return unknown == 0


def _is_bare(reply: Reply) -> bool:
    """Whether nothing but harmless words follow a yes."""
    bare = reply.vocabulary.bare
    return all(
        Mark.FILLER in piece.marks or all(w in bare for w in reply.words((piece,)))
        for piece in reply.tail
    )


def _is_polite(reply: Reply) -> bool:
    return all(
        Mark.FILLER in p.marks or Mark.SKIP in p.marks or _is_courtesy(p) for p in reply.tail
    )
