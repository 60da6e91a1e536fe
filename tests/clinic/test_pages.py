"""The desk's pages as they are answered: whose they are, what is on the audit log, what agrees."""

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.settings import Settings, read_settings
from app.web import create_app
from clinic.plots import NARROW, Bars, Series, rows_of, stacked
from duty.roles import Role
from store.blocking import read_blocked
from store.callbacks import Callbacks
from store.clinics import add_clinic, ensure_clinic
from store.database import Database
from store.desk_tables import audit
from store.review import conversations
from store.sealing import Sealer
from store.sessions import Sessions, Stage
from store.staff import StaffBook
from tests.app.test_settings import CARRIER
from tests.clinic.running import HILL, desk_cookie
from tests.twiml_player import Carrier, Texter

BASE = "https://line.example"
NUMBER, OTHER = "+12025550143", "+12025550199"
SAID = "my shin since the tombola"


class Visitor:
    """A client that is signed in at one clinic's desk."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self.client, self.token = client, token

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        got = self.client.get(f"/desk{path}", base_url=BASE, headers=headers)
        return got.status_code, got.get_data(as_text=True)

    def post(self, path: str, **form: str) -> tuple[int, str]:
        given = {**form, "csrf_token": self.token}
        got = self.client.post(f"/desk{path}", data=given, base_url=BASE)
        return got.status_code, got.get_data(as_text=True)


class Installation:
    """The application over a database of its own, with two clinics."""

    def __init__(self, folder: Path, blank: Path, reading: str = "0") -> None:
        url = f"sqlite:///{folder}/line.sqlite3"
        shutil.copyfile(blank, folder / "line.sqlite3")
        environ = {**CARRIER, "DATABASE_URL": url, "BACKLINE_READING_SECONDS": reading}
        environ |= {"BACKLINE_LOCALE": "en-US", "PUBLIC_URL": BASE}
        self.settings: Settings = read_settings(environ, folder)
        self.database, self.sealer = Database(url), Sealer(self.settings.secret_key)
        ensure_clinic(self.database, "Harbour Clinic", "en-US")
        self.hill = add_clinic(self.database, HILL)
        self.application = create_app(self.settings)
        self._staff = 0

    def text(self, *said: str, number: str = NUMBER) -> str:
        """Somebody texts; gives the id of their conversation."""
        carrier = Carrier(self.application.test_client(), CARRIER["TWILIO_AUTH_TOKEN"], BASE)
        texter = Texter(carrier, number=number)
        for words in said:
            texter.text(words)
        return list(conversations(self.database, self.sealer, 1))[-1].id

    def visitor(self, role: Role, clinic: int = 1) -> Visitor:
        at, book = datetime.now(UTC), StaffBook(self.database, self.sealer)
        self._staff += 1
        person = book.add(f"ann{self._staff}", "Ann Example", at)
        key, begins = Sessions(self.database, self.sealer).begin(person, Stage.IN, at, clinic)
        with self.database.link() as link:
            link.write([book.giving_role(person, clinic, role), begins])
        client = self.application.test_client()
        cookie = desk_cookie(self.sealer, BASE, key)
        client.set_cookie("__Host-desk", cookie, domain="line.example", secure=True)
        page = client.get("/desk/", base_url=BASE).get_data(as_text=True)
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token is not None
        return Visitor(client, token[1])

    def audited(self) -> Counter[str]:
        """What is on the first clinic's audit log."""
        find = self.database.query(select(audit.c.action).where(audit.c.clinic_id == 1))
        with self.database.link() as link:
            return Counter(action for (action,) in link.read(find, {}))


@pytest.fixture
def here(tmp_path: Path, blank: Path) -> Iterator[Installation]:
    made = Installation(tmp_path, blank)
    yield made
    made.database.close()


@pytest.fixture(scope="module")
def three(
    tmp_path_factory: pytest.TempPathFactory, blank: Path
) -> Iterator[tuple[Installation, Visitor]]:
    """Somebody at a desk with what waits, is in hand and theirs, goes on, and was erased."""
    made = Installation(tmp_path_factory.mktemp("three"), blank)
    ann = made.visitor(Role.ADMIN)
    made.text("hello", "agree", "yes")
    mine = made.text("hello", "agree", "yes", number=OTHER)
    assert ann.post(f"/conversations/{mine}/acknowledge")[0] == 303
    assert ann.post(f"/conversations/{mine}/assign", to="1")[0] == 303
    made.text("hola", "acepto", "no", number="+12025550101")
    made.text("hello", number="+12025550102")
    form = {"number": "+12025550102", "reason": "request", "typed": "ERASE"}
    assert ann.post("/erase/done", **form)[0] == 200
    yield made, ann
    made.database.close()


