"""What came of it: the log, the outbox, the alerts and what the carrier took, beside what was done.

What must hold stands with each check. Of what the carrier has, each text and each call names its
row of the outbox in the address for its receipts, so it is known which of them are the same.
"""

import subprocess
import sys
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from duty.alert import Alert, Ladder
from duty.climbing import Climb
from duty.clinic import FIRST
from duty.delivery import Job, Stage
from duty.patient import Owed
from flows.conversation import Turn
from flows.definition import UNFINISHED
from flows.utterance import Kind
from store.alerts import alerts_of, daily_tests
from store.database import Database
from store.outbox import Outbox
from store.review import StoredConversation, conversations
from store.rungs import RungBook
from store.sealing import Sealer
from tests.chaos.courier import Courier
from tests.chaos.people import People, Person
from tests.chaos.town import SECRET, STAFF, Town
from tests.twilio_api import Sent

_LET_GO = ("superseded", "acknowledged", "opted_out", "nothing_due", "gave_way")
_DID_NOT_ARRIVE = ("undelivered", "failed", "busy", "no-answer")
_SAME_MOMENT = timedelta(minutes=2)
_FAULTS_SHOWN = 40


@dataclass
class Audit:
    """The counts, and in `faults` a sentence for each thing that is not as it must be.

    `doubles`: what was sent twice.  `mistaken`: calls that were taken for one another.
    `late`: texts that nobody could send in time.
    """

    people: int = 0
    turns: int = 0
    alerts: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0
    ran_out: int = 0
    nudges: int = 0
    follow_ups: int = 0
    to_patients: int = 0
    texts_to_staff: int = 0
    calls_to_staff: int = 0
    doubles: int = 0
    mistaken: int = 0
    undelivered: int = 0
    late: int = 0
    faults: list[str] = field(default_factory=list)

    def must(self, holds: object, otherwise: str) -> None:
        if not holds:
            self.faults.append(otherwise)

    @property
    def shown(self) -> list[str]:
        """The faults, those of the same words counted, and not too many."""
        counted = [f"{fault} ({n} times)" if n > 1 else fault for fault, n in self._most]
        more = len(counted) - _FAULTS_SHOWN
        return counted[:_FAULTS_SHOWN] + ([f"and {more} others"] if more > 0 else [])

    @property
    def _most(self) -> list[tuple[str, int]]:
        return Counter(self.faults).most_common()


def settled(town: Town, courier: Courier) -> bool:
    """Whether nothing is left to do before the next thing that only time brings."""
    with closing(Database(town.url)) as database:
        return courier.idle and not Outbox(database).left(town.now())


def left(town: Town, courier: Courier) -> str:
    """What `settled` waits for, in words."""
    with closing(Database(town.url)) as database:
        rows = Outbox(database).left(town.now())
    return f"{rows} rows and {'no' if courier.idle else 'some'} news"


class _Taken:
    """What the carrier has, by what it was for."""

    def __init__(self, town: Town) -> None:
        self.of_job: dict[int, list[Sent]] = defaultdict(list)
        self.of_reply: dict[str, list[Sent]] = defaultdict(list)
        self.of_person: dict[str, list[Sent]] = defaultdict(list)
        self.of_sid: dict[str, Sent] = {}
        for one in (*town.twilio.texts, *town.twilio.calls):
            about = parse_qs(urlsplit(one.form["StatusCallback"]).query)
            if "reply" in about:
                self.of_reply[about["reply"][0]].append(one)
            else:
                self.of_job[int(about["job"][0])].append(one)
            self.of_person[one.to].append(one)
            self.of_sid[one.sid] = one

    def of(self, job: Job) -> list[Sent]:
        return self.of_job.get(job.id, []) + self.of_reply.get(job.key.partition(":")[2], [])


@dataclass
class _Books:
    """Everything that is looked into."""

    town: Town
    people: People
    courier: Courier
    database: Database
    taken: _Taken
    found: Audit


def audit(town: Town, people: People, courier: Courier) -> Audit:
    """Everything that can be counted, after `settled`."""
    found, sealer = Audit(), Sealer(SECRET)
    with closing(Database(town.url)) as database:
        books = _Books(town, people, courier, database, _Taken(town), found)
        of = {one.address: one for one in conversations(database, sealer, FIRST, numbers=True)}
        for person in people.everybody:
            if not person.done:
                found.faults.append(f"{person.script}: the person was never answered")
            elif person.number not in of:
                found.faults.append(f"{person.script}: nothing is on the log")
            else:
                _person(books, person, of[person.number])
        known = {person.number for person in people.everybody}
        found.must(of.keys() <= known, "a conversation of nobody")
        found.must(books.taken.of_person.keys() <= {*known, *STAFF}, "something sent to nobody")
        _tests(books)
    found.faults += [f"the carrier was asked wrongly: {one}" for one in town.twilio.violations]
    found.faults += _replayed(town)
    return found


