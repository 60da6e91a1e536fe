"""Every route against everybody: the matrix is made from the application's own map of routes."""

from datetime import time, timedelta
from itertools import product
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from werkzeug.routing import Rule

from clinic.desk import make_blueprint
from clinic.guard import NAME, May, NoRuleError, Pages, require_rules
from duty.clinic import Day
from duty.roles import Role
from duty.rota import Override, Shift
from store.review import conversations
from store.rotas import RotaBook
from store.sessions import Stage
from store.turns import CarrierKey, TurnLog
from tests.clinic.office import HERE, Desk
from tests.store.shelf import a_turn

if TYPE_CHECKING:
    from flask.testing import FlaskClient

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
STEPS = {step.value: step for step in (Stage.CODE, Stage.ENROL, Stage.PASSWORD)}
RANKS = {"reader": 0, "clinician": 1, "admin": 2, "elsewhere": 2}
PEOPLE = ("stranger", *STEPS, *RANKS)
DONE = (200, 303, 400, 404, 409, 422, 429)
"""What somebody is answered whom a page is for; 404 where the thing has gone in the meantime."""

FILLED_IN = {
    "note": "Rang, no answer",
    "outcome": "not_reached",
    "why": "Seen at hospital",
    "sure": "yes",
    "disabled": "yes",
    "second_factor": "yes",
    "scheme": "dark",
    "login": "new",
    "name": "New Example",
    "role": "reader",
    "reason": "on request",
}
"""What may stand in the fields of a form, so that it is not refused for being empty."""


def is_for(may: May, who: str) -> bool:
    """Whether the page is for that person, said another way than the guard says it."""
    if may is May.ANYBODY:
        return True
    if may.value in STEPS:
        return who == may.value
    if may is May.INSTALLER:
        return who == "admin"
    return RANKS.get(who, -1) >= RANKS[may.value]


def of_role(may: May) -> bool:
    """Whether it takes a role to be let in."""
    return may is not May.ANYBODY and may.value not in STEPS


class Matrix:
    """Somebody of each kind, and a thing of the first clinic for every part of an address."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.elsewhere = desk.second_clinic()
        self.members = {
            "reader": desk.member("rea", Role.READER),
            "clinician": desk.member("cli", Role.CLINICIAN),
            "admin": desk.member("ann"),
            "elsewhere": desk.member("els", Role.ADMIN, self.elsewhere),
        }
        self.things: dict[str, object] = {
            "name": "desk.css",
            "key": "0" * 32,
            "count": 3,
            "entry": 1,
            "id_": self._conversation(),
            "person": desk.member("ben", Role.READER),
            **self._on_call(),
        }
        pages = desk.app.blueprints[NAME]
        assert isinstance(pages, Pages)
        self.may = pages.rules
        self.browsers: dict[str, FlaskClient] = {}

    def _on_call(self) -> dict[str, int]:
        """Somebody on the first clinic's rota, with a shift and something that changes it."""
        office = self.desk.office
        book = RotaBook(office.database, office.sealer)
        at, until = office.now(), office.now() + timedelta(days=1)
        book.write(book.adding(HERE, "Cat Example", "+12025550177", "", at))
        (someone,) = (one.id for one in book.read(HERE).people)
        shift = Shift(someone, 1, frozenset(Day), time(0), time(0), "UTC")
        override = Override(someone, None, None, at, until)
        book.write(book.adding_shift(HERE, shift), book.adding_override(HERE, override))
        rota = book.read(HERE)
        kept = {"shift": rota.shifts[0].id, "override": rota.overrides[0].id}
        return {"someone": someone, **kept}

    def _conversation(self) -> str:
        """The id of one of the first clinic's."""
        office = self.desk.office
        log = TurnLog(office.database, office.sealer, "red_flags", "1.0.0", HERE)
        log.take("+12025550143", CarrierKey("SM1", None), lambda _: a_turn())
        (found,) = conversations(office.database, office.sealer, HERE)
        return found.id

    def rules(self) -> list[Rule]:
        every = self.desk.app.url_map.iter_rules()
        return [rule for rule in every if rule.endpoint.startswith(f"{NAME}.")]

    def ask(self, rule: Rule, who: str, method: str, *, token: bool) -> int:
        """The status that somebody gets."""
        desk = self.desk
        if who in self.members:
            clinic = self.elsewhere if who == "elsewhere" else HERE
            client = desk.browser(self.members[who], clinic=clinic)
        else:
            client = desk.browser(
                self.members["admin"] if who in STEPS else None, STEPS.get(who, Stage.IN)
            )
        with desk.app.test_request_context():
            _, path = rule.build(dict(self.things)) or ("", "")
        form = FILLED_IN | ({"csrf_token": desk.token} if token else {})
        return client.open(path, method=method, data=form).status_code

    def expected(self, rule: Rule, who: str, method: str, *, token: bool) -> tuple[int, ...]:
        may = self.may[rule.endpoint]
        if method not in (rule.methods or ()):
            return (405,)
        if not is_for(may, who):
            return (403,) if who in RANKS and of_role(may) else (303,)
        if method in UNSAFE and not token:
            return (419,)
        if method == "OPTIONS":
            return (200,)  # which methods there are, and nothing of the thing
        if (
            who == "elsewhere"
            and {"person", "id_", "someone", "shift", "override"} & rule.arguments
        ):
            return (404,)  # it is the first clinic's, and might as well not be there
        return DONE


