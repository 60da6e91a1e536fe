"""The whole, from outside: the real server, real databases, requests signed as Twilio signs them.

One server speaks American English on SQLite; the other is English, on PostgreSQL, and stands behind
a proxy: it is called at https with a prefix, and reached by plain http.
"""

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from twilio.request_validator import RequestValidator

from tests.app.server import TOKEN, Server
from tests.postgres import PostgresServer
from tests.twiml_player import Call, Texter, read_twiml

JUNK = "blorp fnarg"
SAFE = ["2"] * 13 + ["1", "1"] + ["2"] * 5 + ["1"]
ENDS = {
    "T1": ("emergency", [*SAFE[:4], "1"]),
    "T2": ("same_day", [*SAFE[:10], "1"]),
    "T3": ("see_doctor", [*SAFE[:13], "2"]),
    "T4": ("postpone", [*SAFE[:17], "1"]),
    "T5": ("guidance", SAFE),
    "T0": ("unfinished", [*SAFE[:2], JUNK, JUNK, JUNK]),
}
LOCALES = {"en-US": "911", "en-GB": "999"}


@dataclass
class Played:
    """A server, what its callers were told at the end of each conversation, and its export.

    `numbers`: what their numbers begin with, which are of the clinic's country.
    """

    server: Server
    numbers: str = "+1202555"
    last: dict[tuple[str, str], str] = field(default_factory=dict)
    conversations: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    def number(self, place: int) -> str:
        return f"{self.numbers}{place:04}"


def texted(server: Server, number: str, answers: list[str]) -> str:
    """Text a whole conversation; the last reply."""
    texter = Texter(server.carrier(), number)
    for words in ("hello", "agree", *answers):
        said = texter.text(words)
    return "\n".join(said)


def called(server: Server, number: str, answers: list[str]) -> str:
    """Call, and answer with keys and words; what was said last."""
    call = Call(server.carrier(), number).ring().press("1")
    for words in answers:
        said = len(call.everything)
        if words == JUNK:
            call.say(words)
        else:
            call.press(words)
    return "\n".join(call.everything[said:])


def play(played: Played) -> Played:
    """One conversation to each tier on each channel, and then the export."""
    server = played.server
    keys = [(tier, channel) for tier in ENDS for channel in ("sms", "voice")]
    for place, (tier, channel) in enumerate(keys):
        talk = texted if channel == "sms" else called
        played.last[tier, channel] = talk(server, played.number(place), ENDS[tier][1])
    played.conversations = dict(zip(keys, server.export(), strict=True))
    return played


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    with Server(tmp_path_factory.mktemp("sqlite")) as server:
        yield play(Played(server))


@pytest.fixture(scope="module")
def on_postgres(
    tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer
) -> Iterator[Played]:
    url = postgres.new_database()
    environ = {
        "DATABASE_URL": url,
        "BACKLINE_LOCALE": "en-GB",
        "BACKLINE_CLINIC_PHONE": "+442079460018",
    }
    folder = tmp_path_factory.mktemp("postgres")
    with Server(folder, environ, public_url="https://line.example/backline") as server:
        yield play(Played(server, "+44770090"))
        postgres.start()
    postgres.drop_database(url)


