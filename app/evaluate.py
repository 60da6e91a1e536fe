"""The command `evaluate`: how a table of real-looking replies is understood.

Two kinds of table are known by their header:

- `text heard asked meaning`: a direct reply; `heard` is text, digits or speech, `asked` is
  ordinary or turned (a question where YES is the safe answer). A further column `question` may
  name the question that was asked.
- `text label`: free words; `label` is the id of a question that they should raise, `crisis`, or
  `none`; where any of several will do they stand side by side, as in `weakness|both_legs`.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

from app.counted import counted
from flows.flags import find_flags
from flows.reading import Answer, Expecting
from flows.understanding import understand
from flows.utterance import Channel, Kind, Medium, Utterance
from flows.vocabulary import Vocabulary, read_vocabulary

_EXAMPLES = 12


@dataclass
class Evaluation:
    """What came of a table.

    `rows`: how many there were.  `counts`: what happened, how often.
    `flips`: the readings that could hurt; `examples`: the other differences.
    """

    rows: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    flips: list[str] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)


def evaluate_answers(vocabulary: Vocabulary, rows: Iterable[dict[str, str]]) -> Evaluation:
    """How direct replies are read; a flip is a doubt or a danger read as the safe answer."""
    found = Evaluation()
    for row in rows:
        kind = Kind(row["heard"])
        medium = Medium.TEXT if kind is Kind.TEXT else Medium.VOICE
        turned = row["asked"] == "turned"
        utterance = Utterance(Channel("evaluation", medium), kind, row["text"])
        about = row.get("question") or ""
        reading = understand(
            vocabulary, utterance, Expecting.ANSWER, turned_round=turned, about=about
        )
        safe = Answer.YES if turned else Answer.NO
        read, meant = reading.meaning.value, row["meaning"]
        found.rows += 1
        shown = f"{row['text']!r} ({row['asked']}): {meant} read as {read} by {reading.rule}"
        if read == meant:
            found.counts["understood"] += 1
        elif reading.meaning is safe:
            found.counts["flips"] += 1
            found.flips.append(shown)
        elif read in set(Answer):
            found.counts["taken for another answer"] += 1
            found.examples.append(shown)
        else:
            found.counts["asked again"] += 1
            found.examples.append(shown)
    return found


def evaluate_flags(vocabulary: Vocabulary, rows: Iterable[dict[str, str]]) -> Evaluation:
    """Whether free words raise what they should; a flip is a red flag that is not heard at all."""
    found = Evaluation()
    for row in rows:
        raised = {flag.about for flag in find_flags(vocabulary, row["text"])}
        label = row["label"]
        found.rows += 1
        shown = f"{row['text']!r}: {label} raised {', '.join(sorted(raised)) or 'nothing'}"
        if label == "none":
            found.counts["false alarms" if raised else "rightly quiet"] += 1
            if raised:
                found.examples.append(shown)
        elif raised & set(label.split("|")):
            found.counts["raised"] += 1
        elif raised:
            found.counts["raised as something else"] += 1
            found.examples.append(shown)
        else:
            found.counts["missed"] += 1
            found.flips.append(shown)
    return found


def evaluate(vocabulary: Vocabulary, rows: Sequence[dict[str, str]]) -> Evaluation:
    """Evaluate a table by its columns; click.ClickException for a table of neither kind."""
    columns = set(rows[0]) if rows else set()
    if {"text", "heard", "asked", "meaning"} <= columns:
        return evaluate_answers(vocabulary, rows)
    if {"text", "label"} <= columns:
        return evaluate_flags(vocabulary, rows)
    raise click.ClickException(
        "The table's first line must name the columns text, heard, asked and meaning, "
        "or text and label, with tabs between them."
    )


@click.command("evaluate")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--language", default="en", show_default=True, help="The vocabulary to read with.")
@click.option("--all", "everything", is_flag=True, help="Show every difference, not the first few.")
def command(file: Path, language: str, everything: bool) -> None:  # noqa: FBT001 - click's flag
    """Say how the replies in FILE (tab-separated) are understood; exit 1 if any could hurt."""
    try:
        vocabulary = read_vocabulary(language)
        with file.open(encoding="utf-8", newline="") as table:
            rows = list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))
    except FileNotFoundError as error:
        raise click.ClickException(f"There is no vocabulary for {language!r}.") from error
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file} is not UTF-8 text.") from error
    found = evaluate(vocabulary, rows)
    click.echo(counted(found.rows, "row"))
    for name, count in found.counts.most_common():
        click.echo(f"  {count:6}  {100 * count / found.rows:5.1f} %  {name}")
    _show("Could hurt:", found.flips, everything=True)
    _show("Differences:", found.examples, everything=everything)
    if found.flips:
        raise SystemExit(1)


def _show(title: str, lines: list[str], *, everything: bool) -> None:
    if not lines:
        return
    click.echo(title)
    shown = lines if everything else lines[:_EXAMPLES]
    for line in shown:
        click.echo(f"  {line}")
    if len(shown) < len(lines):
        click.echo(f"  and {len(lines) - len(shown)} more: --all shows them")
