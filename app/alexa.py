"""The command `alexa`: what Amazon must be given for the skill."""

import json

import click

from alexa.model import interaction_model
from flows.definition import read_languages


@click.group("alexa")
def command() -> None:
    """What a skill for Alexa is set up with."""


@command.command("model")
@click.option(
    "--language",
    type=click.Choice(read_languages()),
    default="en",
    show_default=True,
    help="For en-US, en-GB and all others of English, or es-US and es-ES.",
)
def model(language: str) -> None:
    """Print the interaction model: what people may say, made from the flow's vocabulary.

    Paste it into the JSON editor of Amazon's developer console, once for each locale, or keep it as
    skill-package/interactionModels/custom/LOCALE.json for Amazon's own command ask.
    """
    click.echo(json.dumps(interaction_model(language), indent=2, ensure_ascii=False))
