"""The command `replay`: every stored turn is decided again, and the chain of the log is checked.

Deciding is pure, so the same flow, state, words and time must give the same turn. Each turn is
decided on the state that the turn before it left, as it is stored: one changed row is one report.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

import click

from alexa.hear import ALEXA
from alexa.wording import for_speakers
from app.command import settings_or_exit
from app.counted import counted
from app.eras import Era, eras_of
from app.heads import Heads, HeadsError
from app.paced import safety_net
from app.sites import AllSites
from duty.caps import Pace, Why, reason_of, withheld
from flows.conversation import Conversation, Turn, take_turn
from flows.definition import Flow
from flows.line import Line
from store.audit import AuditLog
from store.database import Database
from store.errors import StoreError
from store.history import Kept, emptied, history
from store.sealing import Sealer

_UNCLEAR: Final = "its words do not open"


@dataclass(slots=True)
class Tally:
    """How many there were.

    `other_version`: turns of a conversation begun under another version of the flow, and
    `uncertain`: turns that followed on one whose state is erased or damaged; neither is replayed.
    `entries`: those of the audit logs.
    `faults`: turns, conversations, contacts and entries that something is wrong with.
    """

    conversations: int = 0
    turns: int = 0
    replayed: int = 0
    erased: int = 0
    other_version: int = 0
    uncertain: int = 0
    faults: int = 0
    entries: int = 0
    sealed: int = 0

    def __str__(self) -> str:
        return (
            f"{counted(self.conversations, 'conversation')}, {counted(self.turns, 'turn')}: "
            f"{self.replayed} replayed, "
            f"{self.erased} erased, {self.other_version} of another version of the flow, "
            f"{self.uncertain} after a turn that is erased or cannot be read; "
            f"{counted(self.entries, 'entry', 'entries')} of the audit log."
        )


@click.command("replay")
@click.option(
    "--heads",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file kept elsewhere: what was there at the last replay must be there still.",
)
def command(path: Path | None) -> None:
    """Decide every stored turn again, and say what differs; exit 1 if anything does."""
    settings = settings_or_exit()
    database, tally = Database(settings.database_url), Tally()
    sealer = Sealer(settings.secret_key)
    try:
        heads = Heads(path) if path else None
        sites = AllSites(settings, database, sealer).all()
        eras = eras_of(database, settings)
        lines = {
            site.id: Lines(site.line, for_speakers(site.line, site.clinic), eras.get(site.id, ()))
            for site in sites
        }
        for fault in replay(database, sealer, lines, tally, heads):
            click.echo(fault)
        if heads and not tally.faults:
            heads.write()
    except HeadsError as error:
        raise click.ClickException(str(error)) from None
    except StoreError as error:
        raise click.ClickException(f"{error}; DATABASE_URL says which one.") from None
    finally:
        database.close()
    click.echo(str(tally))
    if tally.turns and tally.sealed == tally.turns:
        click.echo("No words open: give the BACKLINE_SECRET_KEY that they were written with.")
    if tally.faults:
        click.echo(f"{counted(tally.faults, 'fault')}.", err=True)
        sys.exit(1)
    click.echo("No difference, and the chain is whole.")


class Lines(NamedTuple):
    """A clinic's line, the same in the words for a speaker, and what both were before."""

    line: Line
    speaker: Line
    eras: Sequence[Era] = ()

    def until(self, at: datetime) -> Iterator["Lines"]:
        """These and those of every era that had begun by then.

        A process goes on under the old name until it hears of the new one, so all are tried.
        """
        yield self
        for era in self.eras:
            if era.since <= at:
                yield Lines(era.line, era.speaker)


def replay(
    database: Database,
    sealer: Sealer,
    lines: Mapping[int, Lines],
    tally: Tally,
    heads: Heads | None = None,
) -> Iterator[str]:
    """A line for each fault, which names no words and no number; `tally` counts along.

    `lines`: each clinic's, by its id.
    """
    for clinic, here in lines.items():
        for fault in _of_clinic(history(database, sealer, clinic), here, tally, heads):
            tally.faults += 1
            yield fault
        for name in emptied(database, clinic):
            tally.faults += 1
            yield f"{name}: none of its turns is there"
        for entry in AuditLog(database, sealer).check(clinic):
            tally.entries += 1
            against = entry.fault or (heads.see_entry(clinic, entry) if heads else "")
            if against:
                tally.faults += 1
                yield f"audit log of clinic {clinic}, entry {entry.number}: {against}"
    for fault in heads.missing() if heads else []:
        tally.faults += 1
        yield fault


