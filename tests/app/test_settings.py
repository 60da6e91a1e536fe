"""The settings: what is believed, what is refused, and that nothing is invented with a carrier."""

import re
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.environment import WrongSettings
from app.keys import own_keys
from app.settings import SETTINGS, Settings, read_settings

CARRIER = {
    "TWILIO_ACCOUNT_SID": "AC" + "0123456789abcdef" * 2,
    "TWILIO_AUTH_TOKEN": "f0e1d2c3b4a5968778695a4b3c2d1e0f",
    "PUBLIC_URL": "https://line.example.org/backline",
    "BACKLINE_LOCALE": "en-GB",
    "BACKLINE_CLINIC_NAME": "Harbour Clinic",
    "BACKLINE_CLINIC_PHONE": "+44 20 7946 0018",
    "BACKLINE_SECRET_KEY": "qV8xT2mZr5LwK9dHj3Yb7NcF4sPg6uAe",
}
SECRETS = [setting.name for setting in SETTINGS if setting.secret]


def faults(environ: dict[str, str], folder: Path) -> tuple[str, ...]:
    with pytest.raises(WrongSettings) as caught:
        read_settings(environ, folder)
    return caught.value.faults


def read(folder: Path, **changes: str) -> Settings:
    return read_settings({**CARRIER, **changes}, folder)


def test_everything_given_is_read(tmp_path: Path) -> None:
    settings = read(tmp_path, PORT="9000", BACKLINE_READING_SECONDS="0")
    assert settings.carrier
    assert settings.auth_tokens == (CARRIER["TWILIO_AUTH_TOKEN"],)
    assert settings.clinic.phone == "+442079460018"
    assert settings.clinic.phone_words == "020 7946 0018"
    assert (settings.port, settings.reading_seconds, settings.trusted_proxies) == (9000, 0, 0)
    assert settings.database_url == "sqlite:///backline.sqlite3"
    assert list(tmp_path.iterdir()) == []


def test_a_number_abroad_is_written_with_its_country(tmp_path: Path) -> None:
    settings = read(tmp_path, BACKLINE_LOCALE="en-US")
    assert settings.clinic.phone_words == "+44 20 7946 0018"


def test_two_tokens_count_while_one_replaces_the_other(tmp_path: Path) -> None:
    settings = read(tmp_path, TWILIO_AUTH_TOKEN_SECONDARY="0f1e2d3c4b5a69788796a5b4c3d2e1f0")
    assert len(settings.auth_tokens) == 2


def test_without_a_carrier_a_demonstration_runs(tmp_path: Path) -> None:
    settings = read_settings({}, tmp_path)
    assert not settings.carrier
    assert (settings.locale, settings.clinic.name) == ("en-US", "Demo Clinic")
    assert settings.clinic.phone_words == "(202) 555-0143"
    assert len(settings.secret_key) >= 32
    assert read_settings({}, tmp_path) == settings


def test_own_keys_are_kept_from_others_and_from_git(tmp_path: Path) -> None:
    own_keys(tmp_path)
    folder = tmp_path / ".backline"
    assert stat.S_IMODE((folder / "keys.env").stat().st_mode) == 0o600
    assert (folder / ".gitignore").read_text() == "*\n"


def test_two_starts_at_once_make_the_same_keys(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(own_keys, [tmp_path] * 16))
    assert len({keys.secret_key for keys in made}) == 1


def test_damaged_keys_are_not_replaced(tmp_path: Path) -> None:
    own_keys(tmp_path)
    (tmp_path / ".backline" / "keys.env").write_text("ACCOUNT_SID=AC1\n")
    (fault,) = faults({}, tmp_path)
    assert "keys.env is damaged" in fault


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / ".backline").write_text("in the way")
    (fault,) = faults({}, tmp_path)
    assert "let Backline write there" in fault


