"""Where a line that is tried out says that it is reached."""

from dataclasses import replace
from pathlib import Path

from app.reached import leave_address, reached_at, take_address
from app.settings import read_settings
from tests.app.test_settings import read


def test_a_line_that_is_tried_out_leaves_its_address(tmp_path: Path) -> None:
    """For commands that were not told its port; another server's address is not taken back."""
    typed = read_settings({}, tmp_path)
    served, other = replace(typed, port=8080), replace(typed, port=8081)
    assert reached_at(typed, tmp_path) == "http://localhost:8000"
    leave_address(served, tmp_path)
    assert reached_at(typed, tmp_path) == "http://localhost:8080"
    leave_address(other, tmp_path)
    take_address(served, tmp_path)
    assert reached_at(typed, tmp_path) == "http://localhost:8081"
    take_address(other, tmp_path)
    assert reached_at(typed, tmp_path) == "http://localhost:8000"


def test_a_public_address_wins(tmp_path: Path) -> None:
    leave_address(replace(read_settings({}, tmp_path), port=8080), tmp_path)
    public = read_settings({"PUBLIC_URL": "https://line.example"}, tmp_path)
    assert reached_at(public, tmp_path) == "https://line.example"
    connected = read(tmp_path, PUBLIC_URL="https://line.example")
    leave_address(connected, tmp_path)
    assert reached_at(connected, tmp_path) == "https://line.example"
