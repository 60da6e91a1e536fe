"""Signing in: the first link, the password, the second factor, and everything that goes wrong."""

import statistics
import time
from datetime import UTC, datetime

import pyotp
import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from clinic import limits, passwords
from clinic.limits import network
from duty.roles import Role
from store.audit import Wanted
from store.sessions import ABSOLUTE, HALFWAY, IDLE, Stage
from tests.clinic.office import HERE, PASSWORD, SECRET, Desk, token_on

SIGN_IN = "/desk/sign-in"
CODE = "/desk/sign-in/code"


def code(desk: Desk, secret: str = SECRET, ahead: int = 0) -> str:
    """What the app on somebody's phone shows."""
    return pyotp.TOTP(secret).at(desk.at, counter_offset=ahead)


def send(client: FlaskClient, path: str, page: str = "", **form: str) -> TestResponse:
    """Fill in the form that a page has, and send it."""
    token = token_on(client.get(page or path).text)
    return client.post(path, data={"csrf_token": token, **form})


def with_password(desk: Desk, login: str = "ann", password: str = PASSWORD) -> FlaskClient:
    client = desk.app.test_client()
    answer = send(client, SIGN_IN, login=login, password=password)
    assert answer.location == CODE, answer.text
    return client


def is_in(client: FlaskClient) -> bool:
    return client.get("/desk/account").status_code == 200


def actions(desk: Desk) -> list[str]:
    """What the audit log of the clinic holds, oldest first."""
    found = desk.office.log.entries(HERE, Wanted(), 10**6, 1000)
    return [str(one.entry.action) for one in reversed(found)]


# --- The whole way --------------------------------------------------------------------------------


def test_password_and_code_let_somebody_in(desk: Desk) -> None:
    desk.member("ann")
    client = with_password(desk)
    assert not is_in(client)
    answer = send(client, CODE, code=code(desk))
    assert (answer.status_code, answer.location) == (303, "/desk/")
    assert is_in(client)
    assert actions(desk)[-1] == "session.began"


def test_the_name_may_be_typed_in_capitals_and_the_code_with_a_space(desk: Desk) -> None:
    desk.member("ann")
    client = with_password(desk, " ANN ")
    spaced = f"{code(desk)[:3]} {code(desk)[3:]}"
    assert send(client, CODE, code=spaced).location == "/desk/"


def test_the_first_time(desk: Desk) -> None:
    """A link, a password of one's own, a second factor, recovery codes: then one is in."""
    id_ = desk.member("new", Role.READER, ready=False)
    key, writes = desk.office.staff.link(id_, desk.at, desk.at + HALFWAY)
    desk.write(*writes)
    client = desk.app.test_client()
    welcome = f"/desk/welcome/{key}"
    assert client.get(welcome).status_code == 200
    assert send(client, welcome).location == "/desk/sign-in/password"
    assert not is_in(client)
    chosen = send(client, "/desk/sign-in/password", password=PASSWORD, again=PASSWORD)
    assert chosen.location == "/desk/sign-in/second-factor"
    shown = client.get("/desk/sign-in/second-factor").text
    secret = shown.partition("<dd><code>")[2].partition("</code>")[0].replace(" ", "")
    wrong = send(client, "/desk/sign-in/second-factor", code="000000")
    assert wrong.status_code == 422
    codes = send(client, "/desk/sign-in/second-factor", code=code(desk, secret)).text
    assert codes.count("<li><code>") == 10
    assert is_in(client)
    assert actions(desk) == ["password.changed", "code.enrolled"]
    again = desk.app.test_client()
    assert send(again, welcome).status_code == 422  # it was used
    assert b"used already" in send(again, welcome).data


def test_a_link_runs_out(desk: Desk) -> None:
    id_ = desk.member("new", ready=False)
    key, writes = desk.office.staff.link(id_, desk.at, desk.at + HALFWAY)
    desk.write(*writes)
    desk.later(minutes=16)
    assert send(desk.app.test_client(), f"/desk/welcome/{key}").status_code == 422


def test_whoever_asked_for_a_page_gets_to_it(desk: Desk) -> None:
    desk.member("ann")
    client = desk.app.test_client()
    assert client.get("/desk/audit?who=1").location == SIGN_IN
    send(client, SIGN_IN, login="ann", password=PASSWORD)
    assert send(client, CODE, code=code(desk)).location == "/desk/audit?who=1"


def test_nobody_is_led_elsewhere(desk: Desk) -> None:
    """Where to go on is what the guard noted, and no address that a link could bring along."""
    desk.member("ann")
    client = desk.app.test_client()
    client.get(f"{SIGN_IN}?next=https://evil.example")
    client.get("/desk//evil.example/")
    send(client, SIGN_IN, login="ann", password=PASSWORD)
    assert send(client, CODE, code=code(desk)).location.startswith("/desk/")


