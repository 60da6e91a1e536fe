"""The command `simulate`: talk to the line in a terminal, or play a conversation written down.

No account, no network: the turns are kept in memory, and the clock only moves as the person does.
A database is only asked whether the content is signed off, where there is one.
"""

import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import click

from app import demonstration
from app.checks import phone_words
from app.content import sentence, state_here
from app.counted import counted
from app.player import InMemory, Player, difference, played
from app.screen import HELP, shown
from exports.transcript import (
    CALL,
    TEXT,
    Act,
    Reply,
    Transcript,
    TranscriptError,
    read_act,
    read_transcript,
    reply_of,
    write_transcript,
)
from flows.definition import read_locales
from flows.line import Line, build_line
from flows.wording import Clinic

_READING_SECONDS = 1.5


@click.command("simulate")
@click.option("--as", "channel", type=click.Choice([TEXT, CALL]), help=f"{TEXT} unless said.")
@click.option("--locale", type=click.Choice(sorted(read_locales())), help="en-US unless said.")
@click.option(
    "--script",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Play this transcript; exit 1 at the first difference.",
)
@click.option(
    "--save",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write what was played, as a transcript.",
)
def command(
    channel: str | None, locale: str | None, script: Path | None, save: Path | None
) -> None:
    """Talk to the line in the terminal, as a text or as a call."""
    if script and save:
        raise click.UsageError("--script plays what is written; --save writes what is played.")
    if script:
        _play(script, channel, locale)
        return
    where = locale or demonstration.LOCALE
    line = _line(where)
    channel = channel or TEXT
    done: list[tuple[Act, Reply]] = []
    try:
        _talk(line, channel, done)
    finally:
        if save:
            save.write_text(write_transcript(done, channel, where), encoding="utf-8")
            click.echo(f"Written to {save}.")


def _line(locale: str) -> Line:
    phone = demonstration.PHONE
    clinic = Clinic(demonstration.NAME, phone, phone_words(phone, locale))
    return build_line(locale, clinic, _READING_SECONDS)


# --- Playing what is written --------------------------------------------------------------------


def _play(script: Path, channel: str | None, locale: str | None) -> None:
    try:
        transcript = read_transcript(script.read_text(encoding="utf-8"))
        line = _line_of(transcript, locale)
        for one in [channel] if channel else transcript.channels:
            steps = _play_on(transcript, line, one)
            click.echo(
                f"{script}, by {'phone' if one == CALL else 'text'}:"
                f" {counted(steps, 'step')} as written."
            )
    except (TranscriptError, OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{script}: {error}") from None


def _line_of(transcript: Transcript, locale: str | None) -> Line:
    try:
        return _line(locale or transcript.locale)
    except KeyError:
        raise TranscriptError(f"there is no locale {transcript.locale}") from None


def _play_on(transcript: Transcript, line: Line, channel: str) -> int:
    """How many steps went as they are written: all of them, or TranscriptError."""
    player = Player(line, channel, InMemory(line))
    for step, turn in played(transcript, player):
        different = difference(step, turn, line, player.channel)
        if different:
            said = "\n".join(shown(turn, line)) if turn else "  (nothing was heard)"
            raise TranscriptError(f"{different}\n(- as written, + as it went)\n{said}")
    return len(transcript.steps)


# --- Talking --------------------------------------------------------------------------------------


def _talk(line: Line, channel: str, done: list[tuple[Act, Reply]]) -> None:
    player = Player(line, channel, InMemory(line), datetime.now(UTC))
    click.echo(f"/help says what can be done here, /quit ends. {sentence(state_here())}")
    for act in _acts(player):
        try:
            turn = player.play(act)
        except TranscriptError as error:
            click.echo(f"  {_as_typed(str(error))}")
            continue
        done.append((act, reply_of(turn, line)))
        if turn is not None:
            click.echo("\n".join(shown(turn, line)))


def _acts(player: Player) -> Iterator[Act]:
    """What the person does, line by line."""
    if player.channel == CALL:
        yield Act("call")
    texts_next = False
    for typed in _typed():
        name, _, rest = typed.removeprefix("/").partition(" ")
        if not typed.startswith("/"):
            act = Act("", typed) if typed else Act("silence")
            yield Act("text", typed) if texts_next and typed else act
        elif name == "quit":
            return
        elif name == "help":
            click.echo(HELP)
            continue
        elif name == "text" and not rest:
            click.echo("  By text from here on.")
            texts_next = True
            continue
        else:
            act_typed = _act(name, rest)
            if act_typed is None:
                click.echo(f"  There is no {typed!r}; /help says what there is.")
                continue
            yield act_typed
        texts_next = False


def _act(name: str, rest: str) -> Act | None:
    """The act of a line that begins with a slash; None where there is none."""
    if name == "hangup":
        name = "hang up"
    detail, _, words = rest.partition(" ")
    for bracket in (f"[{name}] {rest}", f"[{name} {detail}] {words}"):
        with suppress(TranscriptError):
            return read_act(bracket.rstrip())
    return None


def _as_typed(fault: str) -> str:
    """A fault of a transcript, which has [call] where one types /call."""
    typed = fault.replace("[hang up]", "/hangup")
    return re.sub(r"\[(\w[^]]*)\]", r"/\1", typed)


def _typed() -> Iterator[str]:
    """Each line that is typed, until the end of the input."""
    with suppress(ImportError):
        import readline  # noqa: F401, PLC0415  lets the arrow keys work, where there is one
    while True:
        try:
            typed = input("> ")
        except (EOFError, KeyboardInterrupt):
            click.echo()
            return
        if not sys.stdin.isatty():
            click.echo(typed)  # so that a piped conversation can be read afterwards
        yield typed.strip()
