"""The flow as a page to read and to sign, docs/flow.md: its data, and nothing but its data."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from flows.definition import (
    Disposition,
    Flow,
    Language,
    Locale,
    Move,
    Question,
    Wording,
    read_flow,
    read_language,
    read_languages,
    read_locales,
)
from flows.outline import longest, targets, ways
from flows.reading import Answer

_MOVES = {
    Move.GO_ON: "go on",
    Move.EXPLAIN: "MORE, asked again",
    Move.INSIST: "why it matters, asked again",
    Move.AS_UNSURE: "as NOT SURE",
}


def read_document() -> str:
    """The page of the flow as it is shipped."""
    languages = [read_language(name) for name in read_languages()]
    return flow_document(read_flow(), languages, read_locales())


def flow_document(flow: Flow, languages: Sequence[Language], locales: Mapping[str, Locale]) -> str:
    """The page of `flow`, worded in `languages`, measured in `locales`."""
    parts = [
        *_opening(flow),
        *_table(flow),
        *_picture(flow),
        *_questions(flow, languages, locales),
        *_endings(flow, languages),
        *_other_texts(flow, languages),
        *_settings(flow),
        *_numbers(locales),
    ]
    return "\n".join(parts)


def _opening(flow: Flow) -> Iterator[str]:
    yield "# The flow"
    yield ""
    yield "Generated from the data in `flows/`; a test fails when it is stale."
    yield ""
    yield "Draft content, assembled from published guidance."
    yield "It has not been signed off by a clinician."
    yield ""
    yield f"Flow `{flow.id}`, version {flow.version}."
    yield "The rules behind it are in `clinical-rules.md`."
    yield "Words in braces come from the country and the clinic."
    yield ""


def _table(flow: Flow) -> Iterator[str]:
    yield "## In one table"
    yield ""
    yield "Where an answer leads to two places, it leads to the second when it is given again."
    yield "\\* The safe answer is YES: the meaning is turned round."
    yield ""
    yield "| # | Question | Tier | YES | NO | NOT SURE | SKIP |"
    yield "|---|---|---|---|---|---|---|"
    for number, question in enumerate(flow.questions, 1):
        star = " \\*" if question.turned_round else ""
        cells = " | ".join(_targets(flow, question, answer) for answer in Answer)
        yield f"| {number} | `{question.id}`{star} | {question.tier} | {cells} |"
    yield ""


def _targets(flow: Flow, question: Question, answer: Answer) -> str:
    return ", then ".join(
        _MOVES[target] if isinstance(target, Move) else f"{target.tier} `{target.id}`"
        for target in targets(flow, question, answer)
    )


def _picture(flow: Flow) -> Iterator[str]:
    yield "## In one picture"
    yield ""
    yield "What answers lead to."
    yield "Left out, since they lead from everywhere: words of danger to T1 and T2,"
    yield "three misses to T0, BACK, and START OVER. NO at the introduction leads to T0."
    yield ""
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield f"  [*] --> {flow.questions[0].id}: agreed"
    for question in flow.questions:
        for to, answers in ways(flow, question).items():
            yield f"  {question.id} --> {to}: {', '.join(_spoken(answer) for answer in answers)}"
    for end in flow.dispositions:
        yield f"  {end.id}: {end.id} ({end.tier})"
    yield "```"
    yield ""


def _spoken(answer: Answer) -> str:
    return {Answer.UNSURE: "not sure", Answer.SKIPPED: "skip"}.get(answer, answer.value)


def _questions(
    flow: Flow, languages: Sequence[Language], locales: Mapping[str, Locale]
) -> Iterator[str]:
    yield "## The questions"
    yield ""
    yield "Sizes are those of the longest country: a part of an SMS holds 160 septets."
    yield ""
    for number, question in enumerate(flow.questions, 1):
        yield f"### {number}. `{question.id}`, {question.tier}"
        yield ""
        yield f"Sources: {'; '.join(question.sources)}."
        yield ""
        for language in languages:
            wording = language.questions[question.id]
            asked = _size(language, locales, f"question.{question.id}", "keys")
            more = _size(language, locales, f"more.{question.id}")
            yield f"| `{language.language}` | Text | Phone |"
            yield "|---|---|---|"
            yield _row(f"asked ({asked})", wording.text, wording.voice)
            yield _row(f"MORE ({more})", wording.more_text, wording.more_voice)
            if wording.reason_text:
                yield _row("reason", wording.reason_text, wording.reason_voice)
            yield ""


def _size(language: Language, locales: Mapping[str, Locale], key: str, also: str = "") -> str:
    """How long a text is as an SMS, with its keys, where it is longest."""
    size = longest(language, locales, key, also)
    unit = "septets" if size.gsm else "UCS-2 units"
    return f"{size.parts} part{'s' if size.parts > 1 else ''}, {size.units} {unit}"


def _row(name: str, *words: str) -> str:
    said = " | ".join(one.replace("\n", " ").replace("|", "\\|") for one in words)
    return f"| {name} | {said} |"


def _endings(flow: Flow, languages: Sequence[Language]) -> Iterator[str]:
    yield "## The endings"
    yield ""
    for end in flow.dispositions:
        yield f"### `{end.id}`, {end.tier}"
        yield ""
        yield from _about(end)
        for language in languages:
            keys = dict.fromkeys(key for message in end.messages for key in message)
            yield from _texts(language, keys)


def _about(end: Disposition) -> Iterator[str]:
    messages = "; ".join(" + ".join(f"`{key}`" for key in message) for message in end.messages)
    told = "The clinic is told." if end.alert else "The clinic is not told."
    twice = " By phone the first message is said twice." if end.twice else ""
    yield f"Messages: {messages}."
    yield told + twice
    yield ""


def _texts(language: Language, keys: Iterable[str]) -> Iterator[str]:
    yield f"| `{language.language}` | Text | Phone |"
    yield "|---|---|---|"
    for key in keys:
        wording: Wording = language.texts[key]
        yield _row(f"`{key}`", wording.text, wording.voice)
    yield ""


def _other_texts(flow: Flow, languages: Sequence[Language]) -> Iterator[str]:
    ending = {key for end in flow.dispositions for message in end.messages for key in message}
    yield "## What else is said"
    yield ""
    for language in languages:
        yield from _texts(language, [key for key in language.texts if key not in ending])


def _settings(flow: Flow) -> Iterator[str]:
    yield "## The settings"
    yield ""
    yield "| Setting | Value |"
    yield "|---|---|"
    for name in flow.settings.__struct_fields__:
        yield f"| `{name}` | {getattr(flow.settings, name)} |"
    yield ""


def _numbers(locales: Mapping[str, Locale]) -> Iterator[str]:
    yield "## The numbers"
    yield ""
    yield "A number marked † must be checked by the clinic before use."
    yield ""
    yield "| Country | Emergency | Urgent | Crisis | Last checked |"
    yield "|---|---|---|---|---|"
    for tag, locale in locales.items():
        cells = []
        for use in ("emergency", "urgent", "crisis"):
            mark = " †" if use in locale.to_check else ""
            cells.append(f"{' or '.join(locale.numbers.get(use, ())) or 'no number'}{mark}")
        yield f"| {locale.country} (`{tag}`) | {' | '.join(cells)} | {locale.last_checked} |"
    yield ""