# --- What is wrong --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("login", "password"), [("ann", "wrong"), ("nobody", PASSWORD), ("", ""), ("gone", PASSWORD)]
)
def test_wrong_passwords_and_unknown_names_are_answered_alike(
    desk: Desk, login: str, password: str
) -> None:
    desk.member("ann")
    gone = desk.member("gone")
    desk.write(desk.office.staff.changing(gone, disabled_at=desk.at))
    answer = send(desk.app.test_client(), SIGN_IN, login=login, password=password)
    assert answer.status_code == 422
    assert "do not belong together" in answer.text


def test_unknown_names_take_as_long(desk: Desk) -> None:
    """Else a stranger could find out who works here."""
    desk.member("ann")

    def seconds(login: str) -> float:
        began = time.perf_counter()
        kept = desk.office.staff.by_login(login)
        passwords.matches("wrong", kept.password if kept else None)
        return time.perf_counter() - began

    known = statistics.median(seconds("ann") for _ in range(9))
    unknown = statistics.median(seconds("nobody") for _ in range(9))
    assert 0.4 < known / unknown < 2.5


@pytest.mark.parametrize("ahead", [-3, 2, 10])
def test_a_code_of_another_time_is_none(desk: Desk, ahead: int) -> None:
    desk.member("ann")
    client = with_password(desk)
    assert send(client, CODE, code=code(desk, ahead=ahead)).status_code == 422
    assert actions(desk)[-1] == "code.wrong"


@pytest.mark.parametrize("given", ["", "abc", "12345", "1234567", "<script>"])
def test_what_is_no_code_is_refused(desk: Desk, given: str) -> None:
    desk.member("ann")
    assert send(with_password(desk), CODE, code=given).status_code == 422


def test_a_code_is_good_once(desk: Desk) -> None:
    """Whoever looked over a shoulder cannot use what they saw."""
    desk.member("ann")
    assert send(with_password(desk), CODE, code=code(desk)).location == "/desk/"
    assert send(with_password(desk), CODE, code=code(desk)).status_code == 422
    desk.later(seconds=60)
    assert send(with_password(desk), CODE, code=code(desk)).location == "/desk/"


def test_a_recovery_code_is_good_once(desk: Desk) -> None:
    id_ = desk.member("ann")
    codes, writes = desk.office.staff.recovery_codes(id_, desk.at)
    desk.write(*writes)
    typed = codes[3].upper().replace("-", " ")
    assert send(with_password(desk), CODE, recovery=typed).location == "/desk/"
    assert send(with_password(desk), CODE, recovery=codes[3]).status_code == 422
    assert desk.office.staff.tickets_left(id_) == 9
    assert "recovery.used" in actions(desk)


def test_nobody_uses_somebody_elses_recovery_code(desk: Desk) -> None:
    desk.member("ann")
    codes, writes = desk.office.staff.recovery_codes(desk.member("ben"), desk.at)
    desk.write(*writes)
    assert send(with_password(desk), CODE, recovery=codes[0]).status_code == 422


# --- Too often ------------------------------------------------------------------------------------


def test_too_many_wrong_passwords_lock_for_a_while(desk: Desk) -> None:
    desk.member("ann")
    client = desk.app.test_client()
    for _ in range(limits.PER_PAIR):
        assert send(client, SIGN_IN, login="ann", password="wrong").status_code == 422
    locked = send(client, SIGN_IN, login="ann", password=PASSWORD)
    assert locked.status_code == 429
    assert "Wait 15 minutes" in locked.text
    assert actions(desk)[-1] == "account.locked"
    desk.later(minutes=16)
    with_password(desk)


def test_a_name_that_nobody_has_locks_as_well(desk: Desk) -> None:
    """Else the lock would tell who works here."""
    client = desk.app.test_client()
    for _ in range(limits.PER_PAIR):
        assert send(client, SIGN_IN, login="nobody", password="wrong").status_code == 422
    assert send(client, SIGN_IN, login="nobody", password="wrong").status_code == 429


def test_a_stranger_elsewhere_does_not_lock_somebody_out(desk: Desk) -> None:
    desk.member("ann")
    stranger = desk.app.test_client()
    for _ in range(limits.PER_PAIR + 1):
        token = token_on(stranger.get(SIGN_IN).text)
        stranger.post(
            SIGN_IN,
            data={"csrf_token": token, "login": "ann", "password": "wrong"},
            environ_base={"REMOTE_ADDR": "203.0.113.9"},
        )
    with_password(desk)


def test_an_address_that_tries_everybody_is_stopped(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "_LIMITS", (5, 3, 50))
    client = desk.app.test_client()
    for name in ("a1", "a2", "a3"):
        assert send(client, SIGN_IN, login=name, password="wrong").status_code == 422
    assert send(client, SIGN_IN, login="a4", password="wrong").status_code == 429


