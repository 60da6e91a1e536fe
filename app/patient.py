"""What a person is owed (`duty.patient`), as the outbox's rows come due: prepared, or let go.

Everything is read anew when it is due, since the person may have gone on, sent STOP, or been
forgotten in the meantime. Advice of T1 or T2 that does not arrive is told to the clinic.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.deliveries import Late, Over, Wait
from app.sites import AllSites
from duty.alert import UNDELIVERED
from duty.delivery import Job, Stage
from duty.patient import Owed, may_be_sent, urgent_tier
from duty.quiet import quiet_until
from duty.spoken import advice_was_heard
from flows.conversation import Conversation, Turn, take_turn
from flows.definition import Tier
from flows.utterance import Keyword, Kind, Medium, Utterance
from sms.hear import SMS
from sms.send import advice_by_text, said, to_person
from store.alerts import raise_writes
from store.blocking import BlockList
from store.clinics import StoredClinic, read_clinics
from store.database import Database
from store.errors import StoreError
from store.link import Write
from store.review import Selection, StoredConversation, conversations
from store.sealing import Sealer
from store.timeline import read_address
from store.turns import CarrierKey
from telephony.codes import OPTED_OUT
from telephony.contact import number
from telephony.door import Site
from telephony.outgoing import Outgoing

ADVICE_HOLDS: Final = timedelta(hours=2)
"""After that it is no use to send it: somebody must ring."""
WORDS_HOLD: Final = timedelta(hours=12)

_OF_THE_PERSON: Final = frozenset((Kind.TEXT, Kind.DIGITS, Kind.SPEECH))


@dataclass(frozen=True, slots=True)
class Records:
    """What the handlers of what a person is owed read."""

    database: Database
    sealer: Sealer
    sites: AllSites
    blocks: BlockList

    def conversation(self, job: Job) -> StoredConversation | None:
        """The job's conversation, with the person's number; None where it was erased."""
        wanted = Selection(id=job.conversation)
        return next(
            conversations(self.database, self.sealer, job.clinic, wanted, numbers=True), None
        )

    def address(self, job: Job) -> str | None:
        """The address of the person whose conversation it is; None where it was erased."""
        return read_address(self.database, self.sealer, job.clinic, job.conversation or "")

    def site(self, job: Job) -> Site:
        return self.sites.of(job.clinic)

    def clinic(self, job: Job) -> StoredClinic:
        # What a process has read of them may be none yet, or old.
        for read in (self.sites.clinics, lambda: read_clinics(self.database)):
            for one in read():
                if one.id == job.clinic:
                    return one
        raise StoreError("a row of a clinic that is not there")

    def alarm(self, job: Job, tier: Tier, at: datetime) -> tuple[Write, ...]:
        """What tells the clinic that advice did not reach a person."""
        about = f"{UNDELIVERED}:{tier.value}"
        return raise_writes(self.database, job.clinic, job.conversation, about, at)


@dataclass(frozen=True, slots=True)
class ToPerson:
    """Texts to a person: what the clock said, the advice of a call, a reply that got lost."""

    records: Records

    def prepare(self, job: Job, at: datetime) -> Outgoing | Wait | Over | Late:
        found, site = self.records.conversation(job), self.records.site(job)
        if found is None or found.address is None:
            return Over(Stage.DROPPED, "erased")
        to = number(found.address)
        if to is None:
            return Over(Stage.DROPPED, "no_number")
        clinic, newest = self.records.clinic(job), found.turns[-1]
        end = str(job.payload["end"])
        tier = urgent_tier(site.line.flow, end) if job.urgent else None
        if not job.urgent and self.records.blocks.since(job.clinic, found.address):
            return Over(Stage.DROPPED, "blocked")
        if not may_be_sent(site.line.flow, newest.state, end):
            return Over(Stage.DROPPED, "opted_out")
        if newest.state.position != end or (not job.urgent and _went_on(found, job)):
            return Over(Stage.DROPPED, "superseded")
        channel = _channel(found.turns)
        sender = _sender(job, clinic, channel)
        if sender is None:
            return Over(Stage.FAILED, "no_sender")
        outgoing = to_person(to, sender, _body(job, site, found), channel, tier)
        if at - job.created_at > (ADVICE_HOLDS if job.urgent else WORDS_HOLD):
            return Late(outgoing, Over(Stage.FAILED if job.urgent else Stage.DROPPED, "expired"))
        quiet = None if job.urgent else quiet_until(clinic.settings, clinic.time_zone, at)
        return outgoing if quiet is None else Wait(quiet, "quiet_hours")

    def failed(self, job: Job, reason: str, at: datetime) -> Iterable[Write]:
        if job.error_code == OPTED_OUT:
            self._opted_out(job, at)
        tier = urgent_tier(self.records.site(job).line.flow, str(job.payload["end"]))
        if not job.urgent or tier is None or reason == "no_carrier":
            return ()
        if job.kind == Owed.ADVICE.value and (job.payload["message"] or self._was_heard(job)):
            # By phone they have it; and the act-now text comes first, the others explain.
            return ()
        return self.records.alarm(job, tier, at)

    def _was_heard(self, job: Job) -> bool:
        found = self.records.conversation(job)
        return found is not None and advice_was_heard(found.turns, int(job.payload["turn"] or 0))

    def _opted_out(self, job: Job, at: datetime) -> None:
        """The carrier says that the person has sent STOP: so it is on the log, as if we had it."""
        found, site = self.records.conversation(job), self.records.site(job)
        if found is None or found.address is None:
            return
        stop = Utterance(SMS, Kind.TEXT, keyword=Keyword.STOP)

        def decide(conversation: Conversation | None) -> Turn | None:
            if conversation is None or conversation.state.opted_out:
                return None
            turn = take_turn(site.line, conversation, stop, at)
            return None if turn.opens else turn

        site.log.take(found.address, CarrierKey(f"stop:{job.id}", None), decide)


@dataclass(frozen=True, slots=True)
class Spoken:
    """Finds out whether the advice of a call was heard, and tells the clinic if it was not."""

    records: Records

    def prepare(self, job: Job, at: datetime) -> Over:
        found, flow = self.records.conversation(job), self.records.site(job).line.flow
        tier = urgent_tier(flow, str(job.payload["end"]))
        if found is None or tier is None:
            return Over(Stage.DROPPED, "erased")
        if advice_was_heard(found.turns, int(job.payload["turn"] or 0)):
            return Over(Stage.DONE, "heard")
        return Over(Stage.DONE, "not_heard", self.records.alarm(job, tier, at))

    def failed(self, job: Job, reason: str, at: datetime) -> Iterable[Write]:  # noqa: ARG002
        return ()


def _body(job: Job, site: Site, found: StoredConversation) -> str:
    given = next(turn for turn in found.turns if turn.number == job.payload["turn"])
    message = int(job.payload["message"] or 0)
    if job.kind == Owed.ADVICE.value:
        return advice_by_text(site.line, given.state, message)
    return said(given, message)


def _went_on(found: StoredConversation, job: Job) -> bool:
    """Whether the person has said something since."""
    since = int(job.payload["turn"] or 0)
    return any(
        turn.number > since and turn.utterance.kind in _OF_THE_PERSON for turn in found.turns
    )


def _channel(turns: Iterable[Turn]) -> str:
    """By which channel the person writes; that of texts where they have only called."""
    written = [
        turn.utterance.channel.name
        for turn in turns
        if turn.utterance.channel.medium is Medium.TEXT and turn.utterance.kind is Kind.TEXT
    ]
    return written[-1] if written else SMS.name


def _sender(job: Job, clinic: StoredClinic, channel: str) -> str | None:
    """The number to send from: the clinic's choice, or where the person reached it, or its own."""
    chosen = clinic.settings.text_from if channel == SMS.name else ""
    return chosen or job.sender or next(iter(clinic.numbers), None)