@pytest.fixture(params=LOCALES)
def locale(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def played(locale: str, request: pytest.FixtureRequest) -> Played:
    fixture = "on_sqlite" if locale == "en-US" else "on_postgres"
    found: Played = request.getfixturevalue(fixture)
    return found


# --- To every end ---------------------------------------------------------------------------------


@pytest.mark.parametrize("tier", ENDS)
def test_the_same_answers_come_to_the_same_end_by_text_and_by_phone(
    tier: str, played: Played
) -> None:
    texted, called = (played.conversations[tier, channel] for channel in ("sms", "voice"))
    for conversation in (texted, called):
        assert (conversation["tier"], conversation["disposition"]) == (tier, ENDS[tier][0])
        assert conversation["ended_at"] == conversation["turns"][-1]["at"]
    assert list(texted["answers"].items()) == list(called["answers"].items())
    assert len(texted["answers"]) == len([words for words in ENDS[tier][1] if words != JUNK])
    assert (texted["channels"], called["channels"]) == (["sms"], ["voice"])


def test_the_numbers_are_those_of_the_country(locale: str, played: Played) -> None:
    number = LOCALES[locale]
    assert number in played.last["T1", "sms"]
    assert played.last["T1", "voice"].count(" ".join(number)) == 2
    other = ({*LOCALES.values()} - {number}).pop()
    for said in played.last.values():
        assert other not in said
        assert " ".join(other) not in said


def test_guidance_is_given_whole(played: Played) -> None:
    for said in (played.last["T5", "sms"], played.last["T5", "voice"]):
        for words in ("gentle", "licensed or registered", "twisting", "on the spine", "won't fix"):
            assert words in said.lower()


def test_every_turn_is_on_the_log(played: Played) -> None:
    conversation = played.conversations["T1", "sms"]
    assert [turn["number"] for turn in conversation["turns"]] == list(range(1, 8))
    assert [turn["heard"] for turn in conversation["turns"]][:3] == ["hello", "agree", "2"]
    assert conversation["turns"][-1]["understood"] == "yes"
    assert "\n".join(conversation["turns"][-1]["said"]) == played.last["T1", "sms"]


def test_begun_by_text_and_finished_by_phone(played: Played) -> None:
    number = played.number(7001)
    texter = Texter(played.server.carrier(), number)
    for words in ("hello", "agree", *SAFE[:7]):
        texter.text(words)
    call = Call(played.server.carrier(), number).ring()
    assert "You had begun by text" in call.heard[-1]
    call.press("1")
    for key in SAFE[7:]:
        call.press(key)
    assert "You can try gentle massage" in " ".join(call.everything)
    conversation = played.server.export()[-1]
    assert (conversation["tier"], conversation["channels"]) == ("T5", ["sms", "voice"])
    assert list(conversation["answers"].values()).count("no") == 18


# --- Only the carrier -----------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/sms", "/voice", "/sms/fallback", "/voice/status"])
def test_whoever_is_not_the_carrier_is_refused(path: str, played: Played) -> None:
    server = played.server
    form = Texter(server.carrier()).fields("hello", CallSid="CA1")
    url = server.public_url + path

    def status(signature: str | None, **headers: str) -> int:
        signed = {"X-Twilio-Signature": signature} if signature is not None else {}
        answer = server.wire.post(path, query_string="", data=form, headers={**signed, **headers})
        assert answer.status_code != 403 or answer.data == b""
        return answer.status_code

    def sign(token: str, url: str, form: dict[str, str] = form) -> str:
        signature: str = RequestValidator(token).compute_signature(url, form)
        return signature

    inside = f"http://127.0.0.1:{server.port}{path}"
    right = sign(TOKEN, url)
    assert status(None) == status("") == status("x" * 28) == 403
    assert status(sign("another token", url)) == 403
    assert status(sign(TOKEN, inside)) == 403
    assert status(sign(TOKEN, url + "?a=1")) == 403
    assert status(sign(TOKEN, url, {**form, "Body": "2"})) == 403
    forwarded = {"X-Forwarded-Proto": "http", "X-Forwarded-Host": f"127.0.0.1:{server.port}"}
    assert status(sign(TOKEN, inside), **forwarded) == 403
    assert status(right, **forwarded) == status(right) in (200, 204)


def test_a_proxy_may_leave_the_prefix_on(on_postgres: Played) -> None:
    server = on_postgres.server
    assert Texter(server.carrier(inside=server.prefix), on_postgres.number(7002)).text("hello")


# --- Once, and all of them ------------------------------------------------------------------------


def at_once(number: int, act: Any) -> list[Any]:
    """What `number` threads get that all do `act(place)` at the same moment."""
    barrier = Barrier(number)

    def together(place: int) -> Any:
        barrier.wait()
        return act(place)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(together, range(number)))


def test_the_same_webhook_five_times_at_once_is_one_turn(played: Played) -> None:
    server = played.server
    carrier = server.carrier()
    before = len(server.export())
    texter = Texter(carrier, played.number(7003))
    texter.text("hello")
    form = texter.fields("agree")
    answers = at_once(5, lambda _: carrier.post(f"{server.public_url}/sms", form))
    again = carrier.post(f"{server.public_url}/sms", form)
    assert len({answer.data for answer in [*answers, again]}) == 1
    assert "Any new trouble peeing?" in (read_twiml(again)[0].text or "")
    (conversation,) = server.export()[before:]
    assert [turn["heard"] for turn in conversation["turns"]] == ["hello", "agree"]


