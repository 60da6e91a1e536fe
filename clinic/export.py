"""The page of exports: what is wanted, how far it is, and the file.

An export is made in parts, so that a long one neither fills the memory nor holds one of the few
threads that also answer the carrier. The page's script asks for one part after the other, shows how
far it is, and puts them together; without a script the file comes in one piece.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as Redirect

from clinic.filtering import Chosen, chosen, is_id
from clinic.guard import May, Pages, visit
from clinic.inbox import filter_form, line_here, place_here
from clinic.moments import zone_of
from clinic.office import Office
from clinic.rendering import page
from exports.formats import FORMATS, Format, format_of
from store.audit import Action
from store.cards import ERASED
from store.inbox import Where
from store.review import Selection, conversations, count, part_starts

PART: Final = 200
"""Conversations in a part: well under a second."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be exported.  `form`: a name of `FORMATS`.  `numbers`: with phone numbers."""

    form: str
    numbers: bool
    conversation: str
    chosen: Chosen

    @property
    def fields(self) -> dict[str, str]:
        """The order as hidden fields of a form."""
        given = {
            **self.chosen.address(),
            "form": self.form,
            "numbers": "1" if self.numbers else "",
            "conversation": self.conversation,
        }
        return {name: value for name, value in given.items() if value}


def add_pages(pages: Pages, office: Office) -> None:
    @pages.get("/export", may=May.ADMIN, menu="export")
    def export() -> tuple[str, int]:
        """What can be exported."""
        line = line_here(office)
        one = request.args.get("conversation", "")
        return page(
            "export",
            forms=FORMATS,
            conversation=one if is_id(one) else "",
            line=line,
            # Of what was erased there is nothing to export.
            **{**filter_form(office, Chosen()), "states": [one for one in Where if one != ERASED]},
        )

    @pages.post("/export", may=May.ADMIN)
    def export_made() -> tuple[str, int] | Redirect:
        """How many conversations that is, and their file."""
        order = _order(office)
        if order is None:
            return redirect(url_for("desk.export"), 303)
        selection = _selection(order)
        total = count(office.database, place_here(), selection)
        starts = part_starts(office.database, place_here(), selection, PART) if total else ()
        office.audit(
            Action.EXPORTED,
            order.conversation,
            form=order.form,
            conversations=total,
            numbers="yes" if order.numbers else "no",
            filters=" ".join(order.chosen.address()),
        )
        name = _file_name(office, order)
        return page("export_made", order=order, total=total, starts=starts, name=name)

    @pages.post("/export/part", may=May.ADMIN)
    def export_part() -> Response:
        """The conversations of one part."""
        order = _order(office)
        ends = [request.form.get(name, "") for name in ("after", "until")]
        if order is None or any(end and not is_id(end) for end in ends):
            abort(400)
        written = _written(office, order, *ends)
        return Response("".join(written), mimetype=_format(office, order).media_type)

    @pages.post("/export/file", may=May.ADMIN)
    def export_file() -> Response:
        """All of it in one piece."""
        order = _order(office)
        if order is None:
            abort(400)
        given = {"Content-Disposition": f'attachment; filename="{_file_name(office, order)}"'}
        kind = _format(office, order).media_type
        return Response(_written(office, order), mimetype=kind, headers=given)


def _order(office: Office) -> Order | None:
    """What the form asks for; None where it is not to be understood."""
    line, form = line_here(office), request.form.get("form", "")
    one = request.form.get("conversation", "")
    if form not in FORMATS or (one and not is_id(one)):
        return None
    wanted = chosen(request.form, line.flow, line.words)
    return Order(form, request.form.get("numbers") == "1", one, wanted)


def _selection(order: Order) -> Selection:
    """What is selected: by the filters of a list, and nothing that was erased."""
    here = visit()
    by = order.chosen.filter(zone_of(here.place), here.staff_id)
    fields = {field.name: getattr(by, field.name) for field in dataclasses.fields(by)}
    return Selection(id=order.conversation or None, kept=True, **fields)


def _format(office: Office, order: Order) -> Format:
    signed = office.content.startswith("signed off")
    return format_of(order.form, line_here(office), numbers=order.numbers, signed=signed)


def _written(office: Office, order: Order, after: str = "", until: str = "") -> Iterator[str]:
    """The file, piece by piece; of the conversations after one id, up to another and with it."""
    form, clinic, selection = _format(office, order), place_here(), _selection(order)

    def pieces() -> Iterator[str]:
        if not after:
            yield form.beginning()
        found = conversations(
            office.database,
            office.sealer,
            clinic,
            dataclasses.replace(selection, until=until or None),
            after=after,
            numbers=order.numbers,
        )
        for one in found:
            yield form.of(one)

    return pieces()


def _file_name(office: Office, order: Order) -> str:
    today = office.now().astimezone(zone_of(visit().place)).date()
    return f"backline-{today.isoformat()}.{_format(office, order).suffix}"
