"""The rota's page: who is on call, what is missing, and the forms that change it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from duty.roles import Role
from duty.rota import Rota
from store.alerts import daily_tests, raise_alert
from store.rotas import RotaBook
from tests.clinic.test_pages import Installation, Visitor
from tests.store.shelf import NOON

ANN, BEN = "+12025550171", "+12025550172"
WEEK = {f"day_{day}": "y" for day in range(7)}
ALL_DAY = {**WEEK, "begins": "00:00", "ends": "00:00", "time_zone": "America/New_York"}


@pytest.fixture
def here(tmp_path: Path, blank: Path) -> Iterator[Installation]:
    made = Installation(tmp_path, blank)
    yield made
    made.database.close()


def rota(here: Installation, clinic: int = 1) -> Rota:
    return RotaBook(here.database, here.sealer).read(clinic)


def with_two(here: Installation) -> Visitor:
    admin = here.visitor(Role.ADMIN)
    for number, (name, phone) in enumerate((("Ida Example", ANN), ("Ben Example", BEN)), 1):
        assert admin.post("/rota/people", name=name, phone=phone)[0] == 303
        (person,) = (one.id for one in rota(here).people if one.phone == phone)
        form = {**ALL_DAY, "person": str(person), "rung": str(number)}
        assert admin.post("/rota/shifts", **form)[0] == 303
    return admin


def test_an_empty_rota_says_what_happens_and_what_to_do(here: Installation) -> None:
    status, page = here.visitor(Role.ADMIN).get("/rota")
    assert status == 200
    assert "Nobody is on call" in page
    assert "own phone is rung instead" in page
    assert "1 gap in the next two weeks" in page
    assert "Add somebody below" in page
    assert "Add a shift" not in page
    assert "the alarm is on the inbox alone" in page


def test_two_on_call_and_no_gap(here: Installation) -> None:
    page = with_two(here).get("/rota")[1]
    now = page[page.index('id="now-title"') :]
    assert now.index("Ida Example") < now.index("Ben Example")
    assert "in the next two weeks" not in page
    assert page.count("Told as number 2.") == 1


def test_whoever_reads_changes_nothing_and_sees_no_number(here: Installation) -> None:
    with_two(here)
    reader = here.visitor(Role.READER)
    page = reader.get("/rota")[1]
    assert "Ida Example" in page
    for hidden in (ANN, "Add somebody", "Remove", "Send a test now"):
        assert hidden not in page
    assert reader.post("/rota/people", name="Cat", phone="+12025550173")[0] == 403
    assert reader.post("/rota/test")[0] == 403


def test_each_change_is_on_the_audit_log(here: Installation) -> None:
    admin = with_two(here)
    ben, ann = rota(here).people
    assert "Ida Example" in admin.get(f"/rota/people/{ann.id}")[1]
    changed = {"name": "Ida B. Example", "phone": ANN, "email": "ann@example.org"}
    assert admin.post(f"/rota/people/{ann.id}", **changed)[0] == 303
    away = {"absent": str(ann.id), "present": str(ben.id), "rung": "1"}
    away |= {"begins": "2030-08-01T09:00", "ends": "2030-08-15T09:00"}
    assert admin.post("/rota/overrides", **away)[0] == 303
    assert "Ben Example for Ida B. Example" in admin.get("/rota")[1]
    stored = rota(here)
    assert stored.overrides[0].begins.isoformat() == "2030-08-01T13:00:00+00:00"
    assert admin.post(f"/rota/overrides/{stored.overrides[0].id}/remove")[0] == 303
    assert admin.post(f"/rota/shifts/{stored.shifts[0].id}/remove")[0] == 303
    assert admin.post(f"/rota/people/{ann.id}/remove")[0] == 303
    assert [one.name for one in rota(here).people] == ["Ben Example"]
    assert here.audited()["rota.changed"] == 4 + 5


@pytest.mark.parametrize(
    ("path", "form", "said"),
    [
        ("people", {"name": "", "phone": ANN}, "Fill this in"),
        ("people", {"name": "Cat", "phone": "12"}, "not a phone number"),
        ("people", {"name": "Cat", "phone": ANN, "email": "cat"}, "no e-mail address"),
        ("people", {"name": "Cat", "phone": ANN}, "on the rota already"),
        ("shifts", {**ALL_DAY, "person": "1", "rung": "0"}, "from 1 to 9"),
        ("shifts", {"begins": "09:00", "ends": "17:00", "person": "1", "rung": "1"}, "one day"),
        ("overrides", {"absent": "0", "present": "0"}, "Fill this in"),
        (
            "overrides",
            {"absent": "0", "present": "0", "rung": "1", "begins": "2030-08-01T09:00"}
            | {"ends": "2030-08-02T09:00"},
            "who is away, or who stands in",
        ),
        (
            "overrides",
            {"absent": "1", "present": "0", "rung": "1", "begins": "2030-08-02T09:00"}
            | {"ends": "2030-08-02T09:00"},
            "must end after it begins",
        ),
    ],
)
def test_what_cannot_be_meant_is_said_and_what_was_typed_is_kept(
    here: Installation, path: str, form: dict[str, str], said: str
) -> None:
    admin, before = with_two(here), rota(here)
    given = (
        form if "time_zone" in form or path != "shifts" else {**form, "time_zone": "Europe/Paris"}
    )
    status, page = admin.post(f"/rota/{path}", **given)
    assert status == 422
    assert said in page
    assert all(value in page for value in form.values() if value)
    assert rota(here) == before


def test_another_clinic_has_a_rota_of_its_own(here: Installation) -> None:
    with_two(here)
    other, ours = here.visitor(Role.ADMIN, here.hill), rota(here)
    assert "Ida Example" not in other.get("/rota")[1]
    for path in (f"people/{ours.people[0].id}/remove", f"shifts/{ours.shifts[0].id}/remove"):
        assert other.post(f"/rota/{path}")[0] == 404
    form = {**ALL_DAY, "person": str(ours.people[0].id), "rung": "1"}
    assert other.post("/rota/shifts", **form)[0] == 422
    assert rota(here) == ours


def test_a_test_is_sent_and_what_came_of_it_is_shown(here: Installation) -> None:
    with_two(here)
    clinician = here.visitor(Role.CLINICIAN)
    assert "None was sent yet" in clinician.get("/rota")[1]
    assert clinician.post("/rota/test")[0] == 303
    assert len(daily_tests(here.database, 1)) == 1
    assert "sent, not acknowledged yet" in clinician.get("/rota")[1]
    assert here.audited()["alert.tested"] == 1
    raise_alert(here.database, here.hill, None, "test:2026-03-02", NOON)
    assert len(daily_tests(here.database, 1)) == 1


def test_without_a_carrier_no_test_is_sent_and_why_is_said(here: Installation) -> None:
    object.__setattr__(here.application.extensions["desk"], "carrier", False)
    clinician = here.visitor(Role.CLINICIAN)
    page = clinician.get("/rota")[1]
    assert "no test can go out" in page
    assert "Send a test now" not in page
    assert clinician.post("/rota/test")[0] == 303
    assert daily_tests(here.database, 1) == []
