"""Who signed the content, what voids it, and that every surface says so."""

import re
import shlex
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import NullPool, create_engine, text

from app import content, safety, sign
from app.cli import main
from app.content import DRAFT, refusal, sentence, sign_off_state, state_here
from app.web import create_app
from app.welcome import welcome
from flows.content import content_digest, red_flags
from flows.definition import Flow, Problem, Tier, read_flow
from store.migrate import upgrade
from store.sign_offs import SignOff
from tests.app.test_settings import CARRIER, read

FLOW = read_flow()
README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
NAME = ("--name", "Ann  Example")
WHO = (*NAME, "--role", "clinical safety officer", "--registration", "GMC 7654321")
SIGNED = SignOff(
    digest="abc",
    flow=FLOW.id,
    flow_version="1.0.0",
    red_flags=red_flags(FLOW),
    name="Ann Example",
    role="clinical safety officer",
    registration="GMC 7654321",
    at=datetime(2026, 3, 2, 23, 59, tzinfo=UTC),
)


def changed(flow: Flow, *, version: str = "1.0.0", lower: str = "", remove: str = "") -> Flow:
    questions = tuple(
        msgspec.structs.replace(one, tier=Tier.T3) if one.id == lower else one
        for one in flow.questions
        if one.id != remove
    )
    return msgspec.structs.replace(flow, version=version, questions=questions)


# --- In words -------------------------------------------------------------------------------------


def test_nobody_has_signed() -> None:
    assert sign_off_state(None, FLOW, "abc") == DRAFT == "draft content, not signed off"
    assert sentence(DRAFT) == "Draft content, not signed off."
    assert refusal(None, FLOW) == ""


def test_somebody_has_signed() -> None:
    said = "signed off by Ann Example, clinical safety officer, GMC 7654321, 2026-03-02"
    assert sign_off_state(SIGNED, FLOW, "abc") == said


def test_a_change_voids_it() -> None:
    said = sign_off_state(SIGNED, FLOW, "abd")
    assert said == ("draft content, not signed off: changed since Ann Example signed on 2026-03-02")
    lower = changed(FLOW, lower="saddle")
    assert sign_off_state(SIGNED, lower, "abd") == (
        f"{said}; red flags lowered or removed since: saddle"
    )


@pytest.mark.parametrize("how", ["lower", "remove"])
@pytest.mark.parametrize(
    ("version", "refused"), [("1.9.0", True), ("0.9.0", True), ("2.0.0", False)]
)
def test_a_lowered_flag_needs_a_new_major_version(how: str, version: str, refused: bool) -> None:
    flow = changed(FLOW, version=version, **{how: "saddle"})
    reason = refusal(SIGNED, flow)
    assert bool(reason) == refused
    if refused:
        assert "saddle" in reason
        assert "2.0.0" in reason
        assert reason.endswith(".")


def test_what_was_raised_or_added_may_be_signed() -> None:
    fewer = changed(FLOW, remove="saddle")
    assert refusal(replace(SIGNED, red_flags=red_flags(fewer)), FLOW) == ""


# --- As it is typed -------------------------------------------------------------------------------


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{tmp_path}/line.sqlite3"
    for name, value in {**CARRIER, "DATABASE_URL": url}.items():
        monkeypatch.setenv(name, value)
    upgrade(url)
    return url


def run(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(main, arguments, input=typed)


def sql(url: str, statement: str) -> None:
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(statement))


def surfaces(url: str, folder: Path) -> list[str]:
    """What every surface shows."""
    settings = read(folder, DATABASE_URL=url)
    health = create_app(settings).test_client().get("/healthz").json
    assert health is not None
    return [
        run("check", "--walk", "none").output,
        run("simulate", typed="/quit\n").output,
        welcome(settings, "backline", content.state_by(settings)),
        sentence(health["content"]),
    ]


