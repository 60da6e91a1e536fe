"""What every page tells the browser, the one cookie, and what a webhook does not pay for."""

from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask

from app.web import create_app
from clinic import rendering
from clinic.settings_form import GROUPS, settled_fields
from duty.roles import Role
from tests.app.test_settings import read
from tests.clinic.office import Desk, token_on

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@pytest.fixture(scope="module")
def public(migrated: Path) -> Flask:
    """The desk behind https://line.example.org/backline."""
    return create_app(read(migrated.parent, DATABASE_URL=f"sqlite:///{migrated}"))


@pytest.mark.parametrize("path", ["/desk/sign-in", "/desk/", "/desk/nothing", "/desk/static/x"])
def test_every_answer_is_strict(desk: Desk, path: str) -> None:
    """A page, a redirect, a failure: nothing is kept, framed, or run that is not ours."""
    headers = desk.browser().get(path).headers
    assert headers["Content-Security-Policy"] == POLICY
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert "microphone=()" in headers["Permissions-Policy"]


def test_templates_hold_no_style_and_no_script_of_their_own() -> None:
    """The policy would forbid it, and only a browser would tell."""
    for path in (Path(rendering.__file__).parent / "templates").rglob("*.html"):
        text = path.read_text()
        for inline in (" style=", "<style", "javascript:", " onclick=", " onsubmit=", " onchange="):
            assert inline not in text, f"{path.name}: {inline}"


def test_the_stylesheet_may_be_kept_until_it_changes(desk: Desk) -> None:
    page = desk.browser().get("/desk/sign-in").text
    address = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    answer = desk.browser().get(address)
    assert answer.mimetype == "text/css"
    assert "immutable" in answer.headers["Cache-Control"]


