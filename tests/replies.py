"""Tables of replies in `tests/answers/`, and how a reply to the question that is asked is read."""

import csv
from pathlib import Path

from flows.reading import Expecting, Reading
from flows.understanding import understand
from flows.utterance import Channel, Kind, Medium, Utterance
from flows.vocabulary import read_vocabulary

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
