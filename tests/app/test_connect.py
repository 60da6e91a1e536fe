"""`backline twilio connect`, against a stand-in of Twilio's REST API."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app import connect
from app.cli import main
from store.clinics import StoredClinic, add_clinic, ensure_clinic
from store.database import Database
from store.migrate import upgrade
from telephony.codes import in_words
from tests.app.test_settings import CARRIER
from tests.telephony.rest import DEMO, DOMAIN, HEX, Rest, a_number, twilio

ANN, BEN = "+12025550143", "+12025550199"
URL = CARRIER["PUBLIC_URL"]


@pytest.fixture
def rest() -> Rest:
    return Rest(
        CARRIER["TWILIO_ACCOUNT_SID"],
        CARRIER["TWILIO_AUTH_TOKEN"],
        numbers=[a_number(BEN), a_number(ANN)],
    )


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(connect, "_LOOK_EVERY_SECONDS", 0)
    for name, value in CARRIER.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def run(rest: Rest, *arguments: str, typed: str | None = None) -> Result:
    with twilio(rest):
        return CliRunner().invoke(main, ["twilio", "connect", *arguments], input=typed)


def test_everything_is_set_up_without_the_console(rest: Rest) -> None:
    """Calls, texts, what happens after them, and the safety net on the carrier's own servers."""
    done = run(rest, "--yes")
    assert done.exit_code == 0, done.output
    assert f"a call comes in: {DEMO} -> {URL}/voice" in done.output
    for number in rest.numbers:
        assert number["voice_url"] == f"{URL}/voice"
        assert number["sms_url"] == f"{URL}/sms"
        assert number["status_callback"] == f"{URL}/voice/status"
        assert number["voice_fallback_url"] == f"https://{DOMAIN}/voice-1.xml"
        assert number["voice_fallback_method"] == "GET"
        assert number["sms_fallback_url"] == f"https://{DOMAIN}/sms-1.xml"
    assert "9 9 9" in rest.hosted["/voice-1.xml"]
    assert "<Message>" in rest.hosted["/sms-1.xml"]
    assert "020 7946 0018" in rest.hosted["/sms-1.xml"]


def test_a_second_time_nothing_is_changed(rest: Rest) -> None:
    run(rest, "--yes")
    rest.asked.clear()
    done = run(rest, "--yes")
    assert done.exit_code == 0
    assert f"{ANN}: as it should be." in done.output
    assert "Nothing is to be changed." in done.output
    assert rest.asked == []


def test_a_dry_run_says_everything_and_changes_nothing(rest: Rest) -> None:
    done = run(rest, "--dry-run", "--test-text", ANN)
    assert done.exit_code == 0
    assert (
        f"a text comes in, and that fails: (nothing) -> {connect.NOT_YET}/sms-1.xml" in done.output
    )
    assert "put on Twilio's servers" in done.output
    assert done.output.endswith("Nothing was changed.\n")
    assert rest.asked == []


def test_who_does_not_agree_changes_nothing(rest: Rest) -> None:
    done = run(rest, typed="n\n")
    assert done.exit_code == 1
    assert "Change that?" in done.output
    assert rest.asked == []


def test_one_number_alone(rest: Rest) -> None:
    assert run(rest, "--yes", "--number", "+1 202 555 0143").exit_code == 0
    there = {number["phone_number"]: number["voice_url"] for number in rest.numbers}
    assert there == {ANN: f"{URL}/voice", BEN: DEMO}


def test_a_number_that_is_not_there_is_said(rest: Rest) -> None:
    done = run(rest, "--number", "+12025550188")
    assert done.exit_code == 1
    assert f"does not have +12025550188; it has {ANN}, {BEN}." in done.output
    assert run(rest, "--number", "hello").exit_code == 2
    rest.numbers = []
    assert "buy one" in run(rest).output


def test_what_calls_and_texts_went_to_before_lets_them_go(rest: Rest) -> None:
    """A trunk, an app or a messaging service would win over the addresses."""
    rest.numbers = [a_number(ANN, trunk_sid=f"TK{HEX}", sms_application_sid=f"AP{HEX}")]
    rest.services = [
        {"sid": f"MG{HEX}", "friendly_name": "Reminders", "use_inbound_webhook_on_number": False}
    ]
    rest.pools = {f"MG{HEX}": [ANN]}
    done = run(rest, "--yes")
    assert f"calls go to a SIP trunk instead: TK{HEX} -> (nothing)" in done.output
    assert (
        f"Messaging service Reminders takes the texts of its numbers itself ({ANN})" in done.output
    )
    assert (rest.numbers[0]["trunk_sid"], rest.numbers[0]["sms_application_sid"]) == ("", "")
    assert rest.services[0]["use_inbound_webhook_on_number"] is True


def test_without_an_upload_the_documents_are_shown(rest: Rest) -> None:
    done = run(rest, "--yes", "--no-upload")
    assert "open TwiML Bins" in done.output
    assert "<Response><Message>" in done.output
    assert rest.numbers[0]["voice_fallback_url"] == f"{URL}/voice/fallback"
    assert rest.hosted == {}


def test_a_safety_net_kept_by_hand_is_left_alone(rest: Rest) -> None:
    """Laid out differently it is the same; another text is not."""
    run(rest, "--yes")
    rest.hosted["/sms-1.xml"] = rest.hosted["/sms-1.xml"].replace("<Message>", "\n  <Message>")
    run(rest, "--yes", "--no-upload")
    assert rest.numbers[0]["sms_fallback_url"] == f"https://{DOMAIN}/sms-1.xml"
    rest.hosted["/sms-1.xml"] = "<Response><Message>Sorry.</Message></Response>"
    run(rest, "--yes", "--no-upload")
    assert rest.numbers[0]["sms_fallback_url"] == f"{URL}/sms/fallback"