# --- One person -----------------------------------------------------------------------------------


def _person(books: _Books, person: Person, stored: StoredConversation) -> None:
    """No turn is lost or doubled, and what follows from them is there once."""
    found, script, turns = books.found, person.script, stored.turns
    jobs = Outbox(books.database).of_conversation(stored.id)
    alerts = alerts_of(books.database, stored.id)
    found.people += 1
    found.turns += len(turns)
    heard = [turn.utterance.words for turn in turns if turn.utterance.kind is not Kind.CLOCK]
    found.must(heard == person.heard, f"{script}: said {person.heard}, on the log is {heard}")
    numbers = [turn.number for turn in turns]
    found.must(numbers == list(range(1, len(turns) + 1)), f"{script}: turns out of order")
    _clock(found, person, turns)
    kinds = Counter(job.kind for job in jobs if job.kind in (*Owed,) and job.kind != Owed.SAID)
    found.must(kinds == Counter(person.owed), f"{script}: owed {dict(kinds)}")
    said = {
        f"{Owed.SAID}:{stored.id}:{turn.number}:{place}"
        for turn in turns
        if turn.utterance.kind is Kind.CLOCK
        for place, _ in enumerate(turn.said)
    }
    rows = {job.key for job in jobs if job.kind == Owed.SAID}
    found.must(rows == said, f"{script}: what the clock said is not what is to be sent")
    for job in jobs:
        _row(books, job)
    _alerts(books, person, alerts, jobs)


def _clock(found: Audit, person: Person, turns: tuple[Turn, ...]) -> None:
    """The clock has put what was open once more, ended it, and asked how it went: once each."""
    script = person.script
    keys = [
        {part.key for message in turn.said for part in message}
        for turn in turns
        if turn.utterance.kind is Kind.CLOCK
    ]
    nudges, asked = (sum(key in one for one in keys) for key in ("nudge", "follow_up"))
    ended = sum(
        turn.utterance.kind is Kind.CLOCK and turn.state.position == UNFINISHED for turn in turns
    )
    low, high = person.nudges
    found.must(low <= nudges <= high, f"{script}: {nudges} nudges")
    found.must(ended == person.ends, f"{script}: ended by the clock {ended} times")
    found.must(asked == person.follow_ups, f"{script}: asked {asked} times whether they were seen")
    found.nudges += nudges
    found.follow_ups += asked


# --- Rows of the outbox ---------------------------------------------------------------------------


def _row(books: _Books, job: Job) -> None:
    """Nothing is left over, and the carrier had once what is said to be sent."""
    found, taken = books.found, books.taken.of(job)
    found.must(job.due_at is None, f"{job.kind}: left over, {job.stage}")
    match job.stage:
        case Stage.SENT | Stage.DELIVERED:
            if not taken and job.kind == Climb.CALL and job.carrier_sid in books.taken.of_sid:
                found.mistaken += 1
            else:
                found.must(taken, f"{job.kind}: said to be sent, and the carrier never had it")
        case Stage.FAILED:
            lost = any(one.status in _DID_NOT_ARRIVE for one in taken)
            if not taken and job.reason == "expired":
                found.late += 1
            elif not lost and job.kind == Climb.CALL and job.carrier_sid in books.taken.of_sid:
                found.mistaken += 1
            else:
                found.must(lost, f"{job.kind}: failed by {job.reason!r} at {job.error_code}")
        case Stage.DROPPED:
            found.must(job.reason in _LET_GO, f"{job.kind}: let go by {job.reason!r}")
        case stage:
            found.must(stage is Stage.DONE, f"{job.kind}: still {stage}")
    again = sum(
        (Counter(one.body for one in taken) - Counter({one.body for one in taken})).values()
    )
    found.doubles += again
    found.must(not again or _may_be_doubled(books, taken), f"{job.kind}: twice, without a reason")
    if job.kind == Climb.TEXT:
        found.texts_to_staff += len(taken)
    elif job.kind == Climb.CALL:
        found.calls_to_staff += len(taken)
    else:
        found.to_patients += len(taken)


