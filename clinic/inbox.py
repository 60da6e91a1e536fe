"""The inbox: every conversation of the clinic, the most urgent first, with filters and a search.

The list is kept fresh by polling: the page's script asks for the first page's list again every few
seconds and is told "not modified" while nothing has changed. (Server-sent events would hold one of
the few threads that also answer the carrier for as long as somebody looks.)
"""

from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from typing import Any, Final

from flask import Response, make_response, render_template, request

from clinic.alarms import Alarm, alarms_of
from clinic.filtering import CHANNELS, STANDINGS, Chosen, after, chosen
from clinic.guard import May, Pages, visit
from clinic.moments import zone_of
from clinic.office import Office
from clinic.rendering import page
from flows.line import Line
from store.audit import Action
from store.inbox import (
    COUNTED,
    After,
    Listed,
    Page,
    Where,
    count_waiting,
    read_page,
    read_reasons,
)
from store.search import Found, search_number, search_words, wanted
from telephony.contact import typed_number

LONGEST_SEARCH: Final = 200
"""Characters."""


@dataclass(frozen=True, slots=True)
class Group:
    """Cards under one heading; `key` names its words (inbox.group_KEY)."""

    key: str
    cards: tuple[Listed, ...]


def add_pages(pages: Pages, office: Office) -> None:
    @pages.get("/", may=May.READER, menu="inbox")
    def home() -> tuple[str, int]:
        """The inbox."""
        wanted_, begins = _asked(office), after(request.args.get("after"))
        return page("inbox", **_list(office, wanted_, begins), **filter_form(office, wanted_))

    @pages.get("/live", may=May.READER, asked=False)
    def live() -> Response:
        """The list of the first page alone, and how many wait: what the script polls."""
        wanted_ = _asked(office)
        given = {**_list(office, wanted_, None), "chosen": wanted_}
        minute = office.now().strftime("%H:%M")
        seen = repr((given["found"], given["reasons"], given["waiting"], given["alarms"], minute))
        answer = make_response(render_template("desk/inbox_list.html", **given))
        answer.headers["Backline-Waiting"] = str(given["waiting"])
        answer.headers["Cache-Control"] = "private, no-cache"
        answer.set_etag(sha256(seen.encode()).hexdigest()[:32])
        answer.make_conditional(request)
        return answer

    @pages.post("/search", may=May.READER)
    def search() -> tuple[str, int]:
        """What is found for words or a number; posted, so that neither is in an address."""
        return page("search", **_search(office))


def line_here(office: Office) -> Line:
    """The line of the clinic whose desk it is."""
    return office.line(place_here())


def place_here() -> int:
    """The id of the clinic whose desk it is."""
    here = visit().place
    assert here is not None
    return here.clinic


def names_here(office: Office) -> dict[int, str]:
    """The clinic's staff by their ids."""
    return {one.id: one.name for one in office.staff.of_clinic(place_here())}


def _asked(office: Office) -> Chosen:
    line = line_here(office)
    return chosen(request.args, line.flow, line.words)


def _list(office: Office, wanted_: Chosen, begins: After | None) -> dict[str, Any]:
    here, clinic = visit(), place_here()
    found = read_page(
        office.database, clinic, wanted_.filter(zone_of(here.place), here.staff_id), begins
    )
    return {
        "found": found,
        "reasons": read_reasons(office.database, found.cards),
        "groups": _groups(found),
        "begins": begins,
        "next": _next(wanted_, found),
        "waiting": count_waiting(office.database, clinic),
        "counted": COUNTED,
        "alarms": _alarms(office, clinic),
        "names": names_here(office),
        "line": line_here(office),
    }


def _alarms(office: Office, clinic: int) -> list[Alarm]:
    return alarms_of(office.database, clinic, office.now())


def filter_form(office: Office, wanted_: Chosen) -> dict[str, Any]:
    """What the filters of a list offer, and what was chosen."""
    line = line_here(office)
    return {
        "chosen": wanted_,
        "standings": STANDINGS,
        "channels_offered": CHANNELS,
        "spoken": tuple(line.words),
        "states": tuple(where.value for where in Where),
        "questions": tuple(line.flow.question),
        "counts": {"filters": len(wanted_.address())},
    }


def _groups(found: Page) -> tuple[Group, ...]:
    return tuple(Group(key, tuple(cards)) for key, cards in groupby(found.cards, key=_group))


def _group(card: Listed) -> str:
    if card.waits:
        return "waiting"
    return "in_hand" if card.in_hand else "rest"


def _next(wanted_: Chosen, found: Page) -> dict[str, str] | None:
    """The address of the next page, if there is one."""
    if found.after is None:
        return None
    return {**wanted_.address(), "after": f"{found.after.place}.{found.after.conversation}"}


# --- Searching ------------------------------------------------------------------------------------


def _search(office: Office) -> dict[str, Any]:
    here, clinic, line = visit(), place_here(), line_here(office)
    typed = request.form.get("for", "").strip()[:LONGEST_SEARCH]
    narrowed = chosen(request.form, line.flow, line.words)
    by = narrowed.filter(zone_of(here.place), here.staff_id)
    begins = request.form.get("after") or None
    country = line.locale.partition("-")[2]
    number = typed_number(typed, country)
    words = wanted(line.vocabularies, typed)
    office.audit(
        Action.SEARCHED,
        by="number" if number else "words",
        words=0 if number else len(words.forms),
        filters=" ".join(narrowed.address()),
    )
    found = Found((), None)
    if number:
        found = search_number(office.database, office.sealer, clinic, number, by, begins)
    elif words.forms:
        found = search_words(office.database, office.sealer, clinic, words.forms, by, begins)
    return {
        "typed": typed,
        "found": found,
        "reasons": read_reasons(office.database, found.cards),
        "number": number,
        "left_out": () if number else words.left_out,
        "asked_nothing": not number and not words.forms,
        "begins": begins,
        "names": names_here(office),
        "line": line,
        **filter_form(office, narrowed),
    }
