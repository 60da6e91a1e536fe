"""Every way in which the flow's data can be unsafe, all found at once, in the order it reads.

The process does not start while there is a problem (invariant I-20). The ids I-nn are those of the
safety invariants in docs/safety/invariants.md.
"""

from collections.abc import Iterator, Mapping, Sequence

from flows.check_words import lengths, local, texts
from flows.definition import (
    CHECKED,
    CONSENT,
    GUIDANCE,
    HELD,
    UNFINISHED,
    Flow,
    Language,
    Locale,
    Move,
    Problem,
    Question,
    Tier,
    read_flow,
    read_language,
    read_languages,
    read_locales,
)
from flows.machine import Row, rows
from flows.reading import Answer


def read_problems() -> tuple[Problem, ...]:
    """The problems of the flow as it is shipped; () when it is sound."""
    languages = [read_language(language) for language in read_languages()]
    return problems(read_flow(), languages, read_locales())


def problems(
    flow: Flow, languages: Sequence[Language], locales: Mapping[str, Locale]
) -> tuple[Problem, ...]:
    """All problems of `flow` with the words of `languages` in `locales`; () when it is sound."""
    found = list(_questions(flow))
    # The machine can be drawn only where every target exists.
    found += _machine(flow) if not found else ()
    for language in languages:
        words = list(texts(flow, language))
        found += words
        for tag, locale in locales.items():
            if language.language in locale.words:
                here = list(local(tag, locale, language))
                found += here
                # Only words that are all there can be measured.
                found += lengths(flow, language, tag, locale) if not words + here else ()
    for tag, locale in locales.items():
        if not set(locale.words) & {language.language for language in languages}:
            found.append(Problem(tag, "has words for no language that there is a file for"))
    return tuple(found)


# --- The questions ----------------------------------------------------------------------------


def _questions(flow: Flow) -> Iterator[Problem]:
    yield from _ids(flow)
    for needed in (GUIDANCE, UNFINISHED, CHECKED, HELD):
        if needed not in flow.disposition:
            yield Problem("dispositions", f"{needed} is missing")
    for question in flow.questions:
        for answer in Answer:
            yield from _targets(flow, question, answer)
        yield from _leads_to_safety(flow, question)
    if flow.questions and not flow.questions[-1].turned_round:
        yield Problem(
            flow.questions[-1].id,
            "the last question must ask the red flags turned round",
        )
    for question in flow.questions[:-1]:
        if any(GUIDANCE in question.targets(answer) for answer in Answer):
            yield Problem(question.id, "only the last question may lead to guidance (I-02)")


def _ids(flow: Flow) -> Iterator[Problem]:
    if not flow.questions:
        yield Problem("questions", "there is none")
    seen = {CONSENT}
    for name in [one.id for one in flow.questions] + [one.id for one in flow.dispositions]:
        if name in seen:
            yield Problem(name, "is the name of two things")
        seen.add(name)


def _targets(flow: Flow, question: Question, answer: Answer) -> Iterator[Problem]:
    """Each answer leads somewhere, and no answer leads round in a circle (I-17, I-20)."""
    targets = question.targets(answer)
    place = f"{question.id}.{answer}"
    if not targets:
        yield Problem(place, "leads nowhere (I-20)")
        return
    for target in targets:
        if target not in flow.disposition and target not in set(Move):
            yield Problem(place, f"there is no {target!r} to go to (I-20)")
    if Move.AS_UNSURE in targets and (answer is not Answer.SKIPPED or len(targets) > 1):
        yield Problem(place, "as_unsure is for a skipped question, and stands alone")
    if targets[-1] in (Move.EXPLAIN, Move.INSIST):
        yield Problem(place, "would be asked again for ever (I-17)")


def _leads_to_safety(flow: Flow, question: Question) -> Iterator[Problem]:
    """A doubt never goes on past a red flag, and the sign itself leads to its own tier (I-01)."""
    safe = Answer.YES if question.turned_round else Answer.NO
    danger = Answer.NO if question.turned_round else Answer.YES
    for answer in Answer:
        ends = [flow.disposition[t] for t in question.targets(answer) if t in flow.disposition]
        goes_on = Move.GO_ON in question.targets(answer)
        place = f"{question.id}.{answer}"
        if answer is not safe and goes_on and question.red_flag:
            yield Problem(place, "goes on past a red flag without the safe answer (I-01)")
        if question.red_flag and answer is not safe:
            for end in ends:
                if end.tier not in (Tier.T1, Tier.T2):
                    yield Problem(place, f"leads to {end.tier}, which lowers a red flag (I-01)")
        if answer is danger and not any(end.tier is question.tier for end in ends):
            yield Problem(place, f"does not lead to {question.tier}, the question's own tier")
        if answer is danger and len(question.targets(answer)) > 1:
            yield Problem(place, "must lead there at once, in that very reply (I-03)")


# --- The machine ------------------------------------------------------------------------------


def _machine(flow: Flow) -> Iterator[Problem]:
    table = list(rows(flow))
    moves = [(row.trigger, row.source) for row in table]
    for row in table:
        if moves.count((row.trigger, row.source)) > 1:
            yield Problem(row.source, f"has two rows for {row.trigger}")
    reached = _reachable(table, {CONSENT}, without=None)
    for name in [*flow.question, *flow.disposition]:
        if name not in reached:
            yield Problem(name, "cannot be reached (I-20)")
    for question in flow.questions:
        if GUIDANCE in _reachable(table, {CONSENT}, without=question.id):
            yield Problem(question.id, "guidance can be reached without asking it (I-02, I-20)")


def _reachable(table: Sequence[Row], starts: set[str], without: str | None) -> set[str]:
    """The positions that legal moves lead to, where `without` may not be passed."""
    reached = set(starts)
    grown = True
    while grown:
        new = {row.dest for row in table if row.source in reached} - {without} - reached
        reached |= new
        grown = bool(new)
    return reached
