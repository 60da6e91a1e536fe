"""The command `check`: what is unsafe in the flow, all of it at once."""

import sys

import click

from app.content import sentence, state_here
from flows.check import read_problems
from flows.definition import read_flow, read_languages, read_locales


@click.command("check")
def command() -> None:
    """Say what is unsafe in the flow, all of it at once; exit 1 if anything is."""
    problems = read_problems()
    if problems:
        for problem in problems:
            click.echo(str(problem))
        click.echo(f"{len(problems)} problem{'s' if len(problems) > 1 else ''}.", err=True)
        sys.exit(1)
    flow = read_flow()
    click.echo(
        f"Sound: {flow.id} {flow.version}, {len(flow.questions)} questions, "
        f"{len(flow.dispositions)} dispositions, {len(read_locales())} locales, "
        f"languages: {', '.join(read_languages())}. {sentence(state_here())}"
    )
