"""Who may use the page, and what it never does."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.content import DRAFT, sentence
from app.settings import Settings, read_settings
from app.web import create_app
from clinic.cookies import DeskCookies
from duty.clinic import FIRST, TRIAL
from duty.roles import Role
from flows.definition import read_locales
from handset import pages
from handset.interface import LANGUAGES, interface
from handset.visit import COOKIE, Visit, new_visit, seal, unseal
from store.clinics import read_clinics
from store.database import Database
from store.inbox import read_page
from store.migrate import upgrade
from store.review import EVERY, conversations, count
from store.sealing import Sealer
from store.sessions import Stage
from tests.app.test_settings import CARRIER

PUBLIC_URL = "https://line.example"
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("line")
    url = f"sqlite:///{folder}/line.sqlite3"
    upgrade(url)
    return read_settings({"DATABASE_URL": url, "BACKLINE_READING_SECONDS": "0"}, folder)


@pytest.fixture(scope="module")
def app(settings: Settings) -> Flask:
    return create_app(settings)


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    """Somebody who has opened the page."""
    client = app.test_client()
    assert client.get("/try").status_code == 200
    return client


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    database = Database(settings.database_url)
    yield database
    database.close()


def sid(client: FlaskClient) -> str:
    found = re.search(r'name="sid" value="([0-9a-f]{32})"', client.get("/try").text)
    assert found is not None
    return found.group(1)


def text(client: FlaskClient, words: str, **headers: str) -> str:
    """What the page shows after a text."""
    form = {"words": words, "sid": sid(client)}
    answer = client.post("/try/text", data=form, headers=headers, follow_redirects=True)
    return answer.text


# --- Who ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def with_carrier(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    environ = {
        **CARRIER,
        "PUBLIC_URL": PUBLIC_URL,
        "DATABASE_URL": settings.database_url,
        "BACKLINE_SECRET_KEY": settings.secret_key,
    }
    return create_app(read_settings(environ, tmp_path_factory.mktemp("empty")))


def test_with_a_carrier_there_is_no_such_page(with_carrier: Flask) -> None:
    client = with_carrier.test_client()
    for path in ("/try", "/try/transcript", "/try/static/handset.css"):
        assert client.get(path).status_code == 404
    assert client.post("/try/text", data={"words": "hello"}).status_code == 404


def test_with_a_carrier_it_is_there_for_staff(with_carrier: Flask, database: Database) -> None:
    """For those who are signed in, all the way; it is a trial for them, too."""
    office = with_carrier.extensions["desk"]
    now = datetime.now(UTC)
    person = office.staff.add("ann", "Ann Example", now)
    client = with_carrier.test_client()
    cookies = with_carrier.session_interface
    assert isinstance(cookies, DeskCookies)
    sign = cookies.get_signing_serializer(with_carrier)
    assert sign is not None

    def status_at(stage: Stage) -> int:
        key, begin = office.sessions.begin(person, stage, now, FIRST)
        with database.link() as link:
            link.write([(office.staff.giving_role(person, FIRST, Role.READER)), begin])
        client.set_cookie("__Host-desk", sign.dumps({"key": key}), domain="line.example")
        return client.get("/try", base_url=PUBLIC_URL).status_code

    assert status_at(Stage.CODE) == 404
    with database.link() as link:
        link.write([office.staff.taking_role(person, FIRST)])
    assert status_at(Stage.IN) == 200
    before = count(database, TRIAL, EVERY)
    form = {"words": "hello", "sid": "1" * 32}
    page = client.post("/try/text", data=form, base_url=PUBLIC_URL, follow_redirects=True)
    assert "call 999 now" in page.text
    assert count(database, TRIAL, EVERY) == before + 1
    client.set_cookie("__Host-desk", sign.dumps({"key": "another"}), domain="line.example")
    assert client.get("/try", base_url=PUBLIC_URL).status_code == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://localhost"}, 303),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_another_sites_page_cannot_use_it(
    visitor: FlaskClient, headers: dict[str, str], status: int
) -> None:
    form = {"words": "hello", "sid": sid(visitor)}
    answer = visitor.post("/try/text", data=form, headers=headers)
    assert answer.status_code == status


def test_without_a_cookie_nothing_is_sent(app: Flask, database: Database) -> None:
    before = count(database, TRIAL, EVERY)
    answer = app.test_client().post("/try/text", data={"words": "hello", "sid": "0" * 32})
    assert answer.status_code == 409
    assert "so you have a new phone" in answer.text
    assert ">hello</textarea>" in answer.text
    assert count(database, TRIAL, EVERY) == before


def test_the_cookie_is_sealed_and_kept_from_scripts(visitor: FlaskClient, app: Flask) -> None:
    answer = visitor.get("/try")
    header = answer.headers["Set-Cookie"]
    for wanted in ("HttpOnly", "SameSite=Lax", "Path=/try", "Max-Age=86400"):
        assert wanted in header
    assert "client:" not in header
    secure = app.test_client().get("/try", base_url="https://line.example")
    assert "Secure" in secure.headers["Set-Cookie"]
    assert "'unsafe" not in answer.headers["Content-Security-Policy"]


def test_nobody_can_write_a_cookie(app: Flask) -> None:
    sealer, other = Sealer("s" * 32), Sealer("t" * 32)
    visit = new_visit("en-US")
    assert unseal(sealer, seal(sealer, visit)) == visit
    assert unseal(sealer, seal(other, visit)) is None
    for wrong in ("", "x", "ä", seal(sealer, visit)[:-4], "AAAA" * 9):
        assert unseal(sealer, wrong) is None
    client = app.test_client()
    client.set_cookie(COOKIE, "anything", path="/try")
    assert client.get("/try").status_code == 200


# --- What it never does ---------------------------------------------------------------------------


def test_a_trial_is_nobodys_patient(visitor: FlaskClient, database: Database) -> None:
    """It is on a log of its own: in no list of clinics, no figure and no export of a clinic's.

    So with a carrier, as above, and so for another country's line without one.
    """
    before, ours = count(database, TRIAL, EVERY), count(database, FIRST, EVERY)
    visitor.post("/try/new", data={"locale": "en-GB"})
    text(visitor, "hello")
    assert count(database, TRIAL, EVERY) == before + 1
    assert count(database, FIRST, EVERY) == ours
    assert [clinic.id for clinic in read_clinics(database)] == [FIRST]


def test_without_a_carrier_the_desk_shows_what_was_tried_out(
    visitor: FlaskClient, database: Database
) -> None:
    """Nobody else can write or call then, and staff can see what their lists would be."""
    for words in ("hello", "agree", "1"):
        text(visitor, words)
    card = read_page(database, FIRST).cards[0]
    assert (card.told, card.disposition) == (("T1",), "emergency")


def test_every_visitor_has_a_phone_of_their_own(
    app: Flask, settings: Settings, database: Database
) -> None:
    """None of them is a number that anybody could have."""
    for words in ("hello", "good day"):
        client = app.test_client()
        client.get("/try")
        text(client, words)
    sealer = Sealer(settings.secret_key)
    addresses = [one.address for one in conversations(database, sealer, FIRST, numbers=True)]
    assert len(set(addresses)) == len(addresses) >= 2
    assert all(address and address.startswith("client:trial_") for address in addresses)


def test_nobodys_words_are_logged_or_in_a_url(
    visitor: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    form = {"words": "my bottom is numb", "sid": sid(visitor)}
    answer = visitor.post("/try/text", data=form)
    assert answer.headers["Location"] == "/try#text"
    logged = capsys.readouterr().err
    assert '"path":"/try/text","status":303' in logged
    assert '"path":"/sms","status":200' in logged
    for secret in ("numb", "client", form["sid"]):
        assert secret not in logged


# --- Measure, and what goes wrong -----------------------------------------------------------------


def test_the_same_form_twice_is_one_text(visitor: FlaskClient, database: Database) -> None:
    form = {"words": "hello", "sid": sid(visitor)}
    visitor.post("/try/text", data=form)
    page = visitor.post("/try/text", data=form, follow_redirects=True).text
    assert page.count('class="person"') == 1


@pytest.mark.parametrize(
    ("path", "form", "sentence"),
    [
        ("text", {"words": "x" * 1601}, "A text holds 1,600 characters at most"),
        ("text", {"words": "hello", "sid": "1"}, "That is nothing that a phone can do."),
        ("call", {"act": "fly"}, "That is nothing that a phone can do."),
        ("call", {"key": "11"}, "That is nothing that a phone can do."),
        ("call", {"key": "1"}, "The call is over."),
        ("call", {"act": "say", "words": "y" * 501}, "speech 500"),
        ("call", {"act": "clinic_answers"}, "The call is over."),
    ],
)
def test_what_a_phone_cannot_do_is_answered_with_a_sentence(
    visitor: FlaskClient, path: str, form: dict[str, str], sentence: str
) -> None:
    answer = visitor.post(f"/try/{path}", data={"sid": "0" * 32, **form})
    assert answer.status_code == 409
    assert sentence in answer.text
    if len(form.get("words", "")) > 1:
        assert form["words"] in answer.text


def test_a_clinic_that_is_not_being_rung_cannot_answer(visitor: FlaskClient) -> None:
    visitor.post("/try/call", data={"act": "ring", "sid": sid(visitor)})
    answer = visitor.post("/try/call", data={"act": "clinic_answers"})
    assert "That cannot be done at this place of the call." in answer.text
    assert 'id="key-1"' in answer.text


def test_hanging_up_twice_is_once(visitor: FlaskClient) -> None:
    """The line may have been quicker."""
    visitor.post("/try/call", data={"act": "ring", "sid": sid(visitor)})
    for _ in range(2):
        assert visitor.post("/try/call", data={"act": "hang_up"}).status_code == 303
    assert visitor.get("/try").text.count("The call ends.") == 2  # in the call, and on the log


def test_a_call_that_nobody_goes_on_with_is_cut_off(visitor: FlaskClient) -> None:
    visitor.post("/try/call", data={"act": "ring", "sid": sid(visitor)})
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=61)):
        assert "The call has ended." in visitor.get("/try").text


def test_a_new_phone_ends_the_call_of_the_old_one(
    visitor: FlaskClient, settings: Settings, database: Database
) -> None:
    visitor.post("/try/call", data={"act": "ring", "sid": sid(visitor)})
    page = visitor.post("/try/new", data={"locale": "xx"}, follow_redirects=True).text
    assert "Nobody is on the line." in page
    *_, old = conversations(database, Sealer(settings.secret_key), FIRST)
    assert old.turns[-1].utterance.kind == "hang_up"


def test_there_is_an_end(visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one phone's turns, and of the phones of an hour."""
    monkeypatch.setattr(pages, "TURNS_AT_MOST", 2)
    text(visitor, "hello")
    text(visitor, "agree")
    assert "Start with a new one." in text(visitor, "2")
    monkeypatch.setattr(pages, "PHONES_AN_HOUR", 1)
    visitor.post("/try/new", data={})
    answer = visitor.post("/try/text", data={"words": "hello", "sid": sid(visitor)})
    assert answer.status_code == 429
    assert "within the last hour" in answer.text


