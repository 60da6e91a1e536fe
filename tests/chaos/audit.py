"""What came of it: the log, the alerts and what the carrier took, beside what people did."""

import subprocess
import sys
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from duty.clinic import FIRST
from flows.conversation import Turn
from flows.utterance import Kind
from store.alerts import alerts_of
from store.database import Database
from store.outbox import Outbox
from store.review import StoredConversation, conversations
from store.sealing import Sealer
from tests.chaos.people import People, Person
from tests.chaos.town import SECRET, Town
from tests.twilio_api import Sent

_MAY_BE = frozenset(("undelivered:T1", "undelivered:T2"))


@dataclass
class Audit:
    """The counts, and in `faults` a sentence for each thing that is not as it must be."""

    people: int = 0
    turns: int = 0
    nudges: int = 0
    texts: int = 0
    urgent: int = 0
    doubles: int = 0
    undelivered: int = 0
    faults: list[str] = field(default_factory=list)


def settled(town: Town) -> bool:
    """Whether nothing is left to do before the next thing that only time brings."""
    with closing(Database(town.url)) as database:
        return not Outbox(database).left(town.now())


def audit(town: Town, people: People) -> Audit:
    """Everything that can be counted, after `settled`."""
    found = Audit()
    texts: dict[str, list[Sent]] = {}
    for text in town.twilio.texts:
        texts.setdefault(text.to, []).append(text)
    with closing(Database(town.url)) as database:
        sealer = Sealer(SECRET)
        of = {one.address: one for one in conversations(database, sealer, FIRST, numbers=True)}
        for person in people.everybody:
            if not person.done:
                found.faults.append(f"{person.script}: the person was never answered")
                continue
            stored = of.pop(person.number, None)
            if stored is None:
                found.faults.append(f"{person.script}: nothing is on the log")
                continue
            alerts = {alert.about for alert in alerts_of(database, stored.id)}
            _one(found, person, stored, texts.pop(person.number, []), alerts, people)
        found.faults += [f"a conversation of nobody: {number}" for number in of]
        found.faults += [f"a text to nobody: {number}" for number in texts]
        failed = Counter(
            job.reason
            for stored in conversations(database, sealer, FIRST)
            for job in Outbox(database).of_conversation(stored.id)
            if job.reason in ("error", "gave_up", "expired")
        )
        found.faults += [f"{count} deliveries ended by {why!r}" for why, count in failed.items()]
    found.faults += [f"the carrier was asked wrongly: {one}" for one in town.twilio.violations]
    found.faults += _replayed(town)
    return found


def _one(
    found: Audit,
    person: Person,
    stored: StoredConversation,
    texts: list[Sent],
    alerts: set[str],
    people: People,
) -> None:
    script = person.script
    found.people += 1
    found.turns += len(stored.turns)
    heard = [turn.utterance.words for turn in stored.turns if turn.utterance.kind is not Kind.CLOCK]
    if heard != person.heard:
        found.faults.append(f"{script}: said {person.heard}, and on the log is {heard}")
    if [turn.number for turn in stored.turns] != list(range(1, len(stored.turns) + 1)):
        found.faults.append(f"{script}: the turns do not follow each other")
    if not person.alerts <= alerts <= person.alerts | _MAY_BE:
        found.faults.append(f"{script}: alerted {sorted(alerts)} for {sorted(person.alerts)}")
    found.urgent += len(person.alerts)
    lost = any(text.sid in people.undelivered for text in texts) and script in ("t1", "t2")
    if lost and not alerts & _MAY_BE:
        found.faults.append(f"{script}: nobody knows that the advice did not arrive")
    found.undelivered += bool(alerts & _MAY_BE)
    nudges = sum(_is_nudge(turn) for turn in stored.turns)
    low, high = person.nudges
    if not low <= nudges <= high:
        found.faults.append(f"{script}: {nudges} nudges")
    copies = Counter(text.body for text in texts)
    found.nudges += nudges
    found.texts += len(texts)
    found.doubles += sum(copies.values()) - len(copies)
    if len(copies) != nudges + person.advice:
        found.faults.append(f"{script}: {len(copies)} different texts for {nudges} nudges")


def _is_nudge(turn: Turn) -> bool:
    return turn.utterance.kind is Kind.CLOCK and any(
        part.key == "nudge" for message in turn.said for part in message
    )


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
