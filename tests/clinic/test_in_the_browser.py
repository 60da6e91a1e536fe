"""The desk in a real browser, on the real server."""

import re
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from clinic.office import Office
from duty.roles import Role
from store.database import Database
from store.sealing import Sealer
from tests.app.server import Server
from tests.browser import Visitor, visiting
from tests.clinic.looks import look
from tests.clinic.office import PASSWORD, SECRET, hash_of_password


class Clinic:
    """The server of a clinic, and its staff."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.base = f"http://127.0.0.1:{server.port}"
        settings = server.settings
        database = Database(f"sqlite:///{server.folder / 'backline.sqlite3'}")
        self.office = Office(database, Sealer(settings["BACKLINE_SECRET_KEY"]))
        self.steps: dict[str, int] = {}

    def member(self, login: str, role: Role = Role.ADMIN) -> int:
        office = self.office
        id_ = office.staff.add(login, f"{login.title()} Example", office.now())
        with office.database.link() as link:
            link.write(
                [
                    office.staff.giving_role(id_, 1, role),
                    office.staff.changing(id_, password=hash_of_password()),
                    office.staff.confirming_totp(id_, SECRET, office.now()),
                ]
            )
        return id_

    def sign_in(self, page: Page, login: str) -> None:
        page.goto(f"{self.base}/desk/")
        page.fill("#login", login)
        page.fill("#password", PASSWORD)
        page.click("button.main")
        page.fill("#code", pyotp.TOTP(SECRET).now())
        page.click("button.main")
        expect(page.locator("h1")).to_have_text(re.compile("Inbox|Bandeja"))


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    server = Server(tmp_path_factory.mktemp("desk"), public_url="http://localhost")
    with server:
        yield Clinic(server)


@pytest.fixture(scope="module")
def admin(clinic: Clinic, browser: Browser) -> Iterator[Visitor]:
    """Somebody who has come all the way from the command to the desk."""
    with visiting(browser) as visitor:
        arrive(clinic, visitor)
        yield visitor


def arrive(clinic: Clinic, visitor: Visitor) -> None:
    """The command's link, a password, a second factor, recovery codes, and in."""
    login = ("--name", "Ann Example", "--email", "ann@example.org", "--role", "admin")
    printed = clinic.server.command("staff", "add", *login)
    assert printed.returncode == 0, printed.stderr
    link = re.search(r"http://localhost(/desk/welcome/\S+)", printed.stdout)
    assert link is not None
    page = visitor.page
    page.goto(clinic.base + link.group(1))
    wrong = look(visitor, "welcome")
    page.click("button.main")
    wrong += look(visitor, "password")
    page.fill("#password", "password12345")
    page.fill("#again", "password12345")
    page.click("button.main")
    expect(page.locator(".problem")).to_contain_text("first that anybody would try")
    visitor.errors.clear()  # 422
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    page.click("button.main")
    wrong += look(visitor, "second factor")
    page.fill("#code", pyotp.TOTP(page.inner_text("dd code").replace(" ", "")).now())
    page.click("button.main")
    expect(page.locator(".codes li")).to_have_count(10)
    wrong += look(visitor, "recovery codes")
    page.click("a.button")
    expect(page.locator("h1")).to_have_text("Inbox")
    assert wrong == []


@pytest.mark.parametrize(
    "path", ["", "staff", "staff/1", "clinic", "clinic/new", "audit", "account", "nothing"]
)
def test_pages_are_for_everybody(clinic: Clinic, admin: Visitor, path: str) -> None:
    """Without barriers on a phone and on a wide screen, in light and in dark colours."""
    admin.page.goto(f"{clinic.base}/desk/{path}")
    for opened in admin.page.locator("main summary").all():
        opened.click()
    assert look(admin, path) == []
    admin.page.set_viewport_size({"width": 1440, "height": 900})
    if path == "nothing":
        expect(admin.page.locator("h1")).to_have_text("There is no such page")
        admin.errors.clear()  # 404


def test_every_entry_of_the_menu_leads_somewhere(clinic: Clinic, admin: Visitor) -> None:
    page = admin.page
    page.goto(f"{clinic.base}/desk/account")
    addresses = [one.get_attribute("href") for one in page.locator(".menu a").all()]
    assert len(addresses) > 3
    for address in addresses:
        page.goto(f"{clinic.base}{address}")
        expect(page.locator(".menu a[aria-current=page]")).to_have_count(1)


