"""What staff are told: the same in each language, short, and nothing of a patient's."""

from datetime import UTC, datetime
from string import Formatter

import pytest

from duty.alert import BY_URGENCY, Alert
from duty.ladder import Rung
from duty.wording import LANGUAGES, Letterhead, mail_of, read_words, say, spoken_of, text_of
from flows.wording import length

AT = datetime(2026, 3, 2, 17, 5, tzinfo=UTC)
LINK = "https://line.example.org/desk/conversations/0195562a-8c40-7a31-b7f0-5b1d4f0c9a11"
ABOUT = [*(name for name in BY_URGENCY if name != "undelivered"), "undelivered:T1", "new_kind"]


def shape(language: str) -> dict[str, set[str]]:
    """Every key with the names that its words need."""
    return {
        f"{subject}.{key}": {name for _, name, _, _ in Formatter().parse(words) if name}
        for subject, keys in read_words(language).items()
        for key, words in keys.items()
    }


def test_each_language_says_the_same() -> None:
    assert len({str(sorted(shape(language).items())) for language in LANGUAGES}) == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("about", ABOUT)
def test_a_text_says_what_it_is_and_what_to_do_in_two_parts(language: str, about: str) -> None:
    alert = Alert(12345, 1, "c", about, 1, AT)
    words = text_of(alert, Letterhead(language, "Harbour Street Clinic", "America/New_York", LINK))
    assert words.startswith("Harbour Street Clinic: ")
    assert "12:05" in words
    assert f"{alert.reference} OK" in words
    assert words.endswith(LINK)
    assert length(words).parts <= 2
    assert length(words).gsm


def test_a_line_without_an_address_sends_no_link() -> None:
    assert not text_of(
        Alert(1, 1, "c", "T1", 1, AT), Letterhead("en", "Clinic", "UTC", "")
    ).endswith(" ")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("about", ABOUT)
def test_a_call_names_its_keys_last(language: str, about: str) -> None:
    *_, reference, keys = spoken_of(Alert(12, 1, "c", about, 1, AT), language, "Clinic")
    assert "1 0 1 2" in reference
    assert "1" in keys
    assert "9" in keys


def test_the_mail_of_an_alarm_says_who_was_told() -> None:
    rungs = [
        Rung(1, 7, AT, "busy", AT),
        Rung(2, None, AT, None, None),
        Rung(3, 7, AT, "acknowledged", AT),
    ]
    alert = Alert(1, 1, "c", "T1", 1, AT)
    mail = mail_of(
        alert, rungs, {7: "Ann Example"}, Letterhead("en", "Clinic", "Europe/London", LINK)
    )
    assert mail.subject == "Clinic: nobody has acknowledged alert 1001"
    assert "17:05  Ann Example (busy)\n17:05  Clinic\n17:05  Ann Example\n" in mail.body
    assert LINK in mail.body
    assert "nobody to tell" in mail_of(alert, [], {}, Letterhead("en", "Clinic", "UTC", LINK)).body


def test_a_language_that_staff_words_do_not_have_is_english() -> None:
    assert say("fr", "call.wrong") == say("en", "call.wrong")
