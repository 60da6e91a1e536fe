"""What the webhooks stand on."""

from datetime import UTC, datetime, timedelta

from telephony.door import now


def test_the_clock_is_right() -> None:
    assert now().tzinfo is UTC
    assert abs(now() - datetime.now(UTC)) < timedelta(seconds=5)