def test_the_cookie_on_ones_own_machine(desk: Desk) -> None:
    cookie = desk.app.test_client().get("/desk/sign-in").headers["Set-Cookie"]
    assert cookie.startswith("desk=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


@pytest.mark.parametrize(
    "base", ["https://line.example.org/", "http://localhost/", "http://line.example.org/"]
)
def test_the_cookie_of_a_public_desk_is_secure(public: Flask, base: str) -> None:
    """However a proxy calls us inside."""
    cookie = public.test_client().get("/desk/sign-in", base_url=base).headers["Set-Cookie"]
    assert cookie.startswith("__Host-desk=")
    assert "Secure" in cookie
    assert "Path=/;" in f"{cookie};"
    assert "Domain" not in cookie


def test_plain_http_elsewhere_makes_no_exception(desk: Desk) -> None:
    """A name that is not this machine's own gets a cookie that only https carries."""
    found = desk.app.test_client().get("/desk/sign-in", base_url="http://clinic.example/")
    assert "Secure" in found.headers["Set-Cookie"]


def test_a_form_is_taken_by_https(public: Flask) -> None:
    """Though the headers keep the browser from saying where it comes from."""
    client, base = public.test_client(), "https://line.example.org/"
    token = token_on(client.get("/desk/sign-in", base_url=base).text)
    form = {"csrf_token": token, "login": "nobody", "password": "wrong"}
    assert client.post("/desk/sign-in", base_url=base, data=form).status_code == 422


@pytest.mark.parametrize("inside", ["", "/backline"])
def test_links_hold_the_prefix_of_the_public_address(public: Flask, inside: str) -> None:
    """Whether the proxy takes it off or leaves it on."""
    client = public.test_client()
    assert client.get(f"{inside}/desk/").location == "/backline/desk/sign-in"
    assert 'action="/backline/desk/sign-in"' in client.get(f"{inside}/desk/sign-in").text


def test_a_webhook_reads_no_cookie_and_sets_none(desk: Desk) -> None:
    for path, method in (("/sms", "POST"), ("/voice", "POST"), ("/healthz", "GET")):
        answer = desk.browser().open(path, method=method)
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")


def test_the_slash_at_the_end_may_be_left_out(desk: Desk) -> None:
    assert desk.browser().get("/desk").location == "http://localhost/desk/"


def test_a_forged_cookie_is_nobodys(desk: Desk) -> None:
    desk.member("ann")
    client = desk.app.test_client()
    for value in ("", "x", "eyJrZXkiOiJ4In0.x.y", desk.cookie(None)[:-1]):
        client.set_cookie("desk", value, domain="localhost")
        assert client.get("/desk/account").status_code == 303


def test_a_script_that_asks_is_told_that_nobody_is_in(desk: Desk) -> None:
    """A page that looks for news shows that it is not live any more, instead of a sign-in form."""
    asked = desk.browser().get("/desk/", headers={"Sec-Fetch-Dest": "empty"})
    assert (asked.status_code, asked.data) == (401, b"")


# --- Staff ------------------------------------------------------------------------------------


def test_the_only_admin_stays_one(desk: Desk) -> None:
    ann = desk.member("ann")
    client = desk.browser(ann)
    form = {"name": "Ann Example", "role": "reader"}
    for path, sent in (("", form), ("/remove", {}), ("/access", {"disabled": "yes"})):
        answer = desk.post(client, f"/desk/staff/{ann}{path}", **sent)
        assert answer.status_code == 422
        assert "only admin" in answer.text
    desk.member("ben")
    assert desk.post(client, f"/desk/staff/{ann}", **form).status_code == 303
    assert client.get("/desk/staff").status_code == 403  # from the next request on


def test_whoever_works_elsewhere_too_gets_no_link_from_here(desk: Desk) -> None:
    """Else an admin of one clinic could open the desk of another one."""
    els = desk.member("els", Role.READER, desk.second_clinic())
    client = desk.browser(desk.member("ann"))
    added = desk.post(client, "/desk/staff", name="Els Example", login="els", role="reader")
    assert "They need no link" in added.text
    assert "/desk/welcome/" not in added.text
    for path, sent in (("/reset", {}), ("/access", {"disabled": "yes"})):
        refused = desk.post(client, f"/desk/staff/{els}{path}", **sent)
        assert refused.status_code == 422
        assert "not an admin of" in refused.text
    person = desk.office.staff.by_login("els")
    assert person is not None
    assert person.password is not None
    assert desk.post(client, f"/desk/staff/{els}/remove").status_code == 303
    person = desk.office.staff.by_login("els")
    assert person is not None
    assert list(person.roles) == [2]


def test_somebody_new_gets_a_link(desk: Desk) -> None:
    client = desk.browser(desk.member("ann"))
    added = desk.post(client, "/desk/staff", name="Ben Example", login="BEN", role="clinician")
    address = added.text.partition('id="link">')[2].partition("</code>")[0]
    assert address.startswith("http://localhost/desk/welcome/")
    again = desk.post(client, "/desk/staff", name="Ben Example", login="ben", role="clinician")
    assert (again.status_code, "already" in again.text) == (422, True)
    for wrong in ({"name": ""}, {"login": "two words"}, {"role": "owner"}):
        form = {"name": "Cy", "login": "cy", "role": "reader"} | wrong
        assert desk.post(client, "/desk/staff", **form).status_code == 422


def test_a_name_cannot_be_markup(desk: Desk) -> None:
    client = desk.browser(desk.member("ann"))
    desk.post(client, "/desk/staff", name="<b>Ben</b>", login="ben", role="reader")
    assert "&lt;b&gt;Ben" in client.get("/desk/staff").text


# --- The clinic -----------------------------------------------------------------------------------


def test_a_clinic_of_its_own_cannot_take_numbers(desk: Desk) -> None:
    """Its numbers are the installation's to give: they are not on its form, nor taken from it."""
    other = desk.second_clinic()
    client = desk.browser(desk.member("els", Role.ADMIN, other), clinic=other)
    page = client.get("/desk/clinic").text
    assert 'name="numbers"' not in page
    assert 'name="name"' in page
    form = form_on(page) | {"numbers": "+12025550143", "name": "Renamed Clinic"}
    assert desk.post(client, "/desk/clinic", **form).status_code == 303
    changed = desk.browser(desk.member("ann", Role.ADMIN, other), clinic=other)
    shown = changed.get("/desk/clinic").text
    assert 'value="Renamed Clinic"' in shown
    assert "+12025550143" not in shown


def test_every_setting_stands_under_one_heading(desk: Desk) -> None:
    """And an empty list of numbers says what it means, for the first clinic and for others."""
    grouped = [name for names in GROUPS.values() for name in names]
    assert sorted(grouped) == sorted(settled_fields())
    client = desk.browser(desk.member("ann"))
    page = client.get("/desk/clinic").text
    for heading in ("Messages", "Alerts to who is on call", "How long conversations are kept"):
        assert f"<legend>{heading}</legend>" in page
    assert "this clinic also answers at every number that no other clinic has" in page
    assert "nobody can reach it yet" in client.get("/desk/clinic/new").text


def test_settings_that_cannot_be_meant_change_nothing(desk: Desk) -> None:
    client = desk.browser(desk.member("ann"))
    good = form_on(client.get("/desk/clinic").text)
    assert desk.post(client, "/desk/clinic", **good).status_code == 303
    for wrong in (
        {"day_0_1_closes": "08:00"},
        {"day_0_1_closes": ""},
        {"day_0_2_opens": "12:00", "day_0_2_closes": "20:00"},
        {"quiet_from": "late"},
        {"time_zone": "Mars/Olympus"},
        {"numbers": "12"},
    ):
        assert desk.post(client, "/desk/clinic", **(good | wrong)).status_code == 422, wrong
    assert form_on(client.get("/desk/clinic").text) == good


def form_on(page: str) -> dict[str, str]:
    """What the form of settings holds as it is shown."""
    found: dict[str, str] = {}

    class Reader(HTMLParser):
        chosen = ""

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            held = dict(attrs)
            if tag == "select":
                self.chosen = held.get("name") or ""
            elif tag == "option" and "selected" in held:
                found[self.chosen] = held.get("value") or ""
            elif tag in ("input", "textarea") and held.get("name") not in (None, "csrf_token"):
                found[held["name"] or ""] = held.get("value") or ""

    Reader().feed(page.partition("form-wide")[2].partition("</form>")[0])
    return found
