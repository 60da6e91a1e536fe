"""The line starts only with a flow that was proved, or that is proved now."""

from collections.abc import Iterator

import pytest

from app import safety
from app.safety import UnsafeFlow, faults, require_safe_flow
from tests.flows.broken import question, smallest, with_flow

Patch = pytest.MonkeyPatch


@pytest.fixture(autouse=True)
def nothing_walked(monkeypatch: Patch) -> Iterator[None]:
    monkeypatch.setattr(safety, "SHORT", 1)
    safety._walked.cache_clear()  # noqa: SLF001
    yield
    safety._walked.cache_clear()  # noqa: SLF001


def test_the_flow_that_was_proved_is_not_walked_again(monkeypatch: Patch) -> None:
    monkeypatch.setattr(safety, "line_to_walk", None)  # would be called
    assert faults() == ()
    require_safe_flow()


def test_a_changed_flow_is_walked_once(monkeypatch: Patch) -> None:
    monkeypatch.setattr(safety, "flow_digest", lambda: "changed")
    monkeypatch.setattr(safety, "line_to_walk", lambda: with_flow(smallest()))
    monkeypatch.setattr(safety, "SHORT", 1)
    assert faults() == ()
    monkeypatch.setattr(safety, "line_to_walk", None)
    assert faults() == ()


def test_an_unsafe_change_is_refused_with_the_conversation_to_it(monkeypatch: Patch) -> None:
    broken = question("bladder", yes=("see_doctor",))(monkeypatch)
    monkeypatch.setattr(safety, "flow_digest", lambda: "changed")
    monkeypatch.setattr(safety, "line_to_walk", lambda: broken)
    monkeypatch.setattr(safety, "SHORT", 0)
    with pytest.raises(UnsafeFlow) as caught:
        require_safe_flow()
    assert "I-01: yes to bladder ends in T3\n> text: yes\n" in str(caught.value)


def test_the_line_that_is_walked_is_whole() -> None:
    line = safety.line_to_walk()
    assert len(line.flow.questions) == 21
    assert set(line.words) == {"en", "es"}
