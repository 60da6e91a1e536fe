"""A page for the reader who reviews a translation: every text beside the English one.

`python -m tests.review_table es` prints it; `tests/test_review_table.py` fails when the page in
docs/ is not what it prints.
"""

import sys
from collections.abc import Iterator

from flows.check_words import CLINIC_NAME_AT_MOST
from flows.definition import Language, read_flow, read_language, read_locales
from flows.utterance import Medium
from flows.wording import Clinic, Words, length

PARTS = ("text", "voice", "more_text", "more_voice", "hints", "reason_text", "reason_voice")


def page(name: str) -> str:
    """The page for the language `name`."""
    english, other = read_language("en"), read_language(name)
    lines = [
        f"# Review: {name} beside English",
        "",
        "Draft content, not signed off by a clinician, and not yet read by a native one.",
        f"Printed by `python -m tests.review_table {name}`; do not edit it here.",
        "The texts stand in `flows/red_flags/`, the words in braces in `flows/locales.toml`.",
        "SMS: how many parts a text takes with the longest clinic's name that is allowed.",
        "",
        "## Words in braces",
        "",
        *_table(("Locale", "Word", "English", name), _local(name)),
        "",
        "## Texts",
        "",
        *_table(("Key", "English", name, "SMS"), _texts(english, other)),
        "",
        "## Questions",
        "",
        *_table(("Key", "English", name, "SMS"), _questions(english, other)),
    ]
    return "\n".join(lines) + "\n"


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    for row in (head, ("---",) * len(head), *rows):
        yield f"| {' | '.join(cell.replace('|', '/') for cell in row)} |"


def _local(name: str) -> Iterator[tuple[str, ...]]:
    for tag, locale in read_locales().items():
        for field, word in locale.words.get(name, {}).items():
            yield tag, f"{{{field}}}", locale.words.get("en", {}).get(field, ""), word


def _texts(english: Language, other: Language) -> Iterator[tuple[str, ...]]:
    sent = _sent(other)
    texts = {**english.texts, "reason": english.reason}
    for key, wording in texts.items():
        theirs = other.reason if key == "reason" else other.texts[key]
        yield key, wording.text, theirs.text, sent(key)
        yield f"{key}, spoken", wording.voice, theirs.voice, ""


def _questions(english: Language, other: Language) -> Iterator[tuple[str, ...]]:
    sent = _sent(other)
    keys = {"text": "question", "more_text": "more"}
    for question in read_flow().question:
        for part in PARTS:
            ours, theirs = (
                getattr(language.questions[question], part) for language in (english, other)
            )
            parts = sent(f"{keys[part]}.{question}") if part in keys else ""
            if ours or theirs:
                yield f"{question}: {part.replace('_', ' ')}", ours, theirs, parts


def _sent(language: Language) -> "_Sent":
    locale = next(at for at in read_locales().values() if language.language in at.words)
    clinic = Clinic("N" * CLINIC_NAME_AT_MOST, "+12025550143", "+1 202-555-0143")
    return _Sent(Words(language, locale, clinic))


class _Sent:
    """How many parts a text takes, and whether its letters made it so."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def __call__(self, key: str) -> str:
        said = self._words.of(key, Medium.TEXT)
        if key.startswith("question."):
            said += "\n" + self._words.of("keys", Medium.TEXT)
        size = length(said)
        return f"{size.parts}" if size.gsm else f"{size.parts}, accents"


if __name__ == "__main__":
    sys.stdout.write(page(sys.argv[1]))
