"""The evaluation counts what it is given, and says what could hurt."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from app.evaluate import command

ANSWERS = "text\theard\tasked\tmeaning\n"
FLAGS = "text\tlabel\n"
TABLES = Path(__file__).parent.parent / "answers"


def evaluated(folder: Path, table: str) -> tuple[int, str]:
    path = folder / "table.tsv"
    path.write_text(table)
    done = CliRunner().invoke(command, [str(path)])
    return done.exit_code, done.output


def test_a_table_of_answers_is_counted(tmp_path: Path) -> None:
    rows = "yes\ttext\tordinary\tyes\nbanana\ttext\tordinary\tno\nno\tspeech\tturned\tno\n"
    code, said = evaluated(tmp_path, ANSWERS + rows)
    assert code == 0
    assert "3 rows" in said
    assert "66.7 %  understood" in said
    assert "'banana' (ordinary): no read as no_match by unknown" in said


def test_a_doubt_that_is_read_as_the_safe_answer_fails_the_table(tmp_path: Path) -> None:
    """The table is wrong on purpose: a plain no is labelled as a yes."""
    code, said = evaluated(tmp_path, ANSWERS + "no\ttext\tordinary\tyes\n")
    assert code == 1
    assert "Could hurt:\n  'no' (ordinary): yes read as no" in said


def test_a_table_of_flags_is_counted(tmp_path: Path) -> None:
    rows = "i cant pee\tbladder\nlovely weather\tnone\ni cant pee\tnone\nlovely weather\tsaddle\n"
    code, said = evaluated(tmp_path, FLAGS + rows)
    assert code == 1
    for line in ("raised", "rightly quiet", "false alarms", "missed"):
        assert f"25.0 %  {line}" in said


def test_any_of_several_labels_will_do(tmp_path: Path) -> None:
    assert evaluated(tmp_path, FLAGS + "i cant pee\tsaddle|bladder\n")[0] == 0


@pytest.mark.parametrize("table", ["", "a\tb\n1\t2\n"])
def test_a_table_of_neither_kind_is_refused_in_a_sentence(tmp_path: Path, table: str) -> None:
    code, said = evaluated(tmp_path, table)
    assert code == 1
    assert "must name the columns" in said


def test_an_unknown_language_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "table.tsv"
    path.write_text(FLAGS)
    done = CliRunner().invoke(command, [str(path), "--language", "xx"])
    assert "There is no vocabulary for 'xx'." in done.output


@pytest.mark.parametrize("name", ["answers.tsv", "flags.tsv", "flags_voices.tsv"])
def test_no_row_of_our_own_tables_could_hurt(name: str) -> None:
    done = CliRunner().invoke(command, [str(TABLES / name)])
    assert done.exit_code == 0, done.output
