"""The proof of durability, in short: `./dev chaos` is the long one."""

import pytest

from tests.chaos.audit import audit
from tests.chaos.day import Run, played

SHORT = Run(
    "sqlite",
    kills=6,
    every=0.25,
    threads=6,
    seconds=180,
    times=60,
    pause=0.2,
    scripts=("t1", "called", "open", "t1", "hung_up", "t2"),
    evening=4,
)


@pytest.mark.timeout(480)  # it takes half a minute, unless the machine is very busy
def test_whatever_is_killed_nothing_is_lost_and_what_is_lost_is_found() -> None:
    """A few kills lose nothing; and where something is gone, the same count says so."""
    with played(SHORT) as result:
        assert result.found.shown == []
        assert result.kills == SHORT.kills
        assert result.found.people > 10
        assert result.found.alerts["T1"] > 0

        town, people, courier = result.town, result.people, result.courier
        town.twilio.texts.clear()
        courier.tried.clear()
        people.everybody[0].heard.append("never heard")
        faults = " ".join(audit(town, people, courier).faults)
        for fault in ("the carrier never had it", "acknowledged by nobody", "on the log is"):
            assert fault in faults
