"""The page's own words, in each language that it can be shown in."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Final

LANGUAGES: Final = ("en", "es")


class Interface:
    """The words of one language. `interface("open", place=3)` fills them in."""

    def __init__(self, language: str, words: dict[str, str]) -> None:
        self.language = language
        self._words = words

    def __call__(self, key: str, **fill: object) -> str:
        return self._words[key].format(**fill) if fill else self._words[key]

    def __contains__(self, key: str) -> bool:
        return key in self._words


@cache
def interface(language: str) -> Interface:
    """The words of `language`, one of `LANGUAGES`."""
    text = (files(__name__) / f"{language}.toml").read_text(encoding="utf-8")
    return Interface(language, tomllib.loads(text))