def _of_clinic(
    turns: Iterable[Kept], lines: Lines, tally: Tally, heads: Heads | None
) -> Iterator[str]:
    before: Kept | None = None
    for kept in turns:
        if before is not None and before.contact != kept.contact:
            before = None
        if before is None or before.conversation != kept.conversation:
            tally.conversations += 1
        tally.turns += 1
        tally.sealed += _UNCLEAR in kept.faults
        faults = [*kept.faults]
        if heads and (against := heads.see(kept)):
            faults.append(against)
        if different := _different(lines, before, kept, tally):
            faults.append(f"{', '.join(different)} not as decided again")
        if faults:
            yield f"conversation {kept.conversation}, turn {kept.number}: {'; '.join(faults)}"
        before = kept


def _different(lines: Lines, before: Kept | None, kept: Kept, tally: Tally) -> list[str]:
    """Take the turn again, where that can be done, and name what differs."""
    if kept.erased_at is not None:
        tally.erased += 1
        return []
    if kept.turn is None:
        return []
    if (kept.flow, kept.flow_version) != (lines.line.flow.id, lines.line.flow.version):
        tally.other_version += 1
        return []
    so_far = None
    if before is not None and before.turn is not None:
        so_far = Conversation(before.flow_version, before.number, before.turn.state)
    elif before is not None and (before.erased_at is None or kept.turn.at <= before.erased_at):
        # What it was decided on is not there any more; after an erasure it was nothing.
        tally.uncertain += 1
        return []
    tally.replayed += 1
    found: list[str] = []
    for one in lines.until(kept.turn.at):
        different = _different_in(one, so_far, kept.turn)
        if not different:
            return []
        found = found or different
    return found


def _different_in(lines: Lines, so_far: Conversation | None, turn: Turn) -> list[str]:
    if turn.utterance.channel != ALEXA:
        return _replayed(lines.line, so_far, turn)
    # The first turn on a speaker is in the language that the device is set to.
    first = lines.speaker.words if so_far is None else [lines.speaker.language]
    begun = (replace(lines.speaker, language=language) for language in first)
    return min((_replayed(line, so_far, turn) for line in begun), key=len)


def _replayed(line: Line, so_far: Conversation | None, turn: Turn) -> list[str]:
    """Take a turn again, and name what differs."""
    try:
        again = take_turn(line, so_far, turn.utterance, turn.at)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what differs
        return [f"the whole turn ({type(error).__name__})"]
    held = _held(line, turn, again, so_far)
    return min((differences(turn, one, line.flow) for one in held), key=len)


def _held(line: Line, stored: Turn, again: Turn, so_far: Conversation | None) -> list[Turn]:
    """What `again` may have become, where the reply of the stored turn was withheld.

    Whether it was the first of its spell, and so got the safety net, is not on the log.
    """
    reason = reason_of(stored)
    if reason not in set(Why):
        return [again]
    net, long_ago = safety_net(line, again), datetime.min.replace(tzinfo=UTC)
    paces = (Pace(blocked_at=long_ago), Pace(blocked_at=long_ago, withheld_at=stored.at))
    return [withheld(line.flow, again, so_far, Why(reason), pace, net) for pace in paces]


def differences(stored: Turn, again: Turn, flow: Flow) -> list[str]:
    """What of a turn is not the same when it is decided again, by name."""
    compared = {
        "place": ("number", "opens"),
        "question": ("asked",),
        "understanding": ("reading",),
        "reply": ("said", "connect", "hang_up"),
        "state": ("state",),
        "alerts": ("alerts",),
    }
    found = [
        name
        for name, fields in compared.items()
        if any(getattr(stored, field) != getattr(again, field) for field in fields)
    ]
    if _tier(stored, flow) != _tier(again, flow):
        found.append("tier")
    return found


def _tier(turn: Turn, flow: Flow) -> str | None:
    ended = flow.disposition.get(turn.state.position)
    return ended.tier.value if ended else None
