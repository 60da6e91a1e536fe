"""The words of the desk in English and Spanish, from the TOML files in `words/`.

A file is a subject and holds its words by key: `empty` in `words/en/inbox.toml` is "inbox.empty".
Words in braces are given by the page. What depends on a number has `one` and `other`:

    left = { one = "{count} code is left.", other = "{count} codes are left." }

A word that is missing in one language, or that nothing names, is a fault that a test finds.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

LANGUAGES: Final = {"en": "English", "es": "Español"}
DEFAULT: Final = "en"

Words = Mapping[str, str | Mapping[str, str]]


class WordError(LookupError):
    """There are no such words, or not in every language."""


@cache
def read_words(language: str) -> Words:
    """Every word of `language`, by its whole key."""
    found: dict[str, str | Mapping[str, str]] = {}
    for file in (files("clinic") / "words" / language).iterdir():
        subject, _, kind = file.name.partition(".")
        if kind == "toml":
            _gather(subject, tomllib.loads(file.read_text(encoding="utf-8")), found)
    return found


def _gather(key: str, value: object, into: dict[str, str | Mapping[str, str]]) -> None:
    if isinstance(value, dict) and not set(value) <= {"one", "other"}:
        for name, inner in value.items():
            _gather(f"{key}.{name}", inner, into)
    else:
        assert isinstance(value, str | dict)
        into[key] = value


def say(language: str, key: str, **given: object) -> str:
    """The words of `key`, with `given` in the place of what stands in braces.

    Where they depend on a number, `count` is it.
    """
    try:
        words = read_words(language)[key]
    except KeyError:
        raise WordError(f"there is no {key} in {language}") from None
    if not isinstance(words, str):
        words = words["one" if given["count"] == 1 else "other"]
    return words.format_map(given) if given else words


def best(accepted: list[str]) -> str:
    """The language for a browser that accepts these, the one it likes best first."""
    for tag in accepted:
        language = tag.partition("-")[0].lower()
        if language in LANGUAGES:
            return language
    return DEFAULT