def test_what_was_skipped_is_named_where_it_led_to_help(here: Installation) -> None:
    """On the card and on the page, as a flag is; and what was not asked is one line."""
    id_ = here.text("hello", "agree", "skip", "skip")
    ann = here.visitor(Role.CLINICIAN)
    assert "Skipped: Any new trouble peeing?" in ann.get("/")[1]
    page = ann.get(f"/conversations/{id_}")[1]
    assert 'class="verdict verdict-T2"' in page
    assert "Skipped: <strong>Any new trouble peeing?" in page
    assert "Flagged" not in page
    assert "<summary>20 questions were not asked</summary>" in page
    assert page.index("What next") < page.index('<ol class="timeline">')


def test_why_something_was_not_understood_is_said_in_words(here: Installation) -> None:
    id_ = here.text("hello", "agree", "purple", "yes no")
    page = here.visitor(Role.READER).get(f"/conversations/{id_}")[1]
    assert "The first words, before anything was asked" in page
    assert "Not understood: no answer was found in it" in page
    assert "rule <code>unknown</code>" in page
    assert "Not understood: it says two things at once" in page
    assert "Understood: yes <span" in page


def test_an_answer_that_was_too_soon_is_said_to_be_none(tmp_path: Path, blank: Path) -> None:
    made = Installation(tmp_path, blank, reading="30")
    id_ = made.text("hello", "agree")
    page = made.visitor(Role.READER).get(f"/conversations/{id_}")[1]
    assert "Not taken as an answer: it came too soon after the question." in page
    made.database.close()


def test_another_clinics_conversation_is_not_there(here: Installation) -> None:
    """Whoever works elsewhere sees 404 at every address of it, and changes nothing."""
    id_ = here.text(SAID, "agree", "yes")
    ours, theirs = here.visitor(Role.ADMIN), here.visitor(Role.ADMIN, here.hill)
    place = f"/conversations/{id_}"
    for path in (place, f"{place}/record"):
        assert ours.get(path)[0] == 200
        assert theirs.get(path)[0] == 404
    before = here.audited()
    for path in ("acknowledge", "note", "assign", "outcome", "release", "number", "block"):
        form = {"note": "x", "outcome": "other", "why": "x", "sure": "yes", "reason": "x"}
        assert theirs.post(f"{place}/{path}", **form)[0] == 404
    assert here.audited() == before
    assert id_ not in theirs.get("/")[1]
    assert id_ not in theirs.post("/search", **{"for": NUMBER})[1]
    assert id_ not in theirs.post("/search", **{"for": "tombola"})[1]
    assert theirs.post("/erase", number=NUMBER)[0] == 422
    assert theirs.post("/erase", conversation=id_)[0] == 422
    assert id_ not in theirs.post("/export/file", form="jsonl")[1]
    assert ours.get("/conversations/nonsense")[0] == 404


def test_a_reader_looks_and_no_more(here: Installation) -> None:
    id_ = here.text(SAID, "agree", "yes")
    reader = here.visitor(Role.READER)
    assert "Acknowledge" not in reader.get("/")[1]
    assert "Add the note" not in reader.get(f"/conversations/{id_}")[1]
    for path in ("acknowledge", "note", "assign", "outcome", "release"):
        assert reader.post(f"/conversations/{id_}/{path}", note="x")[0] == 403
    for path in ("/export", "/erase"):
        assert reader.get(path)[0] == 403
    clinician = here.visitor(Role.CLINICIAN)
    assert clinician.post(f"/conversations/{id_}/acknowledge")[0] == 303
    assert clinician.get("/erase")[0] == 403


def test_what_is_looked_at_and_done_is_audited_without_words_or_numbers(
    here: Installation,
) -> None:
    id_ = here.text(SAID, "agree", "yes")
    ann = here.visitor(Role.ADMIN)
    ann.get(f"/conversations/{id_}")
    ann.post(f"/conversations/{id_}/number")
    ann.post("/search", **{"for": "tombola"})
    ann.post("/search", **{"for": NUMBER})
    ann.post(f"/conversations/{id_}/acknowledge")
    ann.post(f"/conversations/{id_}/note", note="a secret note")
    ann.post(f"/conversations/{id_}/outcome", outcome="other")
    ann.post("/export", form="csv")
    ann.post("/erase/done", number=NUMBER, reason="request", typed="ERASE")
    assert here.audited() == {
        "conversation.viewed": 1,
        "number.shown": 1,
        "searched": 2,
        "conversation.acknowledged": 1,
        "conversation.noted": 1,
        "conversation.called_back": 1,
        "exported": 1,
        "erased": 1,
    }
    with here.database.link() as link:
        rows = repr(link.read(here.database.query(select(audit)), {}))
    for private in ("tombola", NUMBER, "secret note"):
        assert private not in rows


