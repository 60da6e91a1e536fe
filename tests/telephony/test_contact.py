"""One string per person, whatever the address looks like."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.contact import caller, number, sender

CALL = "CA00000000000000000000000000000001"


@pytest.mark.parametrize(
    ("address", "contact"),
    [
        ("+12025550143", "+12025550143"),
        (" +12025550143 ", "+12025550143"),
        ("+1 (202) 555-0143", "+12025550143"),
        ("+4407700900123", "+447700900123"),
        ("whatsapp:+12025550143", "+12025550143"),
        ("12345", "12345"),
        ("CLINIC", "CLINIC"),
        ("+1555", "+1555"),
        ("whatsapp:someone", "someone"),
        ("sip:alice@example.com", "sip:alice@example.com"),
        ("", ""),
        (" ", ""),
        ("whatsapp:", ""),
    ],
)
def test_who_wrote(address: str, contact: str) -> None:
    assert sender(address) == contact


@pytest.mark.parametrize(
    ("address", "contact"),
    [
        ("+12025550143", "+12025550143"),
        ("+1 202.555.0143", "+12025550143"),
        ("+4407700900123", "+447700900123"),
        ("client:alice", "client:alice"),
        ("sip:alice@example.com", "sip:alice@example.com"),
        ("sips:alice@example.com:5061", "sips:alice@example.com:5061"),
    ],
)
def test_who_called(address: str, contact: str) -> None:
    assert caller(address, CALL) == contact


@pytest.mark.parametrize(
    "address",
    [
        "", " ", "anonymous", "Anonymous", "ANONYMOUS", "restricted", "RESTRICTED",
        "unavailable", "blocked", "unknown", "private", "withheld",
        # What these words spell on a phone's keys.
        "+266696687", "+7378742883", "+86282452253", "+2562533", "+8656696",
        # No number that anybody could be called back on.
        "+1", "+1555", "+0", "+999123456789", "+", "1234", "2025550143", "+12025550143123",
        "+1202555O143", "911", "sip:anonymous@anonymous.invalid", "sip:Anonymous@example.com",
        "sip:alice@anonymous.invalid", "sip:", "client:", "client:Anonymous",
    ],
)  # fmt: skip
def test_a_hidden_caller_is_a_contact_for_this_call_alone(address: str) -> None:
    assert caller(address, CALL) == f"call:{CALL}"


def test_the_same_person_by_every_channel() -> None:
    assert sender("+447700900123") == sender("whatsapp:+447700900123")
    assert sender("+447700900123") == caller("+447700900123", CALL)


@given(st.text("+0123456789 ().-:@sipwha\0é", max_size=24))
def test_any_address_has_a_contact(address: str) -> None:
    """Never fails, never an empty contact for a call, and a number stays the same number."""
    assert caller(address, CALL)
    assert sender(sender(address)) == sender(address)
    found = number(address)
    assert found is None or number(found) == found


@pytest.mark.parametrize("digit", ["\N{ARABIC-INDIC DIGIT ONE}", "\N{DEVANAGARI DIGIT ZERO}"])
def test_digits_of_other_scripts_are_no_number(digit: str) -> None:
    assert number("+1202555014" + digit) is None