def test_files_that_are_not_taken_leave_our_own_fallback(rest: Rest) -> None:
    rest.refuse = {"serverless-upload/": (403, 20403)}
    done = run(rest, "--yes")
    assert done.exit_code == 0
    assert "could not be put on Twilio's servers: The account may not do this" in done.output
    assert "open TwiML Bins" in done.output
    assert rest.numbers[0]["voice_fallback_url"] == f"{URL}/voice/fallback"


def test_each_clinic_has_the_safety_net_of_its_country(rest: Rest, folder: Path) -> None:
    """A caller in America must not be told 999 while the server is down."""
    url = f"sqlite:///{folder}/backline.sqlite3"
    upgrade(url)
    database = Database(url)
    ensure_clinic(database, "Harbour Clinic", "en-GB")
    other = StoredClinic(0, "Bay Clinic", "en-US", "+12025550111", "America/New_York", (BEN,))
    add_clinic(database, other)
    database.close()
    assert run(rest, "--yes").exit_code == 0
    of = {number["phone_number"]: number["voice_fallback_url"] for number in rest.numbers}
    assert of == {ANN: f"https://{DOMAIN}/voice-1.xml", BEN: f"https://{DOMAIN}/voice-2.xml"}
    assert "9 1 1" in rest.hosted["/voice-2.xml"]
    assert "9 1 1" not in rest.hosted["/voice-1.xml"]


def test_a_test_text_is_sent_and_waited_for(rest: Rest) -> None:
    done = run(rest, "--yes", "--test-text", BEN, "--number", ANN)
    assert f"The test text from {ANN}: delivered." in done.output
    form = rest.asked[-1][2]
    assert (form["To"], form["From"]) == (BEN, ANN)
    assert form["Body"].startswith("Harbour Clinic: a test")


def test_a_test_text_that_fails_says_why(rest: Rest) -> None:
    rest.texted = {"status": "undelivered", "error_code": 30034}
    done = run(rest, "--yes", "--test-text", BEN)
    assert done.exit_code == 1
    assert "was not delivered. The number is in no registered A2P 10DLC campaign" in done.output


def test_permissions_and_registration_are_looked_at(rest: Rest) -> None:
    rest.numbers = [a_number(ANN), a_number("+18005550100")]
    rest.callable, rest.costly, rest.textable = ("US", "FR", "DE", "IT", "CU"), True, False
    rest.toll_free = {a_number("+18005550100")["sid"]: "PENDING_REVIEW"}
    output = run(rest, "--dry-run").output
    assert "wrong        calls to your country: GB cannot be called" in output
    assert "wrong        calls to other countries: 5 other" in output
    assert "wrong        costly numbers" in output
    assert "wrong        texts to your country: GB cannot be texted" in output
    assert f"wrong        registration of {ANN}: It has no A2P 10DLC campaign" in output
    assert "toll-free verification is not approved yet: PENDING_REVIEW" in output
    rest.services = [
        {"sid": f"MG{HEX}", "friendly_name": "x", "use_inbound_webhook_on_number": True}
    ]
    rest.pools, rest.campaigns = {f"MG{HEX}": [ANN]}, {f"MG{HEX}": ["VERIFIED"]}
    rest.toll_free = {a_number("+18005550100")["sid"]: "TWILIO_APPROVED"}
    rest.callable, rest.costly, rest.textable = ("GB",), False, True
    output = run(rest, "--dry-run").output
    assert "wrong" not in output
    assert output.count("is approved.") == 2


def test_what_the_carrier_does_not_tell_is_no_fault(rest: Rest) -> None:
    rest.refuse = {"GeoPermissions": (404, None), "DialingPermissions": (500, None)}
    done = run(rest, "--dry-run")
    assert done.exit_code == 0
    assert "cannot tell  texts: Twilio answers with HTTP 404" in done.output
    assert "cannot tell  calls: Twilio answers with HTTP 500" in done.output


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"token": "another token of 32 characters.."}, "copy both from its console again"),
        ({"status": "suspended"}, "The account is not active"),
    ],
)
def test_an_account_that_cannot_be_used_is_a_sentence(
    change: dict[str, str], said: str, rest: Rest
) -> None:
    for name, value in change.items():
        setattr(rest, name, value)
    done = run(rest)
    assert done.exit_code == 1
    assert said in done.output
    assert CARRIER["TWILIO_AUTH_TOKEN"] not in done.output


def test_a_carrier_out_of_reach_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    done = CliRunner().invoke(main, ["twilio", "connect"])
    assert done.exit_code == 1
    assert "Twilio cannot be reached (ProxyError)." in done.output


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PUBLIC_URL", "http://localhost:8000", "Twilio cannot reach this server"),
        ("TWILIO_", "", "No carrier is connected"),
    ],
)
def test_what_cannot_be_connected_is_said(
    name: str, value: str, said: str, rest: Rest, monkeypatch: pytest.MonkeyPatch
) -> None:
    for one in CARRIER:
        if one.startswith(name):
            monkeypatch.setenv(one, value)
    done = run(rest)
    assert done.exit_code == 1
    assert said in done.output


def test_every_code_has_words() -> None:
    assert in_words(21610) == (
        "The person has sent STOP: nothing reaches them until they text START. (Twilio 21610)"
    )
    assert "errors/99999" in in_words(99999)
    assert in_words(None, 503) == "Twilio answers with HTTP 503: try again later."
    assert in_words(None) == "Twilio gives no reason."
