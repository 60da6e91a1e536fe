"""One's own account: password, second factor, and in how many browsers one is signed in."""

from flask import flash, redirect, request, session, url_for
from werkzeug.wrappers import Response

from clinic import limits, passwords
from clinic.enrolment import confirmed, password_fault, shown_secret
from clinic.guard import May, Pages, visit
from clinic.office import Office
from clinic.preferences import SCHEMES
from clinic.rendering import page
from store.audit import Action
from store.link import Write
from store.sessions import Stage
from store.staff import Staff

_Page = tuple[str, int]


def add_pages(pages: Pages, office: Office) -> None:
    @pages.get("/account", may=May.READER)
    def account() -> _Page:
        return _account(office)

    @pages.post("/account/password", may=May.READER)
    def change_password() -> Response | _Page:
        person = _me(office)
        fault = _doubt(office, person) or password_fault(visit())
        if fault:
            return _account(office, 422, password_fault=fault)
        hashed = passwords.hashed(request.form["password"])
        change = office.staff.changing(person.id, password=hashed)
        office.audit(Action.PASSWORD_CHANGED, person.id, also=[change, *_anew(office, person)])
        flash("account.password_changed")
        return redirect(url_for("desk.account"), 303)

    @pages.post("/account/recovery-codes", may=May.READER)
    def make_recovery_codes() -> _Page:
        person = _me(office)
        fault = _doubt(office, person)
        if fault:
            return _account(office, 422, recovery_fault=fault)
        codes, writes = office.staff.recovery_codes(person.id, office.now())
        office.audit(Action.RECOVERY_MADE, person.id, also=writes)
        return page("recovery", codes=codes, wanted=url_for("desk.account"))

    @pages.get("/account/second-factor", may=May.READER)
    def new_phone() -> _Page:
        return _new_phone(office, _me(office))

    @pages.post("/account/second-factor", may=May.READER)
    def check_new_phone() -> Response | _Page:
        person = _me(office)
        doubt = _doubt(office, person)
        if doubt:
            return _new_phone(office, person, 422, doubt)
        writes = confirmed(office, person, request.form.get("code", ""))
        if writes is None:
            return _new_phone(office, person, 422, "code.wrong_code")
        office.audit(Action.CODE_ENROLLED, person.id, also=writes)
        flash("account.phone_changed")
        return redirect(url_for("desk.account"), 303)

    @pages.post("/account/sign-out-everywhere", may=May.READER)
    def sign_out_everywhere() -> Response:
        ended = office.sessions.ending_all(visit().staff_id)
        office.audit(Action.SIGNED_OUT_EVERYWHERE, visit().staff_id, also=[ended])
        session.clear()
        flash("sign_in.signed_out_everywhere")
        return redirect(url_for("desk.sign_in"), 303)


def _account(office: Office, status: int = 200, **faults: str) -> _Page:
    here, person = visit(), _me(office)
    return page(
        "account",
        status,
        person=person,
        left=office.staff.tickets_left(person.id),
        signed_in=office.sessions.count(person.id, office.now()),
        schemes=("", *SCHEMES),
        password_fault=faults.get("password_fault", ""),
        recovery_fault=faults.get("recovery_fault", ""),
        many=len(here.places) > 1,
    )


def _new_phone(office: Office, person: Staff, status: int = 200, fault: str = "") -> _Page:
    return page("new_phone", status, fault=fault, **shown_secret(office, person))


def _me(office: Office) -> Staff:
    person = office.staff.by_id(visit().staff_id)
    assert person is not None, "a session is of somebody"
    return person


def _doubt(office: Office, person: Staff) -> str:
    """Whether it is them, and not somebody at their unattended screen: "" if it is."""
    if limits.too_many_codes(office, person.id):
        return "sign_in.too_many"
    if not passwords.matches(request.form.get("current", ""), person.password):
        return "account.current_wrong"
    limits.code_went_well(office, person.id)
    return ""


def _anew(office: Office, person: Staff) -> list[Write]:
    """Everywhere signed out, and here in again with a new key."""
    place = visit().place
    assert place is not None
    key, begin = office.sessions.begin(person.id, Stage.IN, office.now(), place.clinic)
    session.clear()
    session["key"] = key
    return [office.sessions.ending_all(person.id), begin]