def test_somebody_is_added(clinic: Clinic, admin: Visitor) -> None:
    page = admin.page
    page.goto(f"{clinic.base}/desk/staff")
    page.fill("#name", "Ben Example")
    page.fill("#login", "ben")
    page.select_option("#role", "clinician")
    page.click("main button.main")
    expect(page.locator("#link")).to_contain_text("/desk/welcome/")
    assert look(admin, "a link") == []
    page.click("a.button.main")
    expect(page.locator("tbody")).to_contain_text("Has not used the link yet")


def test_a_clinic_is_added(clinic: Clinic, admin: Visitor) -> None:
    page = admin.page
    page.goto(f"{clinic.base}/desk/clinic/new")
    page.fill("#name", "Second Clinic")
    page.fill("#phone", "+1 202 555 0199")
    page.fill("#numbers", "that is none")
    page.click("main button.main")
    expect(page.locator(".fault")).to_contain_text("is not a phone number")
    admin.errors.clear()  # 422
    assert look(admin, "a clinic that is not right yet") == []
    page.set_viewport_size({"width": 1440, "height": 900})
    page.fill("#numbers", "+1 202 555 0180")
    page.click("main button.main")
    page.select_option("#switch-clinic", label="Second Clinic")
    page.click(".me-clinic button")
    expect(page.locator(".brand-clinic")).to_have_text("Second Clinic")
    page.select_option("#switch-clinic", label="Harbour Clinic")
    page.click(".me-clinic button")


def test_a_wrong_password_and_a_wrong_code_are_said(clinic: Clinic, visitor: Visitor) -> None:
    clinic.member("cleo")
    page = visitor.page
    page.goto(f"{clinic.base}/desk/")
    page.fill("#login", "cleo")
    page.fill("#password", "not the one")
    page.click("button.main")
    expect(page.locator(".problem")).to_be_focused()
    wrong = look(visitor, "a wrong password")
    page.fill("#password", PASSWORD)
    page.click("button.main")
    page.fill("#code", "000000")
    page.click("button.main")
    expect(page.locator(".problem")).to_contain_text("That code is not right")
    wrong += look(visitor, "a wrong code")
    page.click("summary")
    page.fill("#recovery", "aaaa-bbbb-cccc-dddd")
    page.click("details button")
    expect(page.locator(".problem")).to_contain_text("recovery code is not right")
    visitor.errors.clear()  # 422, each
    assert wrong == []


def test_a_recovery_code_lets_somebody_in_once(clinic: Clinic, visitor: Visitor) -> None:
    id_ = clinic.member("dora")
    codes, writes = clinic.office.staff.recovery_codes(id_, clinic.office.now())
    with clinic.office.database.link() as link:
        link.write(writes)
    page = visitor.page
    page.goto(f"{clinic.base}/desk/")
    page.fill("#login", "dora")
    page.fill("#password", PASSWORD)
    page.click("button.main")
    page.click("summary")
    page.fill("#recovery", codes[0])
    page.click("details button")
    expect(page.locator(".notice")).to_contain_text("You used a recovery code")
    page.goto(f"{clinic.base}/desk/account")
    expect(page.locator("main")).to_contain_text("9 recovery codes are left.")


def test_with_the_keyboard_alone(clinic: Clinic, visitor: Visitor) -> None:
    """Sign in, skip to the content, go to the account, sign out: nothing but keys."""
    clinic.member("emma")
    page, press = visitor.page, visitor.page.keyboard.press
    page.goto(f"{clinic.base}/desk/")
    press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    press("Enter")
    press("Tab")
    expect(page.locator("#login")).to_be_focused()
    page.keyboard.type("emma")
    press("Tab")
    page.keyboard.type(PASSWORD)
    press("Enter")
    page.wait_for_url("**/code")
    page.locator("#main").focus()
    press("Tab")
    page.keyboard.type(pyotp.TOTP(SECRET).now())
    press("Enter")
    expect(page.locator("h1")).to_have_text("Inbox")
    for _ in range(30):
        press("Tab")
        if page.evaluate("document.activeElement.textContent").strip().endswith("Sign out"):
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"  # where the focus is can be seen
    press("Enter")
    expect(page.locator(".notice")).to_contain_text("You are signed out")


