"""The desk's words: the same in both languages, none missing and none left over."""

import ast
import re
import string
from pathlib import Path

import pytest

from app import content
from clinic import rendering, wording
from clinic.failures import KNOWN
from clinic.settings_form import settled_fields
from clinic.wording import LANGUAGES, WordError, best, read_words, say
from duty.caps import Why
from duty.clinic import Telling
from duty.roles import Role
from store.audit import Action

CLINIC = Path(wording.__file__).parent
ENGLISH = read_words("en")

KEY = r"[a-z_]+\.[a-z0-9_.]*"
WRITTEN = re.compile(rf"""["']({KEY})["'](\s*~)?""")
"""What may be a key of words in a template; or where "~" follows, the beginning of several."""


def names(words: object) -> set[str]:
    """What stands in braces."""
    texts = [words] if isinstance(words, str) else list(words.values())  # type: ignore[attr-defined]
    return {name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name}


def used() -> tuple[set[str], set[str]]:
    """Every key that a template or a module of the desk names; and what others begin with."""
    whole: set[str] = set()
    begun: set[str] = set()
    for path in CLINIC.rglob("*.html"):
        for key, more in WRITTEN.findall(path.read_text()):
            (begun if more else whole).add(key)
    for path in CLINIC.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                begun.add(str(node.values[0].value))
            elif isinstance(node, ast.Constant):
                whole.add(str(node.value))
            elif isinstance(node, ast.keyword) and node.arg == "menu":
                whole.add(f"menu.{ast.unparse(node.value)[1:-1]}")
    whole |= {f"action.{action.value}" for action in Action}
    whole |= {f"role.{role.value}" for role in Role}
    whole |= {f"failure.{status}.{part}" for status in KNOWN for part in ("title", "text")}
    whole |= {f"settings.{name}{end}" for name in settled_fields() for end in ("", "_hint")}
    whole |= {f"telling.{telling.value}" for telling in Telling}
    whole |= {f"conversation.withheld.{why.value}" for why in Why}
    subjects = {key.partition(".")[0] for key in ENGLISH}
    ours = {
        key
        for key in whole | begun
        if re.fullmatch(KEY, key)
        and key.partition(".")[0] in subjects
        and not key.endswith((".js", ".css"))
    }
    begun = {key for key in ours if key in begun or key.endswith(".")}
    return ours - begun, begun


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_words(language: str) -> None:
    """The same keys, and in each the same things to fill in."""
    words = read_words(language)
    assert set(words) == set(ENGLISH)
    assert {key: names(words[key]) for key in words} == {key: names(ENGLISH[key]) for key in words}
    assert all(isinstance(words[key], str) is isinstance(ENGLISH[key], str) for key in words)


def test_every_word_that_is_asked_for_is_there() -> None:
    """Those of every action, role, failure and setting too, which a page puts together."""
    asked, begun = used()
    assert asked - set(ENGLISH) == set()
    assert [key for key in begun if not any(word.startswith(key) for word in ENGLISH)] == []


def test_no_word_is_left_over() -> None:
    """What nothing names any more is taken out, in both languages."""
    asked, begun = used()
    assert [key for key in set(ENGLISH) - asked if not key.startswith(tuple(begun))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_are_words(language: str) -> None:
    """None is empty, and none would be markup."""
    for key, words in read_words(language).items():
        for text in [words] if isinstance(words, str) else words.values():
            assert text.strip(), key
            assert not set("<>&") & set(text), key


def test_a_draft_is_named_in_the_language_of_the_page() -> None:
    assert say("en", "terms.draft") == rendering.DRAFT == content.DRAFT


def test_what_depends_on_a_number() -> None:
    assert say("en", "account.left", count=1) == "1 recovery code is left."
    assert say("en", "account.left", count=0) == "0 recovery codes are left."
    assert say("es", "account.left", count=3) == "Quedan 3 códigos de recuperación."


def test_a_word_that_there_is_not() -> None:
    with pytest.raises(WordError, match=r"no shell\.nothing in es"):
        say("es", "shell.nothing")


@pytest.mark.parametrize(
    ("accepted", "language"),
    [(["es-MX", "en"], "es"), (["en-GB"], "en"), (["de", "es"], "es"), (["fr"], "en"), ([], "en")],
)
def test_the_language_that_a_browser_likes_best(accepted: list[str], language: str) -> None:
    assert best(accepted) == language