def test_the_list_is_not_sent_again_while_nothing_changes(here: Installation) -> None:
    here.text("hello")
    ann = here.visitor(Role.READER)
    got = ann.client.get("/desk/live", base_url=BASE)
    tag = got.headers["ETag"]
    assert got.headers["Backline-Waiting"] == "0"
    again = ann.client.get("/desk/live", base_url=BASE, headers={"If-None-Match": tag})
    assert again.status_code in (304, 200)  # 200: the minute has passed
    here.text("hello", "agree", "yes", number=OTHER)
    fresh = ann.client.get("/desk/live", base_url=BASE, headers={"If-None-Match": tag})
    assert (fresh.status_code, fresh.headers["Backline-Waiting"]) == (200, "1")


def test_the_figures_are_those_of_the_export(here: Installation) -> None:
    here.text("hello", "agree", "no")
    here.text("hello", "agree", "yes", number=OTHER)
    here.text("hola", "acepto", "?", number="+12025550101")
    ann = here.visitor(Role.ADMIN)
    status, page = ann.get("/figures")
    assert status == 200
    lines = ann.post("/export/file", form="jsonl")[1].splitlines()
    records = [json.loads(line) for line in lines]
    totals = [int(n) for n in re.findall(r'<div class="total"><dt>[^<]*</dt><dd>(\d+)', page)]
    tiers = Counter(record["tier"] or "open" for record in records)
    wanted = [len(records), *(tiers[t] for t in ("T1", "T2", "T3", "T4", "T5", "T0", "open"))]
    assert totals[:8] == wanted
    assert ann.get("/figures?from=2031-01-01&to=2030-01-01")[0] == 200


@pytest.mark.parametrize(
    "narrowed",
    [
        {},
        {"tier": "T1"},
        {"state": "waiting"},
        {"state": "in_hand"},
        {"state": "open"},
        {"state": "ended"},
        {"state": "erased"},
        {"channel": "sms", "language": "es"},
        {"question": "bladder"},
        {"mine": "1"},
        {"to": "2026-01-01"},
    ],
    ids=lambda narrowed: " ".join(narrowed.values()) or "nothing",
)
def test_an_export_is_narrowed_by_what_the_inbox_is(
    three: tuple[Installation, Visitor], narrowed: dict[str, str]
) -> None:
    """The same are in both, but for what was erased: an export has nothing of that."""
    _, ann = three
    listed = re.findall(r'data-id="([^"]+)"', ann.get(f"/?{urlencode(narrowed)}")[1])
    lines = ann.post("/export/file", form="jsonl", **narrowed)[1].splitlines()
    found = [json.loads(line)["id"] for line in lines]
    wanted = [] if narrowed.get("state") == "erased" else sorted(listed)
    assert sorted(found) == wanted
    said = ann.post("/export", form="jsonl", **narrowed)[1]
    assert (f"{len(found)} conversation" in said) is (found != [])
    assert ("No conversation is like that" in said) is (found == [])


def test_a_release_without_a_hold_says_so(here: Installation) -> None:
    id_ = here.text("hello")
    ann = here.visitor(Role.CLINICIAN)
    assert ann.post(f"/conversations/{id_}/release", why="x")[0] == 303
    assert ann.post(f"/conversations/{id_}/release", why="x", sure="yes")[0] == 303
    assert "nothing to release" in ann.get(f"/conversations/{id_}")[1]


