"""What the words can be unsafe in: missing, forbidden, without a number, too long.

Part of `flows.check`, which calls it for each language and locale.
"""

import re
import string
from collections.abc import Iterator

from flows.definition import (
    GUIDANCE,
    UNFINISHED,
    Flow,
    Language,
    Locale,
    Problem,
    Tier,
)
from flows.reading import Answer
from flows.utterance import Medium
from flows.wording import Clinic, Words, length

CLINIC_NAME_AT_MOST = 40
"""Characters of a clinic's name, so that every text which names it keeps its length."""

SHORTEST_NUMBER = 3
"""Digits: fewer are keys, ages and temperatures, not numbers to call."""

STEP_TEXTS = frozenset(
    {
        "after_advice", "choice_again", "clinic_call", "clinic_missed", "clinic_number",
        "consent_again", "consent_more", "crisis", "ended", "failure", "flag_first", "follow_up",
        "follow_up_seen", "goodbye",
        "guidance_more", "guidance_why", "help", "insist", "intro_1", "intro_2", "intro_3",
        "keys", "keys_short", "language_choice", "no_input_1", "no_input_2", "not_understood_1",
        "not_understood_2", "nudge",
        "read_back", "read_back_again", "safety_net", "say_again", "stopped", "too_early",
        "unfinished_misses", "welcome_back",
    }
)  # fmt: skip
"""The texts that a step says by name, besides those of the dispositions."""

_TURN_FIELDS = {"answer", "how", "reason"}
_CLINIC_FIELDS = {"clinic", "clinic_phone"}


# --- The words --------------------------------------------------------------------------------


def texts(flow: Flow, language: Language) -> Iterator[Problem]:
    used = set(STEP_TEXTS)
    for end in flow.dispositions:
        used.update(key for message in end.messages for key in message)
    yield from _difference(f"{language.language}.texts", used, set(language.texts))
    yield from _difference(
        f"{language.language}.questions", set(flow.question), set(language.questions)
    )
    yield from _difference(f"{language.language}.answers", set(Answer), set(language.answers))
    yield from _difference(f"{language.language}.media", set(Medium), set(language.media))
    for place, words in _all_words(language):
        if not words.strip():
            yield Problem(place, "is empty (I-20)")
        yield from _forbidden(place, words, language)
    for name, question in language.questions.items():
        tier = flow.question[name].tier if name in flow.question else None
        if tier in (Tier.T3, Tier.T4) and not (question.reason_text and question.reason_voice):
            yield Problem(f"{language.language}.{name}", "has no reason to give (T3, T4)")
    yield from _promises(flow, language)


def _difference(place: str, wanted: set[str], there: set[str]) -> Iterator[Problem]:
    for name in sorted(wanted - there):
        yield Problem(place, f"{name} has no words (I-20)")
    for name in sorted(there - wanted):
        yield Problem(place, f"{name} is never said")


def _all_words(language: Language) -> Iterator[tuple[str, str]]:
    """Every wording with its place; the reasons are optional and so left out where empty."""
    for key, text in [*language.texts.items(), ("reason", language.reason)]:
        yield f"{language.language}.{key}.text", text.text
        yield f"{language.language}.{key}.voice", text.voice
    for name, question in language.questions.items():
        place = f"{language.language}.{name}"
        for part in ("text", "voice", "more_text", "more_voice", "hints"):
            yield f"{place}.{part}", getattr(question, part)
        for part in ("reason_text", "reason_voice"):
            if getattr(question, part):
                yield f"{place}.{part}", getattr(question, part)


def _forbidden(place: str, words: str, language: Language) -> Iterator[Problem]:
    """No promise (I-21), and no number but through the locale's braces (I-09)."""
    plain = words.casefold()
    for phrase in language.lint.allowed:
        plain = plain.replace(phrase, "")
    for word in language.lint.never:
        if word in plain and re.search(rf"\b{re.escape(word)}\b", plain):
            yield Problem(place, f"says {word!r} (I-21)")
    for number in re.findall(r"\d[\d ]*\d", words.replace("100.4", "")):
        if len(number.replace(" ", "")) >= SHORTEST_NUMBER:
            yield Problem(place, f"holds the number {number}, which is a locale's to say (I-09)")


