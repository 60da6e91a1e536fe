"""The benchmark runs, and its report has every row; how fast anything is, is not tested."""

import subprocess
import sys
from pathlib import Path

import pytest

ROWS = {
    "Turns per second, as a part of the floor's: {}": 4,
    "Processor time of a turn, in floors: {}": 4,
    "99 of 100 replies: {}": 4,
    "One turn in process, {}": 4,
    "Memory of the largest process, {}": 2,
    "Replies that are wrong, or turns that are not kept": 1,
}


@pytest.mark.timeout(300)  # it starts six servers, and has no hurry on a busy machine
def test_a_quick_run_reports_every_target(tmp_path: Path) -> None:
    kept = tmp_path / "performance.md"
    command = [sys.executable, "-m", "bench", "--quick", "--seconds=0.1", f"--output={kept}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert kept.read_text(encoding="utf-8") == done.stdout
    names = [line.split("|")[1].strip() for line in done.stdout.splitlines() if "|" in line]
    for row, times in ROWS.items():
        beginning = row.partition("{")[0]
        assert sum(name.startswith(beginning) for name in names) == times, row
    assert "0 wrong and 0 not on the disk" in done.stdout
