"""The formats of an export: each a file with a beginning, and a piece for each conversation.

So a long one is never in memory as a whole, and can be fetched a part at a time.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Protocol

import msgspec

from exports import spreadsheet
from exports.fhir.conversation import bundle
from exports.fhir.questionnaire import questionnaire
from exports.record import record
from flows.line import Line
from store.review import StoredConversation

FORMATS = ("csv", "jsonl", "fhir")


class Format(Protocol):
    """How an export is written.

    `suffix`: the end of a file's name.  `media_type`: as HTTP has it.
    """

    @property
    def suffix(self) -> str: ...

    @property
    def media_type(self) -> str: ...

    def beginning(self) -> str:
        """What the file begins with, before the first conversation."""

    def of(self, stored: StoredConversation) -> str:
        """One conversation, with the end of its line."""


def format_of(name: str, line: Line, *, numbers: bool = False, signed: bool = False) -> Format:
    """The format of that name, one of `FORMATS`; KeyError for another.

    `numbers`: the conversations come with phone numbers.
    `signed`: a clinician has signed the content.
    """
    formats: dict[str, Format] = {
        "csv": _Csv(line, numbers),
        "jsonl": _JsonLines(line),
        "fhir": _Fhir(line, signed),
    }
    return formats[name]


def pieces(form: Format, conversations: Iterable[StoredConversation]) -> Iterator[str]:
    """A whole file, piece by piece."""
    yield form.beginning()
    for one in conversations:
        yield form.of(one)


@dataclass(frozen=True, slots=True)
class _JsonLines:
    """One conversation a line, as `exports.record` describes it."""

    line: Line
    suffix: ClassVar = "jsonl"
    media_type: ClassVar = "application/jsonl"

    def beginning(self) -> str:
        return ""

    def of(self, stored: StoredConversation) -> str:
        return _json(record(stored, self.line.flow))


@dataclass(frozen=True, slots=True)
class _Csv:
    """One conversation a row, under a row of names."""

    line: Line
    numbers: bool
    suffix: ClassVar = "csv"
    media_type: ClassVar = "text/csv"

    def beginning(self) -> str:
        # Without the mark, Excel takes UTF-8 for the letters of one country.
        return "\ufeff" + spreadsheet.header(self.line.flow, numbers=self.numbers)

    def of(self, stored: StoredConversation) -> str:
        return spreadsheet.row(stored, self.line.flow)


@dataclass(frozen=True, slots=True)
class _Fhir:
    """One resource a line: the Questionnaire, then a Bundle for each conversation."""

    line: Line
    signed: bool
    suffix: ClassVar = "fhir.ndjson"
    media_type: ClassVar = "application/fhir+ndjson"

    def beginning(self) -> str:
        return _json(questionnaire(self.line, signed=self.signed))

    def of(self, stored: StoredConversation) -> str:
        return _json(bundle(stored, self.line))


def _json(value: object) -> str:
    return f"{msgspec.json.encode(value).decode()}\n"
