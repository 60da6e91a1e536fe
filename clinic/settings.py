"""The clinic's own settings: its name and numbers, its hours, and what else it has settled."""

from typing import Final

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from clinic.guard import May, Pages, is_installer, visit
from clinic.office import Office
from clinic.rendering import page
from clinic.settings_form import GROUPS, ClinicForm, clinic_of, form_of
from duty.clinic import DEFAULTS, FIRST, usual_time_zone
from duty.roles import Role
from store.audit import Action, Entry
from store.clinics import StoredClinic, add_clinic, clinic_writes, read_clinics
from store.errors import Conflict

_Page = tuple[str, int]

NEW: Final = StoredClinic(0, "", "en-US", "", usual_time_zone("en-US"), (), DEFAULTS)


def add_pages(pages: Pages, office: Office) -> None:
    @pages.get("/clinic", may=May.ADMIN, menu="clinic")
    def clinic() -> _Page:
        known = _here(office)
        return _show(known, form_of(known).without(fixed=known.id == FIRST, numbered=_installs()))

    @pages.post("/clinic", may=May.ADMIN)
    def change_clinic() -> Response | _Page:
        known = _here(office)
        form = ClinicForm.sent(fixed=known.id == FIRST, numbered=_installs())
        if not form.validate():
            return _show(known, form, 422)
        changed = clinic_of(form, known)
        writes = clinic_writes(office.database, changed)
        try:
            office.audit(Action.CLINIC_CHANGED, known.id, writes, **_different(known, changed))
        except Conflict:
            form.numbers.errors = ["clinic.number_taken"]
            return _show(known, form, 422)
        flash("clinic.saved")
        return redirect(url_for("desk.clinic"), 303)

    @pages.get("/clinic/new", may=May.INSTALLER)
    def new_clinic() -> _Page:
        return page("clinic_new", form=form_of(NEW), groups=GROUPS, first=False)

    @pages.post("/clinic/new", may=May.INSTALLER)
    def make_clinic() -> Response | _Page:
        form = ClinicForm.sent(fixed=False, numbered=True)
        if not form.validate():
            return page("clinic_new", 422, form=form, groups=GROUPS, first=False)
        try:
            added = add_clinic(office.database, clinic_of(form, NEW))
        except Conflict:
            form.numbers.errors = ["clinic.number_taken"]
            return page("clinic_new", 422, form=form, groups=GROUPS, first=False)
        here = visit()
        joining = [office.staff.giving_role(here.staff_id, added, Role.ADMIN)]
        office.audit(Action.CLINIC_ADDED, added)
        first = Entry(Action.CLINIC_ADDED, office.now(), here.staff_id, here.login, str(added))
        office.log.add(added, first, joining)
        flash("clinic.added")
        return redirect(url_for("desk.clinic"), 303)


def _show(known: StoredClinic, form: ClinicForm, status: int = 200) -> _Page:
    first = known.id == FIRST
    return page(
        "clinic",
        status,
        form=form,
        known=known,
        first=first,
        installs=_installs(),
        groups=GROUPS,
    )


def _here(office: Office) -> StoredClinic:
    place = visit().place
    assert place is not None
    return next(one for one in read_clinics(office.database) if one.id == place.clinic)


def _installs() -> bool:
    """Whether this admin may say at which numbers the line answers.

    They belong to the installation: an admin of another clinic could take one that callers know
    as the first clinic's.
    """
    return is_installer(visit())


def _different(before: StoredClinic, after: StoredClinic) -> dict[str, str]:
    """The names of what was changed."""
    names = ("name", "locale", "phone", "time_zone", "numbers")
    found = {name: "changed" for name in names if getattr(before, name) != getattr(after, name)}
    for name in before.settings.__struct_fields__:
        if getattr(before.settings, name) != getattr(after.settings, name):
            found[name] = "changed"
    return found
