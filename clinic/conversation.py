"""One conversation: what was heard, how it was understood, what was said, and what staff did."""

from collections.abc import Sequence
from typing import Any, Final

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as Redirect

from clinic.blocked import LONGEST_REASON
from clinic.filtering import is_id
from clinic.guard import May, Pages, allows, visit
from clinic.inbox import line_here, names_here, place_here
from clinic.office import Office
from clinic.release import held_until, release
from clinic.rendering import page
from clinic.telling import answered, happenings
from duty.alert import How
from exports.record import ended_at
from flows.reading import Answer
from store.actions import Actions, By, Outcome
from store.alerts import acknowledge_conversation, alerts_of
from store.audit import Action
from store.callbacks import Callbacks
from store.inbox import Reasons, read_card, read_reasons
from store.link import Write
from store.outbox import Outbox
from store.timeline import Timeline, read_address, read_timeline

LONGEST_NOTE: Final = 4000
"""Characters."""


def add_pages(pages: Pages, office: Office) -> None:
    _add_looking(pages, office)
    _add_doing(pages, office)


def _add_looking(pages: Pages, office: Office) -> None:
    @pages.get("/conversations/<id_>", may=May.READER)
    def conversation(id_: str) -> tuple[str, int]:
        """One conversation, whole."""
        office.audit(Action.CONVERSATION_VIEWED, _known(office, id_).id)
        return page("conversation", **_shown(office, id_), number=None)

    @pages.get("/conversations/<id_>/record", may=May.READER)
    def record(id_: str) -> tuple[str, int]:
        """The conversation on paper, and as words to be copied."""
        office.audit(Action.CONVERSATION_VIEWED, _known(office, id_).id, form="record")
        return page("record", **_shown(office, id_))

    @pages.post("/conversations/<id_>/number", may=May.READER)
    def show_number(id_: str) -> tuple[str, int]:
        """The same with the number to call back: the person's own, or the one that they gave."""
        office.audit(Action.NUMBER_SHOWN, _known(office, id_).id)
        clinic = place_here()
        number = read_address(office.database, office.sealer, clinic, id_)
        if number is not None:
            given = Callbacks(office.database, office.sealer, clinic).number(number)
            number = given or number
        return page("conversation", **_shown(office, id_), number=number)


def _add_doing(pages: Pages, office: Office) -> None:
    @pages.post("/conversations/<id_>/acknowledge", may=May.CLINICIAN)
    def acknowledge(id_: str) -> Redirect:
        """Whoever asks has seen it and sees to it."""
        office.audit(Action.ACKNOWLEDGED, _known(office, id_).id)
        by = _by(office)
        done = acknowledge_conversation(office.database, id_, by.name, How.PAGE, by.at)
        flash("conversation.acknowledged" if done else "conversation.was_acknowledged")
        if request.form.get("back") == "inbox":
            return redirect(url_for("desk.home"), 303)
        return _back(id_)

    @pages.post("/conversations/<id_>/note", may=May.CLINICIAN)
    def note(id_: str) -> Redirect:
        _known(office, id_)
        words = _words("note")
        if not words:
            flash("conversation.note_empty")
            return _back(id_)
        return _did(office, id_, Action.NOTED, _actions(office).note(id_, _by(office), words))

    @pages.post("/conversations/<id_>/assign", may=May.CLINICIAN)
    def assign(id_: str) -> Redirect:
        names, chosen = names_here(office), request.form.get("to", "")
        staff = int(chosen) if chosen.isdecimal() and int(chosen) in names else None
        name = names[staff] if staff is not None else ""
        writes = _actions(office).assign(id_, _by(office), staff, name)
        return _did(office, id_, Action.ASSIGNED, writes, to=staff or "")

    @pages.post("/conversations/<id_>/outcome", may=May.CLINICIAN)
    def outcome(id_: str) -> Redirect:
        """What came of calling back; whoever has called back has acknowledged it."""
        _known(office, id_)
        chosen = request.form.get("outcome", "")
        if chosen not in set(Outcome):
            flash("conversation.outcome_empty")
            return _back(id_)
        by = _by(office)
        acknowledge_conversation(office.database, id_, by.name, How.PAGE, by.at)
        writes = _actions(office).outcome(id_, by, Outcome(chosen), _words("note"))
        return _did(office, id_, Action.CALLED_BACK, writes, outcome=chosen)

    @pages.post("/conversations/<id_>/release", may=May.CLINICIAN)
    def release_hold(id_: str) -> Redirect:
        """Lift what a T1 holds back; it takes a reason and a tick, and is named."""
        _known(office, id_)
        words = _words("why")
        if not words or request.form.get("sure") != "yes":
            flash("conversation.release_unsure")
            return _back(id_)
        office.audit(Action.RELEASED, id_)
        done = release(office, place_here(), id_, office.now())
        if done:
            actions = _actions(office)
            actions.keep(actions.released(id_, _by(office), words))
        flash("conversation.released" if done else "conversation.not_held")
        return _back(id_)


def _known(office: Office, id_: str) -> Timeline:
    """The conversation, if it is this clinic's; else there is no such page."""
    found = None
    if is_id(id_):
        found = read_timeline(office.database, office.sealer, place_here(), id_)
    if found is None:
        abort(404)
    return found


def _shown(office: Office, id_: str) -> dict[str, Any]:
    told, line, clinic = _known(office, id_), line_here(office), place_here()
    alerts = alerts_of(office.database, id_)
    done = _actions(office).of(id_)
    card = read_card(office.database, clinic, id_)
    ended = None
    if told.heard:
        ended = line.flow.disposition.get(told.heard[-1].state.position)
    answers = answered(told.heard, line.flow)
    flagged = read_reasons(office.database, [card]).get(id_, Reasons()).flagged if card else ()
    # From the turns, for cards of before say nothing of it.
    left = [row.question for row in answers if row.answer is Answer.SKIPPED] if ended else []
    newest = not told.others or told.others[0].started_at <= told.started_at
    return {
        "told": told,
        "card": card,
        "ended": ended,
        "ended_at": ended_at(told.heard) if ended else None,
        "answers": answers,
        "why": Reasons(flagged, tuple(left)),
        "happenings": happenings(told, alerts, done, Outbox(office.database).of_conversation(id_)),
        "open_alerts": [one for one in alerts if one.acknowledged_at is None],
        "alerts": alerts,
        "held_until": held_until(told, line.flow, office.now()) if newest else None,
        "names": names_here(office),
        "outcomes": tuple(Outcome),
        "line": line,
        "may_act": visit_covers(May.CLINICIAN),
        "may_manage": visit_covers(May.ADMIN),
        "longest_note": LONGEST_NOTE,
        "longest_reason": LONGEST_REASON,
    }


def visit_covers(may: May) -> bool:
    """Whether whoever asked may do what is for `may`."""
    return allows(may, visit())


def _actions(office: Office) -> Actions:
    return Actions(office.database, office.sealer, place_here())


def _by(office: Office) -> By:
    here = visit()
    return By(here.staff_id, here.name, office.now())


def _words(field: str) -> str:
    return request.form.get(field, "").strip()[:LONGEST_NOTE]


def _did(
    office: Office, id_: str, action: Action, writes: Sequence[Write], **detail: object
) -> Redirect:
    office.audit(action, _known(office, id_).id, also=writes, **detail)
    flash("conversation.kept")
    return _back(id_)


def _back(id_: str) -> Redirect:
    return redirect(url_for("desk.conversation", id_=id_), 303)
