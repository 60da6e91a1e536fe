"""Tables of replies in `tests/answers/`, and how a reply to the question that is asked is read."""

import csv
import random
import tomllib
from importlib import resources
from pathlib import Path

from flows.reading import Expecting, Reading
from flows.understanding import understand
from flows.utterance import Channel, Kind, Medium, Utterance
from flows.vocabulary import read_vocabulary
from flows.words import first_words

TABLES = Path(__file__).parent / "answers"
DIRECT = ("yes", "no", "unsure", "skipped")


def table(name: str) -> list[dict[str, str]]:
    with (TABLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def read(language: str, words: str, kind: Kind, about: str, *, turned: bool = False) -> Reading:
    medium = Medium.TEXT if kind is Kind.TEXT else Medium.VOICE
    said = Utterance(Channel("table", medium), kind, words)
    vocabulary = read_vocabulary(language)
    return understand(vocabulary, said, Expecting.ANSWER, turned_round=turned, about=about)


def of(language: str, row: dict[str, str]) -> Reading:
    turned = row["asked"] == "turned"
    return read(language, row["text"], Kind(row["heard"]), row["question"], turned=turned)


def fitting_phrases(language: str) -> dict[str, list[str]]:
    """What fits each question's safe answer, by its id, as it is written in the vocabulary."""
    file = resources.files("flows") / "vocabulary" / f"{language}.toml"
    written = tomllib.loads(file.read_text(encoding="utf-8"))["fitting"]
    phrases: dict[str, list[str]] = {}
    for names, some in written.items():
        for name in names.split():
            phrases.setdefault(name, []).extend(some)
    return phrases


def expanded(phrase: str, chance: random.Random) -> list[str]:
    """One of the phrases that are written as one."""
    words = []
    while phrase:
        word, phrase = chance.choice(first_words(phrase))
        words += [word] if word else []
    return words
