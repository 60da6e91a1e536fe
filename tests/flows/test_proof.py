"""The proof finds every fault, by the shortest conversation, and none in the flow as shipped."""

import random
import re
import subprocess
import sys
from collections.abc import Hashable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from flows.content import flow_digest
from flows.conversation import Conversation
from flows.definition import CONSENT
from flows.proof.events import Event, Events
from flows.proof.report import report
from flows.proof.states import everything
from flows.proof.walk import EVERYTHING, INVARIANTS, Proof, after, play, prove, readings_as_they_are
from flows.state import asked_question
from flows.utterance import Kind
from tests.flows.broken import BROKEN, Broken, question, setting, small, with_flow
from tests.flows.regenerate import PROOF, PROVED, proved
from tests.flows.talk import NOON, line

ROOT = Path(__file__).parents[2]
NEEDS_A_PAST = (Kind.HANG_UP, Kind.CLINIC_MISSED, Kind.CLINIC_REACHED, Kind.CLOCK, Kind.RELEASE)

SHIPPED = """
import sys, msgspec
from flows.proof.walk import prove
from tests.flows.talk import line
sys.stdout.buffer.write(msgspec.json.encode(prove(line(), together=2)))
"""


@pytest.fixture(scope="module")
def shipped() -> Proof:
    """The shipped flow's, in a process of its own: measuring coverage would slow it much."""
    walked = subprocess.run(
        [sys.executable, "-c", SHIPPED], cwd=ROOT, capture_output=True, check=True
    )
    return msgspec.json.decode(walked.stdout, type=Proof)


def test_no_path_through_the_shipped_flow_breaks_an_invariant(shipped: Proof) -> None:
    assert not [violation.transcript() for violation in shipped.violations]
    assert shipped.states > 4000
    assert shipped.turns > 100_000


def test_the_report_is_not_stale(shipped: Proof) -> None:
    """Otherwise: python -m tests.flows.regenerate. The walk without a bound is taken as written."""
    page = PROOF.read_text(encoding="utf-8")
    written = re.search(r"^\| all \| ([\d,]+) \| ([\d,]+) \| (\d+) \| none \|$", page, re.MULTILINE)
    assert written is not None
    states, turns, longest = (int(one.replace(",", "")) for one in written.groups())
    whole = replace(shipped, together=EVERYTHING, states=states, turns=turns, longest=longest)
    assert page == report(whole, shipped)


def test_the_flow_that_starts_unwalked_is_this_one() -> None:
    """Otherwise: python -m tests.flows.regenerate."""
    assert PROVED.read_text(encoding="utf-8") == proved(flow_digest())


def test_the_small_flow_is_sound_and_so_are_the_flows_that_are_broken_but_in_one_way() -> None:
    assert not prove(with_flow(small()), together=1).violations


@pytest.mark.parametrize("broken", BROKEN, ids=lambda one: f"{one.invariant} {one.what}")
def test_every_fault_is_found_by_the_shortest_conversation(
    broken: Broken, monkeypatch: pytest.MonkeyPatch
) -> None:
    line_of = broken.make(monkeypatch)
    proof = prove(line_of, together=broken.together, until=broken.invariant)
    found = {one.invariant: one for one in proof.violations}
    assert broken.invariant in found
    violation = found[broken.invariant]
    assert broken.what in violation.what
    assert len(violation.conversation) == broken.heard, violation.transcript()


def test_every_invariant_has_a_flow_that_breaks_it() -> None:
    proved = {invariant.id for invariant in INVARIANTS} | {"I-09", "I-20", "I-24"}
    assert {broken.invariant for broken in BROKEN} == proved


def test_a_fault_is_told_as_a_transcript(monkeypatch: pytest.MonkeyPatch) -> None:
    proof = prove(question("bladder", yes=("see_doctor",))(monkeypatch), together=0, until="I-01")
    [violation] = [one for one in proof.violations if one.invariant == "I-01"]
    assert violation.transcript().splitlines() == [
        "I-01: yes to bladder ends in T3",
        "> text: yes",
        "< intro_1 intro_2 intro_3",
        "> text: yes",
        "< question.bladder",
        "> text: yes",
        "< see_doctor safety_net",
    ]


def test_the_report_shows_the_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    proof = prove(setting(hold_days=0)(monkeypatch), together=0, until="I-07")
    page = report(proof, proof)
    assert "> text: clearly bladder\n< emergency\n" in page


def test_a_flow_without_red_flags_has_no_words_of_danger_about_them() -> None:
    flow = small()
    calm = [one for one in flow.questions if one.turned_round]
    events = Events(msgspec.structs.replace(flow, questions=tuple(calm)))
    assert not [event for event in events.at(None) if "clearly" in event.name]


# --- What is called irrelevant is -------------------------------------------------------------


def outcome(talk: Conversation | None, event: Event, at: datetime) -> Hashable:
    """All of a turn that can matter to anybody."""
    shipped = line(reading_seconds=1)
    turn = play(shipped, talk, event, at)
    keys = tuple(part.key for message in turn.said for part in message)
    left = everything(shipped.flow, turn.state, turn.at)
    return keys, turn.alerts, turn.connect, turn.hang_up, turn.opens, left


def heard_at(events: Events, talk: Conversation | None) -> list[Event]:
    asked = asked_question(line().flow, talk.state) if talk else None
    possible = events.at(asked.id if asked else None)
    if talk is not None:
        return list(possible)
    return [
        event
        for event in possible
        if not (event.many_turns or event.old_version or event.stale)
        and event.heard.kind not in NEEDS_A_PAST
    ]


def test_states_that_are_told_alike_get_the_same_reply_to_everything() -> None:
    """The argument of flows/proof/states.py, tried on states that random conversations lead to."""
    chance = random.Random(1)  # noqa: S311 - it chooses what is heard, no secret
    flow, events = line().flow, Events(line().flow)
    seen: dict[Hashable, tuple[Conversation, datetime]] = {}
    compared = 0
    with readings_as_they_are():
        for _ in range(250):
            talk: Conversation | None = None
            at = NOON
            for _ in range(40):
                here = heard_at(events, talk)
                safe = f"text: {'yes' if _turned(talk) else 'no'}"
                safely = next(event for event in here if event.name == safe)
                event = safely if chance.random() < 0.6 else chance.choice(here)
                turn = play(line(reading_seconds=1), talk, event, at)
                talk, at = after(flow, talk, turn), turn.at
                known = seen.setdefault(everything(flow, talk.state, at), (talk, at))
                if known[0].state != talk.state and compared < 150 and chance.random() < 0.1:
                    compared += 1
                    for one in heard_at(events, talk):
                        assert outcome(talk, one, at) == outcome(known[0], one, known[1]), one.name
    assert compared == 150


def _turned(talk: Conversation | None) -> bool:
    """Whether YES is what leads on from here."""
    asked = asked_question(line().flow, talk.state) if talk else None
    return asked.turned_round if asked else talk is not None and talk.state.position == CONSENT
