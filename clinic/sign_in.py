"""Signing in and out: the password first, then the second factor."""

from flask import flash, redirect, request, session, url_for
from werkzeug.wrappers import Response

from clinic import limits, passwords
from clinic.arrival import going_on, next_stage, onward, tell
from clinic.guard import May, Pages, visit, visitor
from clinic.office import Office
from clinic.rendering import page
from clinic.second_factor import spend_code, spend_recovery
from store.audit import Action
from store.sessions import Stage

_Page = tuple[str, int]

_LOGIN_AT_MOST = 254


def add_pages(pages: Pages, office: Office) -> None:
    @pages.get("/sign-in", may=May.ANYBODY)
    def sign_in() -> Response | _Page:
        here = visitor()
        if here is not None and here.stage is Stage.IN:
            return onward(Stage.IN)
        return page("sign_in", fault="", login="")

    @pages.post("/sign-in", may=May.ANYBODY)
    def check_password() -> Response | _Page:
        login = request.form.get("login", "").strip().lower()[:_LOGIN_AT_MOST]
        return _check_password(office, login, request.form.get("password", ""))

    @pages.get("/sign-in/code", may=May.CODE)
    def code() -> _Page:
        return page("code", fault="")

    @pages.post("/sign-in/code", may=May.CODE)
    def check_code() -> Response | _Page:
        return _check_code(office)

    @pages.post("/sign-out", may=May.ANYBODY)
    def sign_out() -> Response:
        here = visitor()
        if here is not None and here.place is not None:
            office.audit(Action.SIGNED_OUT, also=[office.sessions.ending(here.digest)])
        elif here is not None:
            with office.database.link() as link:
                link.write([office.sessions.ending(here.digest)])
        session.clear()
        flash("sign_in.signed_out")
        return redirect(url_for("desk.sign_in"), 303)


def _check_password(office: Office, login: str, given: str) -> Response | _Page:
    """One answer for a wrong password and for a name that nobody has, after the same time."""
    too_many = limits.too_many(office, login)
    person = office.staff.by_login(login)
    if person is not None and (person.disabled_at is not None or not person.roles):
        person = None
    if too_many:
        if person is not None:
            tell(office, person, Action.LOCKED)
        return page("sign_in", 429, fault="sign_in.too_many", login=login)
    right = passwords.matches(given[: passwords.AT_MOST + 1], person.password if person else None)
    if person is None or not right:
        if person is not None:
            tell(office, person, Action.PASSWORD_WRONG)
        return page("sign_in", 422, fault="sign_in.wrong", login=login)
    limits.went_well(office, login)
    stage = next_stage(person)
    writes = going_on(office, visitor(), person, stage)
    if person.password and passwords.is_old(person.password):
        writes.append(office.staff.changing(person.id, password=passwords.hashed(given)))
    with office.database.link() as link:
        link.write([*writes, office.sessions.sweep(office.now())])
    return onward(stage)


def _check_code(office: Office) -> Response | _Page:
    here = visit()
    person = office.staff.by_id(here.staff_id)
    assert person is not None, "a session is of somebody"
    if limits.too_many_codes(office, person.id):
        tell(office, person, Action.LOCKED, [office.sessions.ending(here.digest)])
        session.clear()
        return page("sign_in", 429, fault="sign_in.too_many", login="")
    kind = "recovery" if request.form.get("recovery") else "code"
    spend = spend_recovery if kind == "recovery" else spend_code
    before = dict(session)
    writes = going_on(office, here, person, Stage.IN)
    if not spend(office, person, request.form.get(kind, ""), writes):
        session.clear()
        session.update(before)
        tell(office, person, Action.CODE_WRONG, kind=kind)
        return page("code", 422, fault=f"code.wrong_{kind}")
    limits.code_went_well(office, person.id)
    if kind == "recovery":
        tell(office, person, Action.RECOVERY_USED)
        flash("code.recovery_used")
    tell(office, person, Action.SIGNED_IN)
    return onward(Stage.IN, before.get("next"))
