"""The proof sees a release that does more than let go of a T1, and a clock that writes unasked."""

from types import SimpleNamespace
from typing import Any

import pytest

from flows.definition import Tier
from flows.proof import answers, replies
from flows.utterance import Kind


def a_release(**changed: Any) -> Any:
    """A moment of a release, as far as it is asked; a release that is right but for `changed`."""
    standing = SimpleNamespace(position="emergency")
    right: dict[str, Any] = {
        "before": standing,
        "state": standing,
        "turn": SimpleNamespace(said=()),
        "lowest": lambda: Tier.T1,
        "lowest_after": lambda: None,
        "was_emergency": True,
    }
    return SimpleNamespace(**{**right, **changed})


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({}, None),
        ({"turn": SimpleNamespace(said=("x",))}, "a release says something, or goes somewhere"),
        ({"lowest": lambda: Tier.T2}, "a release forgets more than a T1"),
    ],
)
def test_a_release_lets_go_of_a_t1_alone(changed: dict[str, Any], fault: str | None) -> None:
    assert answers._releases_a_t1_alone(a_release(**changed)) == fault  # noqa: SLF001


@pytest.mark.parametrize(
    ("opens", "fault"),
    [(True, "time begins a conversation"), (False, "time answers a question")],
)
def test_time_begins_nothing_and_answers_nothing(opens: bool, fault: str) -> None:
    heard = SimpleNamespace(kind=Kind.CLOCK)
    moment: Any = SimpleNamespace(
        event=SimpleNamespace(heard=heard), turn=SimpleNamespace(opens=opens), stored=True
    )
    assert replies.the_clock_only_asks(moment) == fault
