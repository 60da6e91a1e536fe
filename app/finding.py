"""What a check finds: one line each."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """`UNKNOWN`: it cannot be told from here, which is no fault."""

    OK = "ok"
    WRONG = "wrong"
    UNKNOWN = "cannot tell"


@dataclass(frozen=True, slots=True)
class Finding:
    """`sentence`: what is so, and what to do where it is wrong."""

    name: str
    verdict: Verdict
    sentence: str

    def __str__(self) -> str:
        return f"{self.verdict:<11}  {self.name}: {self.sentence}"
