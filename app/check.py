"""The command `check`: whether the flow is safe, and by which conversation it is not."""

import sys
import time

import click

from alexa.wording import read_speaker_problems
from app.content import sentence, state_here
from app.counted import counted
from app.safety import SHORT, line_to_walk
from flows.check import read_problems
from flows.definition import read_flow, read_languages, read_locales
from flows.proof.walk import EVERYTHING, INVARIANTS, Proof, prove


@click.command("check")
@click.option(
    "--walk",
    type=click.Choice(["whole", "short", "none"]),
    default="whole",
    show_default=True,
    help=f"Of the states: all, a minute or two; by their first {SHORT} oddities, seconds; or none.",
)
def command(walk: str) -> None:
    """Prove that no path through the flow is unsafe; exit 1 if one is, and show the shortest.

    First its data: every fault at once. Then every state that can be reached hears everything that
    can be heard, and every invariant is asked of every reply.
    """
    problems = (*read_problems(), *read_speaker_problems())
    if problems:
        for problem in problems:
            click.echo(str(problem))
        click.echo(f"{counted(len(problems), 'problem')}.", err=True)
        sys.exit(1)
    flow = read_flow()
    click.echo(
        f"Sound: {flow.id} {flow.version}, {len(flow.questions)} questions, "
        f"{len(flow.dispositions)} dispositions, {len(read_locales())} locales, "
        f"languages: {', '.join(read_languages())}. {sentence(state_here())}"
    )
    if walk == "none":
        return
    bound, takes = (SHORT, "seconds") if walk == "short" else (EVERYTHING, "a minute or two")
    click.echo(f"Walking the flow: {takes}...", err=True)
    began = time.perf_counter()
    proof = prove(line_to_walk(), bound)
    click.echo(_outcome(proof, time.perf_counter() - began))
    sys.exit(1 if proof.violations else 0)


def _outcome(proof: Proof, seconds: float) -> str:
    walked = (
        f"{proof.states:,} states, {proof.turns:,} turns by {proof.events} kinds of things heard, "
        f"the longest way {proof.longest} turns: {seconds:.0f} seconds."
    )
    if not proof.violations:
        return f"Proved: {len(INVARIANTS)} invariants hold in {walked}"
    shown = (violation.transcript() for violation in proof.violations)
    return "\n\n".join([*shown, f"Unsafe: {len(proof.violations)} broken in {walked}"])
