"""A speaker's conversations in the log: on either database, replayed, exported and erased."""

from collections.abc import Iterator

import pytest

from alexa.wording import for_speakers
from app.replay import Lines, Tally, replay
from exports.record import record
from store.callbacks import Callbacks
from store.clinics import ensure_clinic
from store.database import Database
from store.erasure import Erasure
from store.errors import SealError, StoreError
from store.migrate import upgrade
from store.review import StoredConversation, conversations
from store.sealing import Sealer
from store.turns import TurnLog
from tests.alexa.doors import House, a_house
from tests.doors import CLINIC, NOON, a_line

NUMBER = "+12025550143"
SEALER = Sealer("s" * 32)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: object) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path}/line.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    upgrade(url)
    database = Database(url)
    ensure_clinic(database, CLINIC.name, "en-US")
    yield database
    database.close()


def kept_house(database: Database) -> House:
    flow = a_line().flow
    log = TurnLog(database, SEALER, flow.id, flow.version, 1)
    return a_house(log, callbacks=Callbacks(database, SEALER, 1))


def everything(database: Database) -> list[StoredConversation]:
    return list(conversations(database, SEALER, 1, numbers=True))


def test_everything_that_a_speaker_said_replays_without_a_difference(database: Database) -> None:
    house = kept_house(database)
    house.speaker().launch().intent("AgreeIntent").intent("ClinicIntent").say("my leg gave way")
    spanish = house.speaker("es-US").launch().intent("AgreeIntent").intent("AMAZON.NoIntent").end()
    spanish.launch().intent("AMAZON.ResumeIntent").intent("MoreIntent")
    tally, line = Tally(), a_line()
    faults = list(replay(database, SEALER, {1: Lines(line, for_speakers(line, CLINIC))}, tally))
    assert faults == []
    assert tally.replayed == tally.turns == 12


def test_a_changed_turn_of_a_speakers_is_found(database: Database) -> None:
    """A speaker's words are its own: those of a call are another reply."""
    house = kept_house(database)
    house.speaker().launch()
    line = a_line()
    (fault,) = replay(database, SEALER, {1: Lines(line, line)}, Tally())
    assert "reply not as decided again" in fault


def test_the_number_to_call_back_is_in_an_export_with_numbers_alone(database: Database) -> None:
    house = kept_house(database)
    house.speaker().launch().intent("CallbackNumberIntent", number="2025550143")
    house.speaker().launch()
    given, none = everything(database)
    assert record(given, a_line().flow)["phone"] == NUMBER
    assert str(record(none, a_line().flow)["phone"]).startswith("alexa:amzn1.ask.account.")
    (without, _) = conversations(database, SEALER, 1)
    assert NUMBER not in repr(record(without, a_line().flow))
    assert record(given, a_line().flow)["channels"] == ["alexa"]


def test_the_newest_number_counts(database: Database) -> None:
    house = kept_house(database)
    speaker = house.speaker().launch()
    callbacks = Callbacks(database, SEALER, 1)
    assert callbacks.number(speaker.contact) is None
    for number in ("2025550199", "2025550143"):
        speaker.intent("CallbackNumberIntent", number=number)
    assert callbacks.number(speaker.contact) == NUMBER
    assert callbacks.known(speaker.contact)


def test_who_left_a_number_is_not_asked_again(database: Database) -> None:
    house = kept_house(database)
    speaker = house.speaker().launch().intent("CallbackNumberIntent", number="2025550143").end()
    speaker.launch().intent("AgreeIntent").intent("AMAZON.YesIntent")
    assert speaker.words.startswith("Stop. This is a danger sign.")
    assert "see your phone number" not in speaker.words


def test_a_number_of_nobody_is_not_kept(database: Database) -> None:
    callbacks = Callbacks(database, SEALER, 1)
    with pytest.raises(StoreError):
        callbacks.keep("alexa:nobody", NUMBER)


def test_a_number_opens_with_the_secret_alone(database: Database) -> None:
    house = kept_house(database)
    speaker = house.speaker().launch().intent("CallbackNumberIntent", number="2025550143")

    class Other(Sealer):
        def fingerprint(self, clinic: int | str, address: str) -> bytes:
            return SEALER.fingerprint(clinic, address)

    with pytest.raises(SealError):
        Callbacks(database, Other("t" * 32), 1).number(speaker.contact)


@pytest.mark.parametrize("by", ["contact", "conversation"])
def test_a_number_is_erased_with_the_words(database: Database, by: str) -> None:
    house = kept_house(database)
    speaker = house.speaker().launch().intent("CallbackNumberIntent", number="2025550143")
    (stored,) = everything(database)
    erasure = Erasure(database, SEALER, 1, "on request")
    if by == "contact":
        erasure.contact(speaker.contact, NOON)
    else:
        erasure.conversations([stored.id], NOON)
    assert not Callbacks(database, SEALER, 1).known(speaker.contact)
