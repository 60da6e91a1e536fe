"""Lifting what a T1 holds back, as a turn of its own: so that it is replayed like any other."""

import uuid
from datetime import datetime, timedelta

from clinic.office import Office
from flows.conversation import Conversation, Turn, take_turn
from flows.definition import Flow
from flows.utterance import Kind, Utterance
from store.timeline import Timeline, read_address, read_timeline
from store.turns import CarrierKey


def held_until(told: Timeline, flow: Flow, now: datetime) -> datetime | None:
    """Until when a T1 holds guidance back from the person; None where nothing is held.

    `told`: their newest conversation.
    """
    since = told.heard[-1].state.emergency_at if told.heard else None
    if since is None:
        return None
    until = since + timedelta(days=flow.settings.hold_days)
    return until if until >= now else None


def release(office: Office, clinic: int, conversation: str, now: datetime) -> bool:
    """Whether the hold on whoever that conversation is with was lifted now; False: none was."""
    told = read_timeline(office.database, office.sealer, clinic, conversation)
    address = read_address(office.database, office.sealer, clinic, conversation)
    if told is None or not told.heard or address is None:
        return False
    site = office.site(clinic)
    utterance = Utterance(told.heard[-1].utterance.channel, Kind.RELEASE)

    def decide(so_far: Conversation | None) -> Turn | None:
        if so_far is None or so_far.state.emergency_at is None:
            return None
        return take_turn(site.line, so_far, utterance, now)

    return site.log.take(address, CarrierKey(f"release:{uuid.uuid4()}", None), decide) is not None
