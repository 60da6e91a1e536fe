"""The staff of the clinic, as its admins look after them."""

from datetime import timedelta
from typing import Any

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField

from clinic.forms import Form, Required, one_login, one_name, posted
from clinic.guard import May, Pages, visit
from clinic.office import LINK_GOOD_FOR, Office, link_address
from clinic.rendering import page
from duty.roles import Role
from store.audit import Action
from store.link import Write
from store.staff import Staff

_Page = tuple[str, int]

_ROLES: Any = {role.value: f"role.{role.value}" for role in Role}


class _Added(Form):
    name = StringField("staff.name", [Required(), one_name])
    login = StringField("staff.login", [Required(), one_login])
    role = SelectField("staff.role", choices=_ROLES)


class _Changed(Form):
    name = StringField("staff.name", [Required(), one_name])
    role = SelectField("staff.role", choices=_ROLES)


def add_pages(pages: Pages, office: Office) -> None:
    @pages.get("/staff", may=May.ADMIN, menu="staff")
    def staff() -> _Page:
        return page("staff", people=office.staff.of_clinic(_clinic()), added=_Added())

    @pages.post("/staff", may=May.ADMIN)
    def add_staff() -> _Page:
        form = _Added(posted())
        if not form.validate():
            people = office.staff.of_clinic(_clinic())
            return page("staff", 422, people=people, added=form)
        return _add(office, form)

    @pages.get("/staff/<int:person>", may=May.ADMIN)
    def one_of_staff(person: int) -> _Page:
        return _one(_colleague(office, person))

    @pages.post("/staff/<int:person>", may=May.ADMIN)
    def change_staff(person: int) -> Response | _Page:
        return _change(office, _colleague(office, person), _Changed(posted()))

    @pages.post("/staff/<int:person>/access", may=May.ADMIN)
    def allow_staff(person: int) -> Response | _Page:
        """Let them sign in no more, or again."""
        found = _colleague(office, person)
        closed = request.form.get("disabled") == "yes"
        fault = _fault(office, found, losing_admin=closed, whole=True)
        if fault:
            return _one(found, 422, fault)
        at = office.now() if closed else None
        writes = [office.staff.changing(person, disabled_at=at), office.sessions.ending_all(person)]
        office.audit(Action.STAFF_CHANGED, person, writes, access="no" if closed else "yes")
        flash("staff.saved")
        return redirect(url_for("desk.one_of_staff", person=person), 303)

    @pages.post("/staff/<int:person>/reset", may=May.ADMIN)
    def reset_staff(person: int) -> _Page:
        """A new link, and maybe a new second factor."""
        found = _colleague(office, person)
        fault = _fault(office, found, losing_admin=False, whole=True)
        if fault:
            return _one(found, 422, fault)
        factor = request.form.get("second_factor") == "yes"
        writes = office.staff.resetting(person, second_factor=factor)
        writes.append(office.sessions.ending_all(person))
        what = "password and second factor" if factor else "password"
        return _linked(office, found, Action.STAFF_RESET, writes, what=what)

    @pages.post("/staff/<int:person>/remove", may=May.ADMIN)
    def remove_staff(person: int) -> Response | _Page:
        found = _colleague(office, person)
        fault = _fault(office, found, losing_admin=True, whole=False)
        if fault:
            return _one(found, 422, fault)
        office.audit(Action.STAFF_REMOVED, person, [office.staff.taking_role(person, _clinic())])
        flash("staff.removed")
        return redirect(url_for("desk.staff"), 303)


def _add(office: Office, form: _Added) -> _Page:
    login, role = form.login.data or "", Role(form.role.data)
    known = office.staff.by_login(login)
    if known is not None and _clinic() in known.roles:
        form.login.errors = ["staff.known"]
        return page("staff", 422, people=office.staff.of_clinic(_clinic()), added=form)
    if known is not None and known.roles:
        # They sign in already, at another clinic; nobody but themselves may change with what.
        joining = [office.staff.giving_role(known.id, _clinic(), role)]
        office.audit(Action.STAFF_ADDED, known.id, joining, role=role.value)
        return page("staff_link", person=known, address="", hours=0)
    added = office.staff.add(login, form.name.data or "", office.now())
    person = office.staff.by_id(added)
    assert person is not None
    joining = [office.staff.giving_role(added, _clinic(), role)]
    return _linked(office, person, Action.STAFF_ADDED, joining, role=role.value)


def _change(office: Office, person: Staff, form: _Changed) -> Response | _Page:
    if not form.validate():
        return _one(person, 422, form=form)
    role = Role(form.role.data)
    fault = _fault(office, person, losing_admin=role is not Role.ADMIN, whole=False)
    renamed = form.name.data != person.name
    if not fault and renamed:
        fault = _fault(office, person, losing_admin=False, whole=True)
    if fault:
        return _one(person, 422, fault, form)
    writes = [
        office.staff.taking_role(person.id, _clinic()),
        office.staff.giving_role(person.id, _clinic(), role),
        office.staff.changing(person.id, name=form.name.data),
    ]
    detail = {"role": role.value} | ({"name": "changed"} if renamed else {})
    office.audit(Action.STAFF_CHANGED, person.id, writes, **detail)
    flash("staff.saved")
    return redirect(url_for("desk.one_of_staff", person=person.id), 303)


def _linked(
    office: Office, person: Staff, action: Action, also: list[Write], **detail: str
) -> _Page:
    """Do it, and show the link that comes of it: now, and never again."""
    at = office.now()
    key, issued = office.staff.link(person.id, at, at + LINK_GOOD_FOR)
    office.audit(action, person.id, [*also, *issued], **detail)
    base = office.public_url or request.url_root.rstrip("/")
    hours = LINK_GOOD_FOR // timedelta(hours=1)
    return page("staff_link", person=person, address=link_address(base, key), hours=hours)


def _one(person: Staff, status: int = 200, fault: str = "", form: Any = None) -> _Page:
    if form is None:
        form = _Changed(name=person.name, role=person.roles[_clinic()].value)
    return page("staff_member", status, person=person, form=form, fault=fault, whole=_whole(person))


def _clinic() -> int:
    place = visit().place
    assert place is not None
    return place.clinic


def _colleague(office: Office, person: int) -> Staff:
    """Somebody of this clinic; 404 for everybody else."""
    found = office.staff.by_id(person)
    if found is None or _clinic() not in found.roles:
        abort(404)
    return found


def _whole(person: Staff) -> bool:
    """Whether this admin may change what counts at every clinic at which `person` works.

    Else a new password for a colleague would open the desk of another clinic, too.
    """
    mine = {place.clinic for place in visit().places if place.role is Role.ADMIN}
    return set(person.roles) <= mine


def _fault(office: Office, person: Staff, *, losing_admin: bool, whole: bool) -> str:
    """Why that cannot be done to `person`, as the key of its words; "" where it can."""
    if whole and not _whole(person):
        return "staff.elsewhere"
    if not losing_admin:
        return ""
    others = [
        one
        for one in office.staff.of_clinic(_clinic())
        if one.id != person.id and one.roles[_clinic()] is Role.ADMIN and one.disabled_at is None
    ]
    return "" if others else "staff.last_admin"
