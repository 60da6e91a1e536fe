"""The audit log, as the clinic's admins read it."""

from typing import Final

from flask import request

from clinic.filtering import day
from clinic.guard import May, Pages, visit
from clinic.moments import zone_of
from clinic.office import Office
from clinic.rendering import page
from duty.hours import midnight
from store.audit import Action, Wanted

ON_A_PAGE: Final = 50
_END: Final = 2**31 - 1

_OF_PEOPLE: Final = {
    action.value
    for action in Action
    if action.partition(".")[0] in ("staff", "session", "sessions", "password", "code", "recovery")
} | {Action.LOCKED.value}
"""Whose id is somebody's of the staff."""


def add_pages(pages: Pages, office: Office) -> None:
    @pages.get("/audit", may=May.ADMIN, menu="audit")
    def audit() -> tuple[str, int]:
        place = visit().place
        assert place is not None
        wanted, given = _wanted()
        before = request.args.get("before", _END, type=int)
        office.audit(Action.AUDIT_VIEWED, "", (), **dict.fromkeys(sorted(given), "set"))
        found = office.log.entries(place.clinic, wanted, min(before, _END), ON_A_PAGE + 1)
        names = {one.id: one.name for one in office.staff.everybody()}
        return page(
            "audit",
            entries=found[:ON_A_PAGE],
            older=found[ON_A_PAGE - 1].number if len(found) > ON_A_PAGE else None,
            given=given,
            first=before >= _END,
            names=names,
            people_by_id={str(id_): name for id_, name in names.items()},
            of_people=_OF_PEOPLE,
            people=office.staff.of_clinic(place.clinic),
            actions=tuple(Action),
        )


def _wanted() -> tuple[Wanted, dict[str, str]]:
    """What the form of filters asks for, and that form again; what cannot be meant is left out."""
    given = {
        name: value
        for name in ("who", "action", "about", "from", "to")
        if (value := request.args.get(name, "").strip())
    }
    who = given.get("who", "")
    zone = zone_of(visit().place)
    first, last = day(given.get("from")), day(given.get("to"))
    return Wanted(
        staff_id=int(who) if who.isdecimal() else None,
        action=given.get("action"),
        about=given.get("about"),
        since=midnight(first, zone) if first else None,
        until=midnight(last, zone, plus=1) if last else None,
    ), given