def test_without_its_database_the_line_gives_the_safety_net(
    visitor: FlaskClient, settings: Settings
) -> None:
    """The visitor sees it, and that it is not on the log; and goes on when the log is back."""
    text(visitor, "hello")
    file = Path(settings.database_url.removeprefix("sqlite:///"))
    files = [one for one in file.parent.iterdir() if one.name.startswith(file.name)]
    away = file.parent / "away"
    away.mkdir()
    number = "0" * 32
    for one in files:
        one.rename(away / one.name)
    visitor.post("/try/text", data={"words": "agree", "sid": number})
    visitor.post("/try/call", data={"act": "ring", "sid": number})
    answer = visitor.get("/try")
    assert answer.status_code == 503
    assert "The log cannot be read just now." in answer.text
    assert "Call 9 1 1 or go to the ER at once" in answer.text
    assert visitor.get("/try/transcript").status_code == 503
    for one in files:
        (away / one.name).rename(one)
    answer = visitor.get("/try")
    assert answer.status_code == 200
    assert "Not on the log" in answer.text
    assert "Any new trouble peeing?" in text(visitor, "agree")


# --- Saved ----------------------------------------------------------------------------------------


def test_nothing_said_is_nothing_to_save(visitor: FlaskClient, app: Flask) -> None:
    for client in (visitor, app.test_client()):
        assert client.get("/try/transcript").status_code == 303


