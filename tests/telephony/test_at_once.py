"""Many requests at the same moment, on a real store."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.doors import PUBLIC_URL, Watched, a_line, carrier, open_door, stored
from tests.twiml_player import Call, Carrier, Texter, read_twiml


@pytest.fixture
def log(tmp_path: Path) -> Watched:
    return Watched(stored(tmp_path, a_line()))


@pytest.fixture
def a_carrier(log: Watched) -> Carrier:
    return carrier(open_door(log))


def another(a_carrier: Carrier) -> Carrier:
    """The same service over a connection of its own."""
    client = a_carrier.client.application.test_client()
    return Carrier(client, a_carrier.token, a_carrier.public_url)


def test_the_same_text_five_times(a_carrier: Carrier, log: Watched) -> None:
    texter = Texter(a_carrier)
    texter.text("hello")
    form = texter.fields("agree")

    def send(_: int) -> bytes:
        return another(a_carrier).post(f"{PUBLIC_URL}/sms", form).get_data()

    with ThreadPoolExecutor(5) as pool:
        answers = set(pool.map(send, range(5)))
    assert len(answers) == 1
    assert b"trouble peeing" in answers.pop()
    assert len(log.turns[texter.number]) == 2


def test_the_same_key_five_times(a_carrier: Carrier, log: Watched) -> None:
    call = Call(a_carrier).ring()
    assert call.gather is not None
    url, form = call.gather.attrib["action"], call.fields(Digits="1")

    def send(_: int) -> bytes:
        return another(a_carrier).post(url, form).get_data()

    with ThreadPoolExecutor(5) as pool:
        answers = set(pool.map(send, range(5)))
    assert len(answers) == 1
    assert b"trouble peeing" in answers.pop()
    assert len(log.turns[call.number]) == 2


def test_two_texts_of_one_person(a_carrier: Carrier, log: Watched) -> None:
    texter = Texter(a_carrier)
    texter.text("hello")
    texter.text("agree")

    def send(words: str) -> list[str]:
        return Texter(another(a_carrier)).text(words)

    with ThreadPoolExecutor(2) as pool:
        replies = list(pool.map(send, ["2", "2"]))
    turns = log.turns[texter.number]
    assert sorted(turn.number for turn in turns) == [1, 2, 3, 4]
    assert {turn.asked for turn in turns[2:]} == {"bladder", "saddle"}
    assert replies[0] != replies[1]


def test_a_hundred_people(a_carrier: Carrier, log: Watched) -> None:
    def talk(person: int) -> str:
        texter = Texter(another(a_carrier), f"+1202555{person:04}")
        for words in ["hello", "agree", "2"]:
            messages = texter.text(words)
        return messages[0]

    with ThreadPoolExecutor(16) as pool:
        replies = set(pool.map(talk, range(100)))
    assert len(replies) == 1
    assert "numbness or tingling" in replies.pop()
    assert len(log.turns) == 100
    assert all([turn.number for turn in turns] == [1, 2, 3] for turns in log.turns.values())


def test_a_database_that_goes_and_comes_back(a_carrier: Carrier, tmp_path: Path) -> None:
    texter = Texter(a_carrier)
    texter.text("hello")
    texter.text("agree")
    aside = tmp_path / "aside"
    aside.mkdir()
    files = [path for path in tmp_path.iterdir() if path.name.startswith("line.db")]
    for path in files:
        path.rename(aside / path.name)
    form = texter.fields("2")
    (message,) = read_twiml(a_carrier.post(f"{PUBLIC_URL}/sms", form))
    assert message.text is not None
    assert message.text.startswith("Call 911 or go to the ER at once")
    call = Call(a_carrier).ring()
    assert call.heard[0].startswith("Call 9 1 1 or go to the ER at once")
    for path in files:
        (aside / path.name).rename(path)
    (message,) = read_twiml(a_carrier.post(f"{PUBLIC_URL}/sms", form))
    assert message.text is not None
    assert "numbness or tingling" in message.text