def _may_be_doubled(books: _Books, taken: list[Sent]) -> bool:
    """Whether the answer to the first one was lost, or something was killed at that moment."""
    first = taken[0]
    killed = any(abs(at - first.at) < _SAME_MOMENT for at in books.town.killed_at)
    return killed or not first.answered


# --- Alerts ---------------------------------------------------------------------------------------


def _alerts(books: _Books, person: Person, alerts: list[Alert], jobs: list[Job]) -> None:
    """Each is there once; it was told, and acknowledged or has run out; and none is false."""
    found, script, courier = books.found, person.script, books.courier
    abouts = [alert.about for alert in alerts]
    found.alerts.update(abouts)
    found.must(len(set(abouts)) == len(abouts), f"{script}: alerted twice")
    alarms = {about for about in abouts if about.startswith("undelivered")}
    found.must(set(abouts) - alarms == person.alerts, f"{script}: alerted {sorted(abouts)}")
    advice = [one for job in jobs if job.kind == Owed.REPLY for one in books.taken.of(job)]
    never = script in ("t1", "t2") and not advice
    lost = never or any(one.sid in courier.undelivered for one in advice)
    found.must(alarms or not lost, f"{script}: nobody knows that the advice did not arrive")
    why = lost or script == "hung_up"
    reasons = sorted(f"{job.kind}:{job.stage}:{job.reason}" for job in jobs if job.kind in (*Owed,))
    found.must(why or not alarms, f"{script}: a false alarm of advice that did arrive: {reasons}")
    found.undelivered += bool(alarms)
    for alert in alerts:
        _ladder(books, alert, alerts, jobs)


def _ladder(books: _Books, alert: Alert, others: list[Alert], jobs: list[Job]) -> None:
    """Somebody was told, as the carrier counts; it ended; and nobody was told after that."""
    found, tried = books.found, books.courier.tried
    ours = {str(one.id) for one in others}
    if alert.acknowledged_at is None:
        found.must(alert.ladder is Ladder.RAN_OUT, f"{alert.about}: left at {alert.ladder!r}")
        lost = str(alert.id) in books.courier.taken
        found.must(not lost, f"{alert.about}: an answer of staff was lost")
        found.ran_out += 1
    else:
        found.must(ours & tried, f"{alert.about}: acknowledged by nobody")
        found.acknowledged += 1
    rungs = RungBook(books.database).read(alert.id)
    for rung in rungs:
        wanted = {f"{kind}:{alert.id}:{rung.number}" for kind in (Climb.TEXT, Climb.CALL)}
        there = wanted & {job.key for job in jobs}
        found.must(there == wanted, f"{alert.about}: a rung without its text or its call")
        late = alert.acknowledged_at and rung.at - alert.acknowledged_at > _SAME_MOMENT
        found.must(not late, f"{alert.about}: somebody was told after it was acknowledged")
    told = [
        one
        for job in jobs
        if job.kind in (Climb.TEXT, Climb.CALL) and job.payload["alert"] == alert.id
        for one in books.taken.of(job)
    ]
    for one in told:
        # The carrier's own side of it: a text by its reference, a call by what it asks.
        named = f"Reply {alert.reference} OK" in one.body or f"alert={alert.id}&" in one.form.get(
            "Url", ""
        )
        found.must(named, f"{alert.about}: told of another alert")
    by_another = alert.acknowledged_at and (ours - {str(alert.id)}) & tried
    found.must(told or by_another, f"{alert.about}: nobody was told, as the carrier counts")


def _tests(books: _Books) -> None:
    """The daily test was told to one person, once a day."""
    found, tests = books.found, daily_tests(books.database, FIRST)
    found.must(tests, "there was no daily test")
    for alert in tests:
        found.alerts.update(["test"])
        rungs = RungBook(books.database).read(alert.id)
        found.must(len(rungs) == 1, f"the daily test was told {len(rungs)} times")
        for kind in (Climb.TEXT, Climb.CALL):
            job = Outbox(books.database).of_key(f"{kind}:{alert.id}:1")
            found.must(job, "a daily test without its text or its call")
            if job:
                _row(books, job)


def _replayed(town: Town) -> list[str]:
    """What the product's own check says of the log: every turn decided again, and the chain."""
    done = subprocess.run(
        [sys.executable, "-m", "app", "replay"],
        cwd=Path(__file__).parents[2],
        env=town.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    return [] if done.returncode == 0 else [f"replay: {done.stdout[-500:]} {done.stderr[-500:]}"]