def test_a_trial_behind_a_prefix(settings: Settings) -> None:
    """The public address is what is signed, and what the page's own links are below."""
    app = create_app(replace(settings, public_url="https://clinic.example/line"))
    client = app.test_client()
    base = "https://clinic.example/"
    page = client.get("/line/try", base_url=base)
    assert 'action="/line/try/text"' in page.text
    assert "Path=/line/try" in page.headers["Set-Cookie"]
    form = {"words": "hello", "sid": "0" * 32}
    answer = client.post("/line/try/text", data=form, base_url=base, follow_redirects=True)
    assert "Reply AGREE to start" in answer.text


def test_a_text_that_was_too_soon_is_said_to_be_no_answer(settings: Settings) -> None:
    client = create_app(replace(settings, reading_seconds=30)).test_client()
    assert client.get("/try").status_code == 200
    assert "not taken as an answer" not in text(client, "hello")
    assert "not taken as an answer: it came too soon after the question" in text(client, "agree")


def test_a_draft_is_called_so_in_the_language_of_the_page(visitor: FlaskClient) -> None:
    assert interface("en")("draft") == sentence(DRAFT)
    assert "Draft content, not signed off." in visitor.get("/try").text
    page = visitor.post("/try/language", data={"language": "es"}, follow_redirects=True).text
    assert "Contenido en borrador, sin firmar." in page
    assert "not signed off" not in page


def test_the_page_is_in_each_language_as_a_whole() -> None:
    """Every sentence of one is in the other, with the same things to fill in; and each country."""
    english, spanish = (
        tomllib.loads((ROOT / "handset" / "interface" / f"{language}.toml").read_text())
        for language in LANGUAGES
    )
    countries = {key: spanish.pop(key) for key in read_locales()}
    assert all(countries.values())
    assert english.keys() == spanish.keys()
    for key, said in english.items():
        fields = [sorted(re.findall(r"{(\w+)}", one)) for one in (said, spanish[key])]
        assert fields[0] == fields[1], key


def test_a_visit_says_nothing_of_a_conversation() -> None:
    assert set(Visit.__struct_fields__) == {
        "contact", "locale", "language", "call", "unlogged", "unlogged_by_phone",
    }  # fmt: skip
