"""Who is on call: the week, what is missing in it, and the forms that change it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from flask import abort, flash, redirect, url_for
from werkzeug.wrappers import Response

from clinic.forms import posted
from clinic.guard import May, Pages, visit
from clinic.moments import zone_of
from clinic.office import Office
from clinic.rendering import page
from clinic.rota_forms import OverrideForm, PersonForm, ShiftForm
from duty.daily_test import asked_test
from duty.rota import Lack, Person, by_day, lacking, on_call
from store.alerts import daily_tests, raise_writes
from store.audit import Action
from store.clinics import read_clinics
from store.errors import Conflict
from store.link import Write
from store.rotas import RotaBook

_Page = tuple[str, int]

DAYS: Final = 7
TESTS_SHOWN: Final = 7


@dataclass(frozen=True, slots=True)
class _Forms:
    """The forms of the page: as they were sent, or None for empty ones."""

    person: PersonForm | None = None
    shift: ShiftForm | None = None
    override: OverrideForm | None = None


def add_pages(pages: Pages, office: Office) -> None:
    book = RotaBook(office.database, office.sealer)

    @pages.get("/rota", may=May.READER, menu="rota")
    def rota() -> _Page:
        return _show(office, book)

    @pages.post("/rota/test", may=May.CLINICIAN)
    def test_rota() -> Response:
        """The test alert now, to whoever is first on call."""
        if not office.carrier:
            flash("rota.test_nowhere")
            return redirect(url_for("desk.rota"), 303)
        at = office.now()
        raised = raise_writes(office.database, _clinic(), None, asked_test(at), at)
        office.audit(Action.ALERT_TESTED, also=raised)
        flash("rota.test_sent")
        return redirect(url_for("desk.rota"), 303)

    _add_people(pages, office, book)
    _add_times(pages, office, book)


def _add_people(pages: Pages, office: Office, book: RotaBook) -> None:
    @pages.post("/rota/people", may=May.ADMIN)
    def add_person() -> Response | _Page:
        form = PersonForm(posted())
        if not form.validate():
            return _show(office, book, 422, _Forms(person=form))
        name, phone, email = form.name.data or "", form.phone.data or "", form.email.data or ""
        add = book.adding(_clinic(), name, phone, email, office.now())
        try:
            return _done(office, 0, "person added", add)
        except Conflict:
            form.phone.errors = ["rota.phone_taken"]
            return _show(office, book, 422, _Forms(person=form))

    @pages.get("/rota/people/<int:someone>", may=May.ADMIN)
    def one_person(someone: int) -> _Page:
        found = _person(book, someone)
        form = PersonForm(data={"name": found.name, "phone": found.phone, "email": found.email})
        return page("rota_person", person=found, form=form)

    @pages.post("/rota/people/<int:someone>", may=May.ADMIN)
    def change_person(someone: int) -> Response | _Page:
        found, form = _person(book, someone), PersonForm(posted())
        if not form.validate():
            return page("rota_person", 422, person=found, form=form)
        name, phone, email = form.name.data or "", form.phone.data or "", form.email.data or ""
        change = book.changing(_clinic(), someone, name, phone, email)
        try:
            return _done(office, someone, "person changed", change)
        except Conflict:
            form.phone.errors = ["rota.phone_taken"]
            return page("rota_person", 422, person=found, form=form)

    @pages.post("/rota/people/<int:someone>/remove", may=May.ADMIN)
    def remove_person(someone: int) -> Response:
        _person(book, someone)
        writes = book.removing(_clinic(), someone, office.now())
        return _done(office, someone, "person removed", *writes)


def _add_times(pages: Pages, office: Office, book: RotaBook) -> None:
    @pages.post("/rota/shifts", may=May.ADMIN)
    def add_shift() -> Response | _Page:
        form = ShiftForm(posted()).among(book.read(_clinic()).people)
        if not form.validate():
            return _show(office, book, 422, _Forms(shift=form))
        shift = form.shift
        return _done(office, shift.person, "shift added", book.adding_shift(_clinic(), shift))

    @pages.post("/rota/shifts/<int:shift>/remove", may=May.ADMIN)
    def remove_shift(shift: int) -> Response:
        _there(shift in {one.id for one in book.read(_clinic()).shifts})
        return _done(office, shift, "shift removed", book.removing_shift(_clinic(), shift))

    @pages.post("/rota/overrides", may=May.ADMIN)
    def add_override() -> Response | _Page:
        form = OverrideForm(posted()).among(book.read(_clinic()).people)
        if not form.validate():
            return _show(office, book, 422, _Forms(override=form))
        override = form.override(zone_of(visit().place))
        about = override.absent or override.present
        add = book.adding_override(_clinic(), override)
        return _done(office, about, "override added", add)

    @pages.post("/rota/overrides/<int:override>/remove", may=May.ADMIN)
    def remove_override(override: int) -> Response:
        _there(override in {one.id for one in book.read(_clinic()).overrides})
        remove = book.removing_override(_clinic(), override)
        return _done(office, override, "override removed", remove)


def _show(office: Office, book: RotaBook, status: int = 200, sent: _Forms | None = None) -> _Page:
    clinic, at, zone = _clinic(), office.now(), zone_of(visit().place)
    rota, sent = book.read(clinic), sent or _Forms()
    missing = lacking(rota, at)
    names: dict[int, Any] = {person.id: person.name for person in rota.people}
    fresh = {"time_zone": zone.key, "rung": 1}
    return page(
        "rota",
        status,
        rota=rota,
        names=names,
        on_call=on_call(rota, at),
        week=by_day(rota, zone.key, at.astimezone(zone).date(), DAYS),
        gaps=[one for one in missing if one.lack is Lack.NOBODY],
        alone=[one for one in missing if one.lack is Lack.ONE],
        overrides=[one for one in rota.overrides if one.ends > at - timedelta(days=1)],
        mailed=any(
            one.settings.alarm_email for one in read_clinics(office.database) if one.id == clinic
        ),
        carrier=office.carrier,
        tests=daily_tests(office.database, clinic)[:TESTS_SHOWN],
        person_form=sent.person or PersonForm(),
        shift_form=sent.shift or ShiftForm(data=fresh).among(rota.people),
        override_form=sent.override or OverrideForm(data={"rung": 1}).among(rota.people),
    )


def _done(office: Office, about: object, what: str, *writes: Write) -> Response:
    office.audit(Action.ROTA_CHANGED, about, writes, what=what)
    flash("rota.saved")
    return redirect(url_for("desk.rota"), 303)


def _clinic() -> int:
    place = visit().place
    assert place is not None
    return place.clinic


def _there(known: bool) -> None:  # noqa: FBT001  said where it is asked
    if not known:
        abort(404)


def _person(book: RotaBook, person: int) -> Person:
    found = next((one for one in book.read(_clinic()).people if one.id == person), None)
    if found is None:
        abort(404)
    return found