def test_who_signs_in_well_is_not_counted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole clinic comes from one address."""
    monkeypatch.setattr(limits, "_LIMITS", (5, 2, 2))
    for name in ("a1", "a2", "a3", "a4"):
        desk.member(name)
        with_password(desk, name)


def test_too_many_wrong_codes_end_the_attempt(desk: Desk) -> None:
    desk.member("ann")
    client = with_password(desk)
    for _ in range(limits.PER_CODE):
        assert send(client, CODE, code="000000").status_code == 422
    assert send(client, CODE, code=code(desk)).status_code == 429
    assert client.get(CODE).location == SIGN_IN
    again = with_password(desk)
    assert send(again, CODE, code=code(desk)).status_code == 429  # a new session counts on


def test_a_network_of_ipv6_is_one_address() -> None:
    assert network("2001:db8:1:2::1") == network("2001:db8:1:2:ffff::9")
    assert network("2001:db8:1:2::1") != network("2001:db8:1:3::1")
    assert network("203.0.113.9") == "203.0.113.9"
    assert network("") == ""


# --- How long -------------------------------------------------------------------------------------


def test_a_session_that_nobody_uses_ends(desk: Desk) -> None:
    client = desk.browser(desk.member("ann"))
    assert is_in(client)
    desk.at += IDLE
    assert not is_in(client)


def test_a_session_that_is_used_goes_on_until_it_ends_all_the_same(desk: Desk) -> None:
    client = desk.browser(desk.member("ann"))
    began = desk.at
    while desk.at - began < ABSOLUTE:
        assert is_in(client)
        desk.later(minutes=50)
    assert not is_in(client)


def test_a_step_of_signing_in_waits_for_a_quarter_of_an_hour(desk: Desk) -> None:
    desk.member("ann")
    client = with_password(desk)
    desk.later(minutes=16)
    assert client.get(CODE).location == SIGN_IN


def test_what_a_page_asks_for_by_itself_keeps_nobody_signed_in(desk: Desk) -> None:
    """An unattended screen, whose page looks for news each minute, is signed out in the end."""
    key, begin = desk.office.sessions.begin(desk.member("ann"), Stage.IN, desk.at, HERE)
    desk.write(begin)
    for _ in range(6):
        desk.later(minutes=9)
        assert desk.office.sessions.find(key, desk.at, active=False)
    desk.later(minutes=9)
    assert desk.office.sessions.find(key, desk.at, active=False) is None


def test_signing_out_ends_the_session_on_the_server(desk: Desk) -> None:
    """A cookie that was copied before is worth nothing after."""
    id_ = desk.member("ann")
    stolen = desk.browser(id_)
    owner = desk.app.test_client()
    cookie = stolen.get_cookie("desk", domain="localhost")
    assert cookie is not None
    owner.set_cookie("desk", cookie.value, domain="localhost")
    assert is_in(owner)
    assert is_in(stolen)
    assert desk.post(owner, "/desk/sign-out").location == SIGN_IN
    assert not is_in(stolen)
    assert not is_in(owner)


def test_signing_out_everywhere(desk: Desk) -> None:
    id_ = desk.member("ann")
    phone, tablet, other = desk.browser(id_), desk.browser(id_), desk.browser(desk.member("ben"))
    assert desk.post(phone, "/desk/account/sign-out-everywhere").location == SIGN_IN
    assert not is_in(phone)
    assert not is_in(tablet)
    assert is_in(other)


def test_each_step_gives_the_browser_another_key(desk: Desk) -> None:
    """Whoever put a key into somebody's browser has nothing of the session that comes of it."""
    desk.member("ann")
    client = with_password(desk)
    before = client.get_cookie("desk", domain="localhost")
    send(client, CODE, code=code(desk))
    after = client.get_cookie("desk", domain="localhost")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    old = desk.app.test_client()
    old.set_cookie("desk", before.value, domain="localhost")
    assert old.get(CODE).location == SIGN_IN


def test_a_disabled_account_is_out_at_once(desk: Desk) -> None:
    id_ = desk.member("ben")
    client = desk.browser(id_)
    assert is_in(client)
    desk.write(desk.office.staff.changing(id_, disabled_at=datetime.now(UTC)))
    assert not is_in(client)


# --- Passwords ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("correct horse battery", ""),
        ("ñandú y ciempiés", ""),
        ("short", "password.short"),
        ("eleven char", "password.short"),
        ("x" * 201, "password.long"),
        ("aaaaaaaaaaaa", "password.guessed"),
        ("password12345", "password.guessed"),
        ("Harbour Clinic 1", "password.guessed"),
        ("ann@example.org2026", "password.guessed"),
        ("passwordpassword", "password.guessed"),
        ("123456789012", "password.guessed"),
    ],
)
def test_which_passwords_are_good_enough(password: str, fault: str) -> None:
    assert passwords.fault(password, ["Harbour Clinic", "ann@example.org"]) == fault


def test_a_hash_of_another_cost_is_made_again_when_its_owner_signs_in(desk: Desk) -> None:
    id_ = desk.member("ann")
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    desk.write(desk.office.staff.changing(id_, password=old))
    with_password(desk)
    person = desk.office.staff.by_id(id_)
    assert person is not None
    assert person.password is not None
    assert person.password != old
    assert "m=19456,t=2,p=1" in person.password
    with_password(desk)


def test_too_many_hashes_at_once_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_WAIT_SECONDS", 0.01)
    with passwords.Turn(), passwords.Turn(), pytest.raises(passwords.BusyError):
        passwords.matches("x", None)
