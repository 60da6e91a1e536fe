"""The command `export`: every conversation, as lines of JSON that other programs can read.

One conversation a line, oldest first, with these keys:

    id, clinic              of the conversation; the clinic's name
    channels                how the person was reached, in the order used: "sms", "voice", ...
    language                of the last turn
    flow, flow_version      which questions it was begun under
    started_at, ended_at    ended_at is null while it is open, as are the next two
    disposition, tier       where it ended, such as "emergency" and "T1"
    answers                 {question id: "yes", "no", "unsure" or "skipped"}, in the flow's order
    turns                   [{number, at, channel, heard, understood, said}]

Times are UTC in ISO 8601. `heard` is the text, the speech or the keys as they came, and "" where
nothing was said: silence, an empty text, a call that begins or ends. `understood` is the meaning
that was read, and null where there was nothing to read. `said` is a list of messages.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import click
import msgspec

from app.command import CLINIC, settings_or_exit
from flows.conversation import Turn
from flows.definition import Flow, read_flow
from flows.reading import Answer
from flows.utterance import Medium
from store.database import Database
from store.errors import SealError, StoreError
from store.review import StoredConversation, conversations
from store.sealing import Sealer


@click.command("export")
@click.option("--format", "form", type=click.Choice(["jsonl"]), default="jsonl", show_default=True)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write, readable by you alone; else the standard output.",
)
def command(form: str, output: Path | None) -> None:  # noqa: ARG001  there is one form yet
    """Write every conversation, one a line."""
    settings = settings_or_exit()
    flow = read_flow()
    database = Database(settings.database_url)
    try:
        stored = conversations(database, Sealer(settings.secret_key), CLINIC)
        with _opened(output) as file:
            for one in stored:
                file.write(f"{msgspec.json.encode(exported(one, flow)).decode()}\n")
    except SealError:
        raise click.ClickException(
            "The conversations were written with another BACKLINE_SECRET_KEY: give that one."
        ) from None
    except StoreError as error:
        raise click.ClickException(f"{error}; DATABASE_URL says which one.") from None
    except BrokenPipeError:
        # Whoever reads it has read enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {error.strerror}.") from None
    finally:
        database.close()


@contextmanager
def _opened(output: Path | None) -> Iterator[TextIO]:
    """Where to write: a file that is there once all of it is, or the standard output."""
    if output is None:
        yield sys.stdout
        sys.stdout.flush()
        return
    part = output.with_name(f"{output.name}.part")
    part.unlink(missing_ok=True)
    try:
        # Patients' words: nobody else on the machine needs to read them.
        opened = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(opened, "w", encoding="utf-8") as file:
            yield file
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)


# --- One conversation -------------------------------------------------------------------------


def exported(stored: StoredConversation, flow: Flow) -> dict[str, Any]:
    """The line of a conversation, with the keys that are described above."""
    turns = stored.turns
    ended = flow.disposition.get(turns[-1].state.position)
    return {
        "id": stored.id,
        "clinic": stored.clinic_name,
        "channels": list(dict.fromkeys(turn.utterance.channel.name for turn in turns)),
        "language": turns[-1].state.language,
        "flow": stored.flow,
        "flow_version": stored.flow_version,
        "started_at": _utc(stored.started_at),
        "ended_at": _utc(_ended_at(turns)) if ended else None,
        "disposition": ended.id if ended else None,
        "tier": ended.tier.value if ended else None,
        "answers": _answers(turns, flow),
        "turns": [_exported_turn(turn) for turn in turns],
    }


def _exported_turn(turn: Turn) -> dict[str, Any]:
    between = " " if turn.utterance.channel.medium is Medium.VOICE else "\n\n"
    return {
        "number": turn.number,
        "at": _utc(turn.at),
        "channel": turn.utterance.channel.name,
        "heard": turn.utterance.words,
        "understood": turn.reading.meaning.value if turn.reading else None,
        "said": [between.join(part.words for part in message) for message in turn.said],
    }


def _ended_at(turns: Sequence[Turn]) -> datetime:
    """When the end was reached at which the conversation stands: what came later is no new end."""
    end = turns[-1].state.position
    earlier = [turn for turn in turns if turn.state.position != end]
    first = turns.index(earlier[-1]) + 1 if earlier else 0
    return turns[first].at


def _answers(turns: Iterable[Turn], flow: Flow) -> dict[str, Answer]:
    """The answers that count, as they last stood; CHECKED takes them back, but they were given."""
    given = [turn.state.given for turn in turns if turn.state.given]
    last = given[-1] if given else {}
    return {name: last[name].answer for name in flow.question if name in last}


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