def _promises(flow: Flow, language: Language) -> Iterator[Problem]:
    """What the endings and the opening must hold (I-08, I-15, I-22)."""
    with_number = ["intro_1", "flag_first", "safety_net", "crisis"]
    for end in flow.dispositions:
        keys = [key for message in end.messages for key in message]
        if end.tier is Tier.T1:
            with_number.append(keys[0])
        elif "safety_net" not in keys:
            yield Problem(end.id, "ends without the safety net (I-08)")
        if end.tier in (Tier.T1, Tier.T2) and not end.alert:
            yield Problem(end.id, "does not alert the clinic (I-18)")
    for key in with_number:
        for medium in Medium:
            if key in language.texts and "{emergency}" not in getattr(
                language.texts[key], medium.value
            ):
                place = f"{language.language}.{key}.{medium}"
                yield Problem(place, "does not hold the emergency number (I-08, I-15)")
    guidance = flow.disposition.get(GUIDANCE)
    keys = [key for message in guidance.messages for key in message] if guidance else []
    for medium in Medium:
        said = " ".join(
            getattr(language.texts[key], medium.value) for key in keys if key in language.texts
        )
        for wordings in language.lint.guidance:
            if not any(wording in said.casefold() for wording in wordings):
                place = f"{language.language}.{GUIDANCE}.{medium}"
                yield Problem(place, f"does not say {wordings[0]!r} (I-22)")


# --- The locales ------------------------------------------------------------------------------


def local(tag: str, locale: Locale, language: Language) -> Iterator[Problem]:
    own_words = locale.words[language.language]
    wanted: set[str] = set()
    for place, words in _all_words(language):
        fields = {field for _, field, _, _ in string.Formatter().parse(words) if field is not None}
        wanted |= fields - _TURN_FIELDS - _CLINIC_FIELDS
        if "reason" in fields and place.split(".")[1] not in ("see_doctor", "postpone"):
            yield Problem(place, "{reason} is known only where T3 and T4 are said")
    for field in sorted(wanted - set(own_words)):
        yield Problem(f"{tag}.{language.language}", f"has no word for {{{field}}}")
    own = {re.sub(r"\D", "", number) for numbers in locale.numbers.values() for number in numbers}
    for field, words in own_words.items():
        for number in re.findall(r"\d(?:[\d ]*\d)?", words):
            if re.sub(r"\D", "", number) not in own:
                place = f"{tag}.{language.language}.{field}"
                yield Problem(
                    place,
                    f"{number} is not among the numbers of {locale.country} (I-09)",
                )
    if not locale.numbers.get("emergency"):
        yield Problem(tag, "has no emergency number (I-09)")


def lengths(flow: Flow, language: Language, tag: str, locale: Locale) -> Iterator[Problem]:
    """How every message travels in this locale (I-13)."""
    clinic = Clinic("N" * CLINIC_NAME_AT_MOST, "+12025550143", "+1 202-555-0143")
    words = Words(language, locale, clinic)

    def text(*keys: str, reason: str = "") -> str:
        parts = [words.of(key, Medium.TEXT).replace("{reason}", reason) for key in keys]
        return "\n\n".join(parts)

    def too_long(place: str, said: str, parts: int) -> Iterator[Problem]:
        size = length(said)
        at_most = parts if size.gsm else max(parts, 2)
        where = f"{tag}.{language.language}.{place}"
        if language.lint.gsm and not size.gsm:
            yield Problem(where, "has a mark that GSM-7 lacks (I-13)")
        elif size.parts > at_most:
            yield Problem(where, f"{size.parts} parts (I-13)")

    reasons = [words.reason(question, Medium.TEXT) for question in (None, *flow.question)]
    reason = max(reasons, key=len)
    keys = words.of("keys", Medium.TEXT)
    for name in flow.question:
        asked = f"{words.of(f'question.{name}', Medium.TEXT)}\n{keys}"
        yield from too_long(name, asked, 1)
        yield from too_long(f"more.{name}", words.of(f"more.{name}", Medium.TEXT), 2)
        yield from too_long(name, text(f"more.{name}") + "\n\n" + asked, 5)
        for before in (
            "insist",
            "nudge",
            "flag_first",
            "not_understood_1",
            "help",
            "clinic_call",
        ):
            yield from too_long(f"{before}+{name}", f"{text(before)}\n\n{asked}", 5)
    for key in language.texts:
        yield from too_long(key, text(key, reason=reason), 2)
    yield from too_long("intro", text("language_choice", "intro_1", "intro_2", "intro_3"), 5)
    yield from too_long("more", text("guidance_more", "guidance_why", "safety_net"), 5)
    for end in flow.dispositions:
        for place, keys_of_end in enumerate(end.messages):
            alone = place == 0 and end.tier in (Tier.T1, Tier.T2)
            ahead = ["unfinished_misses"] if end.id == UNFINISHED else []
            said = text(*ahead, *keys_of_end, reason=reason)
            yield from too_long(end.id, said, 1 if alone else 5)
