"""How a session goes from one step of signing in to the next, and how it ends.

Every step gives the browser a new key and ends the one before: whoever knew an earlier key, or put
one into the browser, has nothing of the session that comes of it.
"""

from typing import Final

from flask import redirect, request, session, url_for
from werkzeug.wrappers import Response

from clinic.office import Office
from store.audit import Action, Entry
from store.link import Write
from store.sessions import Session, Stage
from store.staff import Staff

STEPS: Final = {
    Stage.PASSWORD: "desk.choose_password",
    Stage.ENROL: "desk.enrol",
    Stage.CODE: "desk.code",
    Stage.IN: "desk.home",
}
"""The page of each step."""


def next_stage(person: Staff) -> Stage:
    """What is due of somebody whose password was right."""
    return Stage.CODE if person.totp_since else Stage.ENROL


def going_on(office: Office, before: Session | None, person: Staff, stage: Stage) -> list[Write]:
    """Give the browser the key of a new session at `stage`; the writes that make it count."""
    clinic = min(person.roles) if stage is Stage.IN else None
    key, begin = office.sessions.begin(person.id, stage, office.now(), clinic)
    wanted = session.get("next")
    session.clear()  # with it goes the token against forged requests, too
    session["key"] = key
    if wanted and stage is not Stage.IN:
        session["next"] = wanted
    ended = [office.sessions.ending(before.digest)] if before else []
    return [*ended, begin]


def onward(stage: Stage, wanted: object = None) -> Response:
    """To the page of that step; at the end to the page that was asked for at first."""
    if stage is Stage.IN and isinstance(wanted, str):
        return redirect(f"{request.script_root}{wanted}", 303)
    return redirect(url_for(STEPS[stage]), 303)


def tell(
    office: Office, person: Staff, action: Action, also: list[Write] | None = None, **detail: object
) -> None:
    """Record what somebody did who is not in yet, at the first clinic at which they work.

    Conflict: a key that `also` wants is taken.
    """
    entry = Entry(
        action=action,
        at=office.now(),
        staff_id=person.id,
        login=person.login,
        about=str(person.id),
        detail={name: str(value) for name, value in detail.items()},
    )
    office.log.add(min(person.roles), entry, also or [])