@pytest.mark.parametrize("half", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"])
def test_half_a_carrier_is_refused_and_nothing_is_made(half: str, tmp_path: Path) -> None:
    found = faults({half: CARRIER[half]}, tmp_path)
    missing = {fault.split()[0] for fault in found if "is missing" in fault}
    assert missing == CARRIER.keys() - {half}
    assert list(tmp_path.iterdir()) == []


def test_every_fault_is_named_at_once_and_no_secret_is_told(tmp_path: Path) -> None:
    wrong = {
        "TWILIO_ACCOUNT_SID": "SK-private-1",
        "TWILIO_AUTH_TOKEN": "private 2",
        "TWILIO_AUTH_TOKEN_SECONDARY": "private 3",
        "TWILIO_API_URL": "http://private13.example",
        "PUBLIC_URL": "http://private4.example",
        "DATABASE_URL": "mysql://private5",
        "BACKLINE_LOCALE": "private6",
        "BACKLINE_CLINIC_NAME": "private7" * 10,
        "BACKLINE_CLINIC_PHONE": "private8",
        "BACKLINE_SECRET_KEY": "private9",
        "BACKLINE_READING_SECONDS": "private10",
        "BACKLINE_SMTP_URL": "private14",
        "BACKLINE_MAIL_FROM": "private15",
        "BACKLINE_TRUSTED_PROXIES": "private11",
        "BACKLINE_METRICS_TOKEN": "private 12",
        "BACKLINE_NEW_PEOPLE_PER_HOUR": "private14",
        "PORT": "private13",
        "BACKLINE_ALEXA_SKILL_ID": "private14",
        "BACKLINE_BUTTONS_TEMPLATE_SID": "HXprivate",
    }
    found = faults(wrong, tmp_path)
    assert {fault.split()[0] for fault in found} == wrong.keys()
    assert wrong.keys() == {setting.name for setting in SETTINGS}
    assert not any("private" in fault for fault in found)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLIC_URL", "https://"),
        ("PUBLIC_URL", "line.example.org"),
        ("PUBLIC_URL", "ftp://line.example.org"),
        ("PUBLIC_URL", "https://line.example.org/?a=1"),
        ("PUBLIC_URL", "https://line.example.org/#rc=2"),
        ("PUBLIC_URL", "https://user:word@line.example.org"),
        ("PUBLIC_URL", "https://line.example.org:99999"),
        ("PUBLIC_URL", "https://line.example.org/a b"),
        ("BACKLINE_SECRET_KEY", "a" * 64),
        ("BACKLINE_SECRET_KEY", "abcdefghijklmnopqrstuvwxyz0123456789"),
        ("BACKLINE_SECRET_KEY", "qV8xT2mZ" * 5),
        ("BACKLINE_SECRET_KEY", "my-Secret-qV8xT2mZr5LwK9dHj3Yb7NcF4"),
        ("BACKLINE_CLINIC_NAME", "Harbour\x07Clinic"),
        ("BACKLINE_CLINIC_NAME", "Harbour\u202eClinic"),
        ("BACKLINE_CLINIC_NAME", "Clínica del Puerto"),
        ("BACKLINE_CLINIC_NAME", "{reason}"),
        ("BACKLINE_CLINIC_PHONE", "020 7946 0018"),
        ("BACKLINE_CLINIC_PHONE", "+44 999"),
        ("BACKLINE_READING_SECONDS", "nan"),
        ("BACKLINE_READING_SECONDS", "31"),
        ("BACKLINE_READING_SECONDS", "-1"),
        ("BACKLINE_TRUSTED_PROXIES", "yes"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("TWILIO_AUTH_TOKEN_SECONDARY", CARRIER["TWILIO_AUTH_TOKEN"]),
    ],
)
def test_a_value_that_cannot_be_used_is_refused(name: str, value: str, tmp_path: Path) -> None:
    (fault,) = faults({**CARRIER, name: value}, tmp_path)
    assert fault.startswith(f"{name} ")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://line.example.org/", "https://line.example.org"),
        ("https://line.example.org:8443/a/b/", "https://line.example.org:8443/a/b"),
        ("http://localhost:8000", "http://localhost:8000"),
    ],
)
def test_a_public_address_is_kept_without_its_last_slash(
    given: str, kept: str, tmp_path: Path
) -> None:
    assert read(tmp_path, PUBLIC_URL=given).public_url == kept


def test_a_trusted_proxy_may_tell_the_public_address(tmp_path: Path) -> None:
    environ = {**CARRIER, "PUBLIC_URL": "", "BACKLINE_TRUSTED_PROXIES": "1"}
    assert read_settings(environ, tmp_path).public_url is None