@pytest.fixture
def matrix(desk: Desk) -> Matrix:
    return Matrix(desk)


def test_every_part_of_an_address_has_an_example(matrix: Matrix) -> None:
    """A route that has a new one is tried too: say in `Matrix.things` what stands for it."""
    parts = {part for rule in matrix.rules() for part in rule.arguments}
    assert parts == set(matrix.things)


def test_every_route_refuses_whom_it_is_not_for(matrix: Matrix) -> None:
    """By whatever method, and with the token that a form of theirs carries.

    Whoever is not in is led to the step that is due; whoever is in and may not gets 403.
    """
    wrong = []
    other = {(rule.rule, method) for rule in matrix.rules() for method in rule.methods or ()}
    for rule, who, method in product(matrix.rules(), PEOPLE, METHODS):
        if method not in (rule.methods or ()) and (
            who != "stranger" or (rule.rule, method) in other
        ):
            continue  # no route at all is the same for everybody; or it is another one's
        got = matrix.ask(rule, who, method, token=True)
        if got not in matrix.expected(rule, who, method, token=True):
            wrong.append((rule.rule, who, method, got))
    assert wrong == [], "\n".join(map(str, wrong))


def test_no_form_is_taken_without_its_token(matrix: Matrix) -> None:
    wrong = []
    for rule, who in product(matrix.rules(), PEOPLE):
        for method in set(UNSAFE) & (rule.methods or set()):
            got = matrix.ask(rule, who, method, token=False)
            if got not in matrix.expected(rule, who, method, token=False):
                wrong.append((rule.rule, who, method, got))
    assert wrong == [], "\n".join(map(str, wrong))


def test_the_matrix_has_every_kind_of_rule(matrix: Matrix) -> None:
    """Else it would prove less than it seems to."""
    assert {May.ANYBODY, May.CODE, May.ENROL, May.PASSWORD, May.READER, May.ADMIN} <= set(
        matrix.may.values()
    )
    assert len(matrix.rules()) > 25


def test_a_route_without_a_rule_cannot_be_registered() -> None:
    pages = Pages()
    with pytest.raises(NoRuleError, match="may="):
        pages.get("/open")(lambda: "")
    with pytest.raises(NoRuleError, match="may="):
        pages.get("/open", may="anybody")(lambda: "")


def test_whoever_asks_is_asked_who_they_are() -> None:
    """Only what is for anybody may go without."""
    pages = Pages()
    with pytest.raises(NoRuleError, match="ask who they are"):
        pages.get("/plain", may=May.READER, alike=True)(lambda: "")


def test_one_page_has_one_rule() -> None:
    pages = Pages()

    def view() -> str:
        return ""

    pages.get("/one", may=May.ADMIN)(view)
    pages.post("/one", may=May.ADMIN)(view)
    with pytest.raises(NoRuleError, match="two rules"):
        pages.get("/two", may=May.ANYBODY)(view)


def test_the_application_does_not_start_with_a_route_that_nothing_guards(desk: Desk) -> None:
    application = Flask("other")
    application.register_blueprint(make_blueprint(desk.office))
    with pytest.raises(NoRuleError, match="static"):
        require_rules(application, ())
    application = Flask("other", static_folder=None)
    application.register_blueprint(make_blueprint(desk.office))
    require_rules(application, ())
    application.add_url_rule("/desk/behind", "behind", lambda: "")
    with pytest.raises(NoRuleError, match="behind"):
        require_rules(application, ("sms", "voice"))


def test_a_page_that_is_slipped_under_the_desk_is_for_nobody(desk: Desk) -> None:
    """Even where the start was not refused, the guard knows no rule for it and lets nobody in."""
    application = Flask("other", static_folder=None)
    application.register_blueprint(make_blueprint(desk.office))
    application.add_url_rule("/desk/slipped", f"{NAME}.slipped", lambda: "words")
    client = application.test_client()
    client.set_cookie("desk", desk.cookie(desk.member("ann")), domain="localhost")
    assert client.get("/desk/slipped").status_code == 403


def test_somebody_elses_clinic_in_a_session_is_no_way_in(desk: Desk) -> None:
    """A session counts only at a clinic at which its owner works."""
    els = desk.member("els", Role.ADMIN, desk.second_clinic())
    assert desk.browser(els, clinic=HERE).get("/desk/staff").status_code == 303
