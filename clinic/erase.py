"""The page of erasure: whose words go, what is kept and why, and a word typed to be sure."""

from dataclasses import dataclass
from typing import Any, Final

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response as Redirect

from clinic.filtering import is_id
from clinic.guard import May, Pages
from clinic.inbox import line_here, place_here
from clinic.office import Office
from clinic.rendering import page, words
from store.audit import Action
from store.erasure import Erasure
from store.inbox import Filter
from store.search import search_number
from store.timeline import Timeline, read_address, read_timeline
from telephony.contact import typed_number

REASONS: Final = ("request", "mistake", "test")
"""What is kept with each turn; none of them names anybody."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose words are to go: of one conversation, or everything of a person.

    `address`: the person's, or None where it is one conversation.
    `ids`: the conversations that hold words now.
    """

    conversation: str
    address: str | None
    ids: tuple[str, ...]


def add_pages(pages: Pages, office: Office) -> None:
    @pages.get("/erase", may=May.ADMIN, menu="erase")
    def erase() -> tuple[str, int]:
        """Whose words should go."""
        return page("erase", conversation=_asked(request.args.get("conversation")), fault="")

    @pages.post("/erase", may=May.ADMIN)
    def erase_what() -> tuple[str, int]:
        """What would go and what would stay."""
        wanted, fault = _wanted(office)
        if wanted is None:
            conversation = _asked(request.form.get("conversation"))
            return page("erase", 422, conversation=conversation, fault=fault)
        return page("erase_sure", **_offered(wanted), fault="")

    @pages.post("/erase/done", may=May.ADMIN)
    def erase_now() -> tuple[str, int] | Redirect:
        """Erase it, for good."""
        wanted, fault = _wanted(office)
        if wanted is None:
            return page("erase", 422, conversation="", fault=fault)
        reason = request.form.get("reason", "")
        typed = request.form.get("typed", "").strip().casefold()
        if reason not in REASONS or typed != words("erase.word").casefold():
            return page("erase_sure", 422, **_offered(wanted), fault="erase.not_sure")
        whose = "person" if wanted.address else "conversation"
        about = wanted.conversation
        office.audit(Action.ERASED, about, whose=whose, reason=reason, found=len(wanted.ids))
        # The reason is kept in English, whatever the page speaks: the log is the clinic's.
        erasure = Erasure(office.database, office.sealer, place_here(), _KEPT_REASONS[reason])
        if wanted.address:
            done = erasure.contact(wanted.address, office.now())
        else:
            done = erasure.conversations(wanted.ids, office.now())
        if not done.turns:
            flash("erase.nothing")
            return redirect(url_for("desk.erase"), 303)
        return page("erase_done", done=done, conversation=about)


_KEPT_REASONS: Final = {
    "request": "on request",
    "mistake": "kept by mistake",
    "test": "a test",
}


def _asked(conversation: str | None) -> str:
    return conversation if conversation and is_id(conversation) else ""


def _wanted(office: Office) -> tuple[Wanted | None, str]:
    """What the form asks for; or why there is nothing to erase, as the key of its words."""
    conversation = _asked(request.form.get("conversation"))
    whole = request.form.get("whole") == "1"
    if conversation:
        told = read_timeline(office.database, office.sealer, place_here(), conversation)
        if told is None or (told.erased and not whole):
            return None, "erase.unknown"
        return _of_conversation(office, told, whole=whole)
    typed = request.form.get("number", "").strip()
    number = typed_number(typed, line_here(office).locale.partition("-")[2])
    if number is None:
        return None, "erase.no_number"
    return _of_person(office, "", number)


def _of_conversation(office: Office, told: Timeline, *, whole: bool) -> tuple[Wanted | None, str]:
    if not whole:
        return Wanted(told.id, None, (told.id,)), ""
    address = read_address(office.database, office.sealer, place_here(), told.id)
    if address is None:
        return None, "erase.unknown"
    if not address.startswith("+"):
        # A hidden caller is a contact of one call alone.
        return Wanted(told.id, address, (told.id,)), ""
    return _of_person(office, told.id, address)


def _of_person(office: Office, conversation: str, number: str) -> tuple[Wanted | None, str]:
    ids: list[str] = []
    after = None
    while True:
        found = search_number(office.database, office.sealer, place_here(), number, Filter(), after)
        ids += [card.conversation for card in found.cards]
        after = found.after
        if after is None:
            break
    return (Wanted(conversation, number, tuple(ids)), "") if ids else (None, "erase.nobody")


def _offered(wanted: Wanted) -> dict[str, Any]:
    return {"wanted": wanted, "reasons": REASONS}
