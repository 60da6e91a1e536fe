"""The first time: a link that is good once, a password of one's own, and the second factor."""

from typing import Any

from flask import request, session, url_for
from werkzeug.wrappers import Response

from clinic import limits, passwords
from clinic.arrival import going_on, next_stage, onward, tell
from clinic.guard import May, Pages, visit, visitor
from clinic.office import Office
from clinic.rendering import page
from clinic.second_factor import new_secret, picture, spend, step_of
from store.audit import Action
from store.link import Write
from store.sessions import Session, Stage
from store.staff import Staff

_Page = tuple[str, int]


def add_pages(pages: Pages, office: Office) -> None:
    @pages.get("/welcome/<key>", may=May.ANYBODY)
    def welcome(key: str) -> _Page:  # noqa: ARG001  looked at when it is used
        """Nothing is used yet: programs that look into a message follow its links, too."""
        return page("welcome", fault="")

    @pages.post("/welcome/<key>", may=May.ANYBODY)
    def use_link(key: str) -> Response | _Page:
        if limits.too_many_links(office):
            return page("welcome", 429, fault="sign_in.too_many")
        found = office.staff.redeeming("link", key, office.now())
        person = office.staff.by_id(found[0]) if found else None
        if found is None or person is None or person.disabled_at or not person.roles:
            return page("welcome", 422, fault="welcome.used")
        writes = going_on(office, visitor(), person, Stage.PASSWORD)
        if not spend(office, [*found[1], *writes]):
            session.clear()
            return page("welcome", 422, fault="welcome.used")
        return onward(Stage.PASSWORD)

    @pages.get("/sign-in/password", may=May.PASSWORD)
    def choose_password() -> _Page:
        return page("password", fault="")

    @pages.post("/sign-in/password", may=May.PASSWORD)
    def set_password() -> Response | _Page:
        here = visit()
        fault = password_fault(here)
        if fault:
            return page("password", 422, fault=fault)
        person = _person(office, here)
        stage = next_stage(person)
        change = office.staff.changing(
            person.id, password=passwords.hashed(request.form["password"])
        )
        # Whoever chooses a new password signs every other browser out.
        ended = office.sessions.ending_all(person.id)
        began = going_on(office, None, person, stage)
        tell(office, person, Action.PASSWORD_CHANGED, [change, ended, *began])
        return onward(stage)

    @pages.get("/sign-in/second-factor", may=May.ENROL)
    def enrol() -> _Page:
        return _enrolling(office, _person(office, visit()))

    @pages.post("/sign-in/second-factor", may=May.ENROL)
    def check_enrolment() -> Response | _Page:
        here = visit()
        person = _person(office, here)
        if limits.too_many_codes(office, person.id):
            return _enrolling(office, person, 429, "sign_in.too_many")
        writes = confirmed(office, person, request.form.get("code", ""))
        if writes is None:
            return _enrolling(office, person, 422, "code.wrong_code")
        limits.code_went_well(office, person.id)
        codes, made = office.staff.recovery_codes(person.id, office.now())
        wanted = session.get("next")
        began = going_on(office, here, person, Stage.IN)
        tell(office, person, Action.CODE_ENROLLED, [*writes, *made, *began])
        # They are shown now and never again, so this page is not one to come back to.
        return page("recovery", codes=codes, wanted=wanted or url_for("desk.home"))


def password_fault(here: Session) -> str:
    """What is wrong with the new password of the form, as the key of its words; "" if nothing."""
    given = request.form.get("password", "")
    if given != request.form.get("again", ""):
        return "password.differ"
    return passwords.fault(given, [here.login, here.name, *(one.name for one in here.places)])


def _person(office: Office, here: Session) -> Staff:
    person = office.staff.by_id(here.staff_id)
    assert person is not None, "a session is of somebody"
    return person


def _enrolling(office: Office, person: Staff, status: int = 200, fault: str = "") -> _Page:
    return page("enrol", status, fault=fault, **shown_secret(office, person))


def shown_secret(office: Office, person: Staff) -> dict[str, Any]:
    """The secret that is to be taken over to somebody's phone: as `picture`, and as `secret`."""
    secret = person.totp_next
    if secret is None:
        secret = new_secret()
        with office.database.link() as link:
            link.write([office.staff.showing_totp(person.id, secret)])
    spaced = " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))
    return {"picture": picture(secret, person.login), "secret": spaced}


def confirmed(office: Office, person: Staff, given: str) -> list[Write] | None:
    """The writes after which the secret that was shown counts; None for a code that is not its."""
    at = office.now()
    step = step_of(person.totp_next, given, at) if person.totp_next else None
    if step is None or person.totp_next is None:
        return None
    return [
        office.staff.spending(person.id, f"totp:{step}", at),
        office.staff.confirming_totp(person.id, person.totp_next, at),
    ]