def test_a_blocked_number_is_answered_no_more_until_it_is_released(here: Installation) -> None:
    """From the conversation or by its number; the page shows no whole number; both are logged."""
    id_ = here.text("hello", "agree")
    ann = here.visitor(Role.CLINICIAN)
    assert "Nothing was blocked" in ann.post(f"/conversations/{id_}/block", reason=" ")[1]
    assert ann.post(f"/conversations/{id_}/block", reason="adverts")[0] == 303
    assert ann.post("/blocked", number=NUMBER, reason="again")[0] == 303
    _, page = ann.get("/blocked")
    assert ("blocked already" in page, "ends in 43" in page) == (True, True)
    assert NUMBER not in page
    (kept,) = read_blocked(here.database, here.sealer, 1)
    here.application = create_app(here.settings)  # which reads the list anew
    here.text("no")
    assert "the number is blocked" in ann.get(f"/conversations/{id_}")[1]
    assert ann.post(f"/blocked/{kept.id}/release")[0] == 303
    _, page = ann.get("/blocked")
    assert "No number is blocked" in page
    assert ann.post(f"/blocked/{kept.id}/release")[0] == 303
    assert "not blocked any more" in ann.get("/blocked")[1]
    audited = here.audited()
    assert (audited["number.blocked"], audited["number.unblocked"]) == (2, 2)


@pytest.mark.parametrize(
    ("path", "form", "says"),
    [
        ("/blocked", {"number": "12", "reason": "adverts"}, "no whole phone number"),
        ("/blocked", {"number": NUMBER, "reason": ""}, "Say why"),
    ],
)
def test_what_cannot_be_blocked_is_told(
    here: Installation, path: str, form: dict[str, str], says: str
) -> None:
    status, page = here.visitor(Role.CLINICIAN).post(path, **form)
    assert (status, says in page) == (422, True)


def test_t5_is_no_examination(here: Installation) -> None:
    well = ("hello", "agree", *["no"] * 13, "yes", "yes", *["no"] * 5, "yes")
    id_ = here.text(*well)
    page = here.visitor(Role.READER).get(f"/conversations/{id_}")[1]
    assert "No flags reported, not an examination." in page


def test_spanish_from_end_to_end(here: Installation) -> None:
    id_ = here.text(SAID, "agree", "yes")
    ann = here.visitor(Role.ADMIN)
    for path in ("/", f"/conversations/{id_}", "/figures", "/flow", "/export", "/erase"):
        status, page = ann.get(path, **{"Accept-Language": "es"})
        assert status == 200
        assert '<html lang="es"' in page
    _, page = ann.get("/", **{"Accept-Language": "es"})
    assert "1 conversación necesita a alguien" in page


def test_addresses_that_make_no_sense_are_as_if_nothing_was_chosen(here: Installation) -> None:
    id_ = here.text("hello")
    ann = here.visitor(Role.READER)
    for query in (
        "tier=T9",
        "from=yesterday",
        "after=9.x",
        "after=1",
        "question=nothing",
        "mine=x",
    ):
        status, page = ann.get(f"/?{query}")
        assert (status, id_ in page) == (200, True)
    assert "No conversation is like that" in ann.get("/?tier=T1")[1]


def test_the_marks_of_a_plot_add_up() -> None:
    """Nothing stands outside the picture, and a taller mark is more."""
    days = [datetime(2026, 3, day, tzinfo=UTC).date() for day in range(1, 31)]
    plot = stacked([Series(day, (("T1", day.day), ("T5", 3))) for day in days])
    assert sum(mark.count for mark in plot.marks) == sum(range(1, 31)) + 90
    assert all(mark.y >= 0 and mark.y + mark.height <= 240 for mark in plot.marks)
    assert all(mark.x >= 40 and mark.x + mark.width <= 720 for mark in plot.marks)
    assert [value for _, value in plot.ticks] == [0, 10, 20, 30, 40]
    assert stacked([]).marks == ()
    narrow = stacked([Series(day, (("T1", 1),)) for day in days], NARROW)
    for drawn in (plot, narrow):
        assert drawn.days[-1][1] == days[-1]
        places = [x for x, _ in drawn.days]
        assert all(after - before > 50 for before, after in pairwise(places))
        assert places[-1] + 30 <= drawn.width
    assert all(mark.x + mark.width <= NARROW for mark in narrow.marks)
    one, two = rows_of([Bars("a", 4, 1), Bars("b", 2, 0)])
    assert (one.width, one.part, two.width) == (one.part * 4, two.width / 2, one.width / 2)


def test_the_number_shown_is_the_one_to_call_back(here: Installation) -> None:
    """Whoever spoke to a speaker has no number that the line sees, and gave one instead."""
    id_ = here.text(SAID)
    Callbacks(here.database, here.sealer, 1).keep(NUMBER, "+12025550155")
    status, shown = here.visitor(Role.READER).post(f"/conversations/{id_}/number")
    assert status == 200
    assert "+12025550155" in shown