def test_every_surface_says_who_signed(url: str, tmp_path: Path) -> None:
    assert all(sentence(DRAFT) in shown for shown in surfaces(url, tmp_path))
    done = run("sign", *WHO, "--yes")
    assert done.exit_code == 0, done.output
    today = datetime.now(UTC).date().isoformat()
    said = f"Signed off by Ann Example, clinical safety officer, GMC 7654321, {today}."
    assert said in done.output
    assert content_digest()[:16] in done.output
    assert all(said in shown for shown in surfaces(url, tmp_path))
    assert not any("raft" in shown for shown in surfaces(url, tmp_path))


def test_it_asks_before(url: str) -> None:
    asked = run("sign", *WHO, typed="n\n")
    assert asked.exit_code == 1
    assert "Now: draft content, not signed off." in asked.output
    assert "Sign all of it as Ann Example, clinical safety officer, GMC 7654321?" in asked.output
    assert sentence(DRAFT) in run("check", "--walk", "none").output
    assert run("sign", *WHO, typed="y\n").exit_code == 0
    assert "Signed off by Ann Example" in run("check", "--walk", "none").output


def test_what_was_signed_can_be_taken_back(url: str, tmp_path: Path) -> None:
    run("sign", *WHO, "--yes")
    done = run("sign", *WHO, "--withdraw", "--yes")
    today = datetime.now(UTC).date().isoformat()
    said = f"Draft content, not signed off: withdrawn by Ann Example on {today}."
    assert said in done.output
    assert all(said in shown for shown in surfaces(url, tmp_path))


def test_an_invented_registration_is_refused(url: str) -> None:
    """The README shows one, so that nobody signs by copying a line of it."""
    line = re.search(r"^\.venv/bin/backline (sign .*)$", README, re.MULTILINE)
    assert line is not None
    done = run(*shlex.split(line[1]))
    assert done.exit_code == 1
    assert "sign with your own name, role and registration" in done.output


def test_a_signature_that_was_not_made_with_the_key_is_none(url: str, tmp_path: Path) -> None:
    run("sign", *WHO, "--yes")
    sql(url, "UPDATE sign_offs SET name = 'Dr Nobody'")
    assert all(sentence(DRAFT) in shown for shown in surfaces(url, tmp_path))
    done = run("sign", *WHO, "--yes")
    assert done.exit_code == 1
    assert "was not made with this BACKLINE_SECRET_KEY" in done.output


def test_changed_content_is_a_draft_until_it_is_signed(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("sign", *WHO, "--yes")
    for module in (content, sign):
        monkeypatch.setattr(module, "content_digest", lambda: "another")
    assert (
        "not signed off: changed since Ann Example signed" in run("check", "--walk", "none").output
    )
    assert run("sign", *WHO, "--yes").exit_code == 0
    assert "Signed off by Ann Example" in run("check", "--walk", "none").output


def test_it_refuses_a_lowered_flag(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run("sign", *WHO, "--yes")
    monkeypatch.setattr(sign, "read_flow", lambda: changed(FLOW, remove="saddle"))
    done = run("sign", *WHO, "--yes")
    assert done.exit_code == 1
    assert "lowered or removed: saddle. That needs a new major version" in done.output
    monkeypatch.setattr(sign, "read_flow", lambda: changed(FLOW, remove="saddle", version="2.0.0"))
    assert run("sign", *WHO, "--yes").exit_code == 0


def test_it_refuses_a_flow_with_problems(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safety, "read_problems", lambda: (Problem("bladder", "leads nowhere"),))
    assert run("sign", *WHO, "--yes").exit_code == 1


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\x07b"])
def test_a_name_must_be_one(url: str, name: str) -> None:
    assert run("sign", "--name", name, *WHO[2:]).exit_code == 2


# --- Where nothing is installed -------------------------------------------------------------------


def test_looking_makes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert state_here() == DRAFT
    assert list(tmp_path.iterdir()) == []


def test_wrong_settings_and_no_database_are_a_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", "nonsense")
    assert state_here() == DRAFT
    for name, value in {**CARRIER, "DATABASE_URL": "sqlite:///none.sqlite3"}.items():
        monkeypatch.setenv(name, value)
    assert state_here() == DRAFT