def test_without_its_script(clinic: Clinic, browser: Browser) -> None:
    clinic.member("fay")
    with visiting(browser, scripts=False) as visitor:
        clinic.sign_in(visitor.page, "fay")
        visitor.page.click("button.to-dark")
        expect(visitor.page.locator("html")).to_have_attribute("data-scheme", "dark")
        expect(visitor.page.locator("button.to-light")).to_be_visible()
        visitor.page.click("text=Sign out")
        expect(visitor.page.locator(".notice")).to_contain_text("You are signed out")


def test_in_spanish(clinic: Clinic, browser: Browser) -> None:
    """As the browser says before the sign-in, as the person chose after it."""
    clinic.member("gil")
    with visiting(browser) as visitor:
        page = visitor.page
        page.set_extra_http_headers({"Accept-Language": "es-ES,es;q=0.9"})
        page.goto(f"{clinic.base}/desk/sign-in")
        expect(page.locator("h1")).to_have_text("Iniciar sesión")
        clinic.sign_in(page, "gil")
        page.goto(f"{clinic.base}/desk/account")
        page.select_option("#language", "en")
        page.get_by_role("button", name="Guardar", exact=True).click()
        expect(page.locator("h1")).to_have_text("Your account")
        page.select_option("#language", "es")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.locator("html")).to_have_attribute("lang", "es")
        wrong = []
        for path in ("staff", "clinic", "audit", "account"):
            page.goto(f"{clinic.base}/desk/{path}")
            wrong += look(visitor, f"{path} in Spanish", colours=False)
        assert wrong == []


def test_signed_out_elsewhere(clinic: Clinic, browser: Browser) -> None:
    """What one does in a browser whose session was ended meanwhile leads to the sign-in."""
    id_ = clinic.member("hal")
    with visiting(browser) as visitor:
        page = visitor.page
        clinic.sign_in(page, "hal")
        page.goto(f"{clinic.base}/desk/account")
        with clinic.office.database.link() as link:
            link.write([clinic.office.sessions.ending_all(id_)])
        page.click("button.to-dark")
        expect(page.locator("h1")).to_have_text("Sign in")


def test_a_form_from_before_is_refused_with_words(clinic: Clinic, browser: Browser) -> None:
    """Signed out and in again in another tab: the older tab's form is not taken."""
    clinic.member("ida")
    with visiting(browser) as visitor:
        clinic.sign_in(visitor.page, "ida")
        visitor.page.evaluate(
            "document.querySelectorAll('[name=csrf_token]').forEach(one => one.value = 'old')"
        )
        visitor.page.click("button.to-dark")
        expect(visitor.page.locator("h1")).to_have_text("This form has run out")
        visitor.errors.clear()  # 419
        assert look(visitor, "a form that has run out") == []


def test_what_somebody_may_not(clinic: Clinic, browser: Browser) -> None:
    clinic.member("jo", Role.READER)
    with visiting(browser) as visitor:
        clinic.sign_in(visitor.page, "jo")
        expect(visitor.page.locator(".menu")).not_to_contain_text("Staff")
        visitor.page.goto(f"{clinic.base}/desk/staff")
        expect(visitor.page.locator("h1")).to_have_text("That is not open to you")
        visitor.errors.clear()  # 403
        assert look(visitor, "what is not open") == []


def test_the_database_is_away(tmp_path: Path, browser: Browser) -> None:
    server = Server(tmp_path, public_url="http://localhost")
    with server, visiting(browser) as visitor:
        clinic = Clinic(server)
        clinic.member("kay")
        clinic.sign_in(visitor.page, "kay")
        (tmp_path / "backline.sqlite3").rename(tmp_path / "away")
        visitor.page.goto(f"{clinic.base}/desk/staff")
        expect(visitor.page.locator("h1")).to_have_text("The records cannot be reached")
        visitor.errors.clear()  # 503
        assert look(visitor, "the database is away") == []
        (tmp_path / "away").rename(tmp_path / "backline.sqlite3")
