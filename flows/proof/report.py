"""The report of the proof, docs/safety/proof.md: what was walked, what holds, what is bounded."""

from flows.proof.replies import TEXTS_HOLD
from flows.proof.walk import EVERYTHING, INVARIANTS, Proof

_HEAD = """# The proof

Generated from the walk of `flows/proof/walk.py`; a test fails when it is stale.

A machine takes the real decision of the line, `take_turn`, through every class of states
that can be reached.
In each it hears everything that can be heard, and asks every invariant of every reply.
It goes breadth first, so that the conversation it shows for a fault is the shortest one.
"""

_METHOD = """## What is exhaustive

- The states.
  The walk ends because nothing heard in any class leads to a class that was not met,
  not because it was told to stop.
- The kinds of things heard, in every class where at most one thing is out of the ordinary.
  Answers, misses, silence, mumbling, pictures; every request, and the carrier's keywords.
  Words of danger, clear and possible, about every red flag, alone and beside an answer;
  words of self-harm.
  Both channels, and changing between them; a call that begins, ends, or comes back from the clinic.
  Answers to an older question; things heard at once, after half a day, a day and weeks.
  The bound of turns, and another version of the flow.
- The invariants, each asked of every turn.

## What is taken together

Two states are one class where the line cannot tell them apart.
`flows/proof/states.py` says why.

- Times count by the limits that the settings compare them with, and turns by their bound.
- Red flags that differ in nothing but their name are one,
  beside two or more things out of the ordinary.
- Under a question that is asked out of its turn, places with the same legal moves are one,
  beside two things as well.

A test plays whatever can be heard to states that differ only in what is called irrelevant,
and compares the replies.

## What is bounded

- Beside two or more things out of the ordinary only the deciding kinds of events are heard:
  plain answers, a miss, silence, a mumbled NO, BACK, START OVER, a call, words of danger,
  half a day, a day.
- Of the answers that are out of the ordinary (kept by START OVER, given before their turn)
  a class tells the most deciding one.
- Time passes in steps of seconds, half a day, a day and weeks.
- The walk is in the clinic's first language.
  A language chooses words and decides nothing; `backline check` reads the texts of each.

The random sequences of `tests/flows/test_invariants.py` know none of these bounds.

## What it rests on

The proof is about the flow, and takes the reading of each thing heard as given.
It needs of `flows.understanding` that a NO comes with no red flag about the question asked.
`tests/answers/` is the evidence for that, and for the readings.

## What holds

Each has flows that break it on purpose, in `tests/flows/broken.py`; the proof finds every one.

| Id | In the walk's words |
|---|---|
"""


def report(whole: Proof, pairs: Proof) -> str:
    """The page; `whole`: the walk without a bound, `pairs`: the shorter one that the tests take."""
    return "".join([_HEAD, _walked(whole, pairs), _METHOD, *_held(), *_faults(whole)])


def _walked(whole: Proof, pairs: Proof) -> str:
    rows = "".join(
        f"| {_told(proof)} | {proof.states:,} | {proof.turns:,} | {proof.longest} "
        f"| {len(proof.violations) or 'none'} |\n"
        for proof in (whole, pairs)
    )
    return f"""
## What was walked

Flow `{whole.flow}`, version {whole.version}.

| Told apart | Classes of states | Turns taken | Longest way | Faults |
|---|---|---|---|---|
{rows}
{whole.events} kinds of things are heard; {whole.deciding} of them decide, and are heard everywhere.
What is told apart are the things out of the ordinary in a state,
those that somebody who simply answers well never meets:
a question asked out of its turn, a read-back, a miss, a doubt, a skip, an earlier disposition,
a T1 of the last weeks, a STOP, an answer kept.
The longest way is in turns, to the class that is furthest from the start.
The tests take the shorter walk.

"""


def _told(proof: Proof) -> str:
    return "all" if proof.together == EVERYTHING else f"the first {proof.together}"


def _held() -> list[str]:
    said = [(one.id, one.check.__name__.replace("_", " ")) for one in INVARIANTS]
    return [f"| {name} | {words} |\n" for name, words in sorted([*said, *TEXTS_HOLD.items()])]


def _faults(whole: Proof) -> list[str]:
    if not whole.violations:
        return []
    shown = [f"```\n{violation.transcript()}\n```\n" for violation in whole.violations]
    return ["\n## Faults\n\n", *shown]
