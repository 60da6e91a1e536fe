"""The page of blocked numbers: which get no reply any more, by whom and why."""

from typing import Final

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as Redirect

from clinic.filtering import is_id
from clinic.guard import May, Pages, visit
from clinic.inbox import line_here, place_here
from clinic.office import Office
from clinic.rendering import page
from store.audit import Action
from store.blocking import Blocked, block, read_blocked, release
from store.timeline import read_address
from telephony.contact import typed_number

LONGEST_REASON: Final = 200
"""Characters."""


def add_pages(pages: Pages, office: Office) -> None:
    @pages.get("/blocked", may=May.CLINICIAN, menu="blocked")
    def blocked() -> tuple[str, int]:
        """Every number that is blocked, the newest first."""
        return _page(office)

    @pages.post("/blocked", may=May.CLINICIAN)
    def block_number() -> tuple[str, int] | Redirect:
        """Block a number that was typed."""
        typed, reason = request.form.get("number", "").strip(), _reason()
        number = typed_number(typed, line_here(office).locale.partition("-")[2])
        if number is None or not reason:
            return _page(office, 422, "blocked.no_reason" if number else "blocked.no_number")
        return _blocked(office, number, reason, "")

    @pages.post("/conversations/<id_>/block", may=May.CLINICIAN)
    def block_person(id_: str) -> tuple[str, int] | Redirect:
        """Block the number of a conversation."""
        address = None
        if is_id(id_):
            address = read_address(office.database, office.sealer, place_here(), id_)
        if address is None:
            abort(404)
        reason = _reason()
        if not reason:
            return _page(office, 422, "blocked.no_reason")
        return _blocked(office, address, reason, id_)

    @pages.post("/blocked/<int:entry>/release", may=May.CLINICIAN)
    def unblock_number(entry: int) -> Redirect:
        office.audit(Action.UNBLOCKED, entry)
        done = release(office.database, place_here(), entry, visit().name, office.now())
        flash("blocked.released" if done else "blocked.was_released")
        return redirect(url_for("desk.blocked"), 303)


def _page(office: Office, status: int = 200, fault: str = "") -> tuple[str, int]:
    found = read_blocked(office.database, office.sealer, place_here())
    return page("blocked", status, found=found, fault=fault, longest=LONGEST_REASON)


def _reason() -> str:
    return " ".join(request.form.get("reason", "").split())[:LONGEST_REASON]


def _blocked(office: Office, address: str, reason: str, about: str) -> Redirect:
    office.audit(Action.BLOCKED, about)
    entry = Blocked(address, visit().name, reason, office.now())
    done = block(office.database, office.sealer, place_here(), entry)
    flash("blocked.done" if done else "blocked.was_done")
    return redirect(url_for("desk.blocked"), 303)
