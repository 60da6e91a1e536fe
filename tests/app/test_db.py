"""The command `db`: the lists of the desk are made again from the turns."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, func, select

from app.cli import main
from app.settings import read_settings
from app.sites import AllSites
from flows.conversation import Conversation, Turn, take_turn
from flows.utterance import Channel, Kind, Medium, Utterance
from store.card_tables import card_marks, cards, words
from store.database import Database
from store.sealing import Sealer
from store.turns import CarrierKey
from tests.app.test_settings import CARRIER


def test_the_lists_are_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the command; and by an upgrade, where the conversations are older than the lists."""
    monkeypatch.chdir(tmp_path)
    environ = {**CARRIER, "DATABASE_URL": f"sqlite:///{tmp_path}/line.sqlite3"}
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    run = CliRunner().invoke
    assert run(main, ["db", "upgrade"]).exit_code == 0
    settings = read_settings(environ, tmp_path)
    database = Database(settings.database_url)
    site = AllSites(settings, database, Sealer(settings.secret_key)).first

    def decide(so_far: Conversation | None) -> Turn:
        heard = Utterance(Channel("sms", Medium.TEXT), Kind.TEXT, "my elbow")
        return take_turn(site.line, so_far, heard, datetime.now(UTC))

    site.log.take("+12025550143", CarrierKey("SM1", None), decide)

    def counts() -> list[int]:
        with database.link() as link:
            found = [
                link.read(database.query(select(func.count().label("n")).select_from(table)), {})
                for table in (cards, card_marks, words)
            ]
        return [int(rows[0][0]) for rows in found]

    kept = counts()
    assert kept == [1, 1, 1]
    with database.link() as link:
        for table in (card_marks, words, cards):
            link.write([(database.query(delete(table)), {})])
    assert counts() == [0, 0, 0]
    assert run(main, ["db", "upgrade"]).exit_code == 0
    assert counts() == kept
    done = run(main, ["db", "rebuild"])
    assert (done.exit_code, done.output) == (0, "1 conversation is in the lists.\n")
    assert counts() == kept
    database.close()