def test_a_misspelt_name_is_not_passed_over(tmp_path: Path) -> None:
    (fault,) = faults({**CARRIER, "BACKLINE_CLINC_NAME": "x"}, tmp_path)
    assert fault == "BACKLINE_CLINC_NAME is no setting: did you mean BACKLINE_CLINIC_NAME?"


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_may_stand_in_a_file(name: str, tmp_path: Path) -> None:
    value = {
        **CARRIER,
        "BACKLINE_SMTP_URL": "smtps://ann:word@mail.example",
        "BACKLINE_MAIL_FROM": "line@clinic.example",
        "DATABASE_URL": "sqlite:///else.sqlite3",
        "TWILIO_AUTH_TOKEN_SECONDARY": "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
        "BACKLINE_METRICS_TOKEN": "a token of the tests".replace(" ", "-"),
    }
    (tmp_path / "kept").write_text(value[name] + "\n")
    environ = {**value, f"{name}_FILE": str(tmp_path / "kept")}
    (fault,) = faults(environ, tmp_path)
    assert "both set" in fault
    del environ[name]
    assert read_settings(environ, tmp_path) == read_settings(value, tmp_path)


@pytest.mark.parametrize("content", [None, "", b"\xff"])
def test_a_secret_that_cannot_be_read_is_one_fault(
    content: str | bytes | None, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "kept").write_bytes(content.encode() if isinstance(content, str) else content)
    environ = {**CARRIER, "BACKLINE_SECRET_KEY_FILE": str(tmp_path / "kept")}
    del environ["BACKLINE_SECRET_KEY"]
    (fault,) = faults(environ, tmp_path)
    assert fault.startswith("BACKLINE_SECRET_KEY_FILE names")


def test_the_file_beside_it_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "\ufeff# a comment\n\nexport BACKLINE_LOCALE = en-GB # England\n"
        "BACKLINE_CLINIC_NAME='Smith & Sons # 1'\n"
        'BACKLINE_CLINIC_PHONE="+442079460018" # its desk\n'
        "PORT=9001\nBACKLINE_READING_SECONDS=\nBACKLINE_SECRET_KEY=short\n"
    )
    (tmp_path / "key").write_text(CARRIER["BACKLINE_SECRET_KEY"])
    environ = {"PORT": "9002", "BACKLINE_SECRET_KEY_FILE": str(tmp_path / "key")}
    settings = read_settings(environ, tmp_path)
    assert settings.locale == "en-GB"
    assert settings.clinic.name == "Smith & Sons # 1"
    assert (settings.port, settings.reading_seconds) == (9002, 1.5)
    assert settings.secret_key == CARRIER["BACKLINE_SECRET_KEY"]


@pytest.mark.parametrize("line", ["PORT", "PORT='8000", "=8000", 'PORT="80"00'])
def test_a_line_that_says_nothing_is_refused(line: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"\n{line}\n")
    (fault,) = faults({}, tmp_path)
    assert "line 2 is not NAME=VALUE" in fault


def test_a_name_given_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=1\nPORT=2\n")
    (fault,) = faults({}, tmp_path)
    assert "line 2 gives PORT again" in fault


def test_secrets_are_not_shown_with_the_settings(tmp_path: Path) -> None:
    shown = repr(read(tmp_path, DATABASE_URL="postgresql://u:hidden@h/d"))
    assert "hidden" not in shown
    assert CARRIER["TWILIO_AUTH_TOKEN"] not in shown
    assert CARRIER["BACKLINE_SECRET_KEY"] not in shown


def test_the_example_explains_each_setting_and_no_other() -> None:
    """Each name stands under its sentence; values there are the defaults, or nothing."""
    text = Path(".env.example").read_text(encoding="utf-8")
    there = re.findall(r"(?m)^(?:# )?([A-Z][A-Z_]+)=", text)
    assert sorted(there) == sorted(setting.name for setting in SETTINGS)
    for setting in SETTINGS:
        block = next(b for b in text.split("\n\n") if re.search(rf"(?m)^(# )?{setting.name}=", b))
        assert block.startswith(f"# {setting.sentence}\n")


def test_the_example_copied_as_it_is_runs_without_a_carrier(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(Path(".env.example").read_bytes())
    copied = read_settings({}, tmp_path)
    (tmp_path / ".env").unlink()
    assert copied == read_settings({}, tmp_path)