def test_a_retried_call_is_one_turn_too(played: Played) -> None:
    server = played.server
    carrier = server.carrier()
    before = len(server.export())
    form = Call(carrier, played.number(7004)).fields(CallStatus="ringing")
    answers = at_once(5, lambda _: carrier.post(f"{server.public_url}/voice", form))
    assert len({answer.data for answer in answers}) == 1
    (conversation,) = server.export()[before:]
    assert len(conversation["turns"]) == 1


def test_two_hundred_people_at_the_same_moment_lose_nothing(played: Played) -> None:
    server = played.server
    before = len(server.export())

    def talk(place: int) -> str:
        texter = Texter(server.carrier(), played.number(1000 + place))
        for words in ("hello", "agree"):
            (said,) = texter.text(words)
        return said

    asked = at_once(200, talk)
    assert all("Any new trouble peeing?" in said for said in asked)
    new = server.export()[before:]
    assert len(new) == 200
    assert {tuple(turn["heard"] for turn in one["turns"]) for one in new} == {("hello", "agree")}


def test_one_person_who_texts_ten_times_at_once_is_taken_in_turn(played: Played) -> None:
    server = played.server
    before = len(server.export())
    texter = Texter(server.carrier(), played.number(7005))
    said = at_once(10, lambda _: texter.text("hello"))
    assert all(said)
    (conversation,) = server.export()[before:]
    assert [turn["number"] for turn in conversation["turns"]] == list(range(1, 11))


# --- When a part fails ----------------------------------------------------------------------------


def test_the_database_file_is_taken_away_and_comes_back(on_sqlite: Played) -> None:
    server = on_sqlite.server
    texter = Texter(server.carrier(), on_sqlite.number(7006))
    texter.text("hello")
    texter.text("agree")
    call = Call(server.carrier(), on_sqlite.number(7007)).ring()
    files = list(server.folder.glob("backline.sqlite3*"))
    away = server.folder / "away"
    away.mkdir()
    for file in files:
        file.rename(away / file.name)
    (net,) = texter.text("2")
    assert "Call 911 or go to the ER at once for" in net
    assert "Please call the clinic: (202) 555-0143" in net
    call.press("1")
    assert call.ended
    assert "2 0 2, 5 5 5, 0 1 4 3" in call.heard[-1]
    assert server.wire.request("GET", "/healthz").status_code == 503
    for file in server.folder.glob("backline.sqlite3*"):
        file.unlink()
    for file in files:
        (away / file.name).rename(file)
    (question,) = texter.text("2")
    assert "Any numbness or tingling" in question
    assert server.wire.request("GET", "/healthz").status_code == 200


def test_postgresql_is_stopped_and_comes_back(
    on_postgres: Played, postgres: PostgresServer
) -> None:
    server = on_postgres.server
    texter = Texter(server.carrier(), on_postgres.number(7008))
    texter.text("hello")
    texter.text("agree")
    postgres.stop("immediate")
    (net,) = texter.text("2")
    assert "Call 999 or go to A&E at once for" in net
    assert server.wire.request("GET", "/healthz").status_code == 503
    postgres.start()
    (question,) = texter.text("2")
    assert "Any numbness or tingling" in question
    assert server.wire.request("GET", "/healthz").status_code == 200


def test_killed_at_once_it_loses_and_repeats_nothing(tmp_path: Path) -> None:
    """Started again, on the same port, it goes on; told to stop, it ends with 0."""
    with Server(tmp_path) as server:
        texter = Texter(server.carrier())
        texter.text("hello")
        texter.text("agree")
        form = texter.fields("2")
        carrier = server.carrier()
        first = carrier.post(f"{server.public_url}/sms", form)
        server.stop(signal.SIGKILL)
        server.start()
        assert carrier.post(f"{server.public_url}/sms", form).data == first.data
        assert "Any new loss of control" in texter.text("2")[0]
        (conversation,) = server.export()
        assert [turn["heard"] for turn in conversation["turns"]] == ["hello", "agree", "2", "2"]
        busy = server.command("serve", "--host", "127.0.0.1")
        assert busy.returncode == 1
        assert f"Port {server.port} cannot be listened on" in busy.stderr
        assert "Traceback" not in busy.stderr
        assert server.stop() == 0
        assert "hello" not in server.log
        assert "2025550199" not in server.log
