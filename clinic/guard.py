"""Who may ask for which page: said where a page is registered, and checked before it runs.

`Pages` is a blueprint that takes no route without its rule, so that a new page cannot be open by
mistake; the application does not start with one that has none.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from flask import Blueprint, Flask, g

from duty.clinic import FIRST
from duty.roles import Role
from store.sessions import Session, Stage

NAME: Final = "desk"
PREFIX: Final = "/desk"


class May(StrEnum):
    """Whom a page is for.

    ANYBODY needs no sign-in. PASSWORD, CODE and ENROL are for somebody who is at that step of
    signing in, and nobody else. The roles are at the clinic whose desk it is; an INSTALLER is an
    admin of the first clinic, whose settings are the installation's.
    """

    ANYBODY = "anybody"
    PASSWORD = "password"  # noqa: S105
    CODE = "code"
    ENROL = "enrol"
    READER = "reader"
    CLINICIAN = "clinician"
    ADMIN = "admin"
    INSTALLER = "installer"


class NoRuleError(RuntimeError):
    """A route says nothing of who may ask for it, so the application does not start."""


@dataclass(frozen=True, slots=True)
class Menu:
    """An entry of the menu: `key` names its words (menu.KEY) and `endpoint` its page."""

    key: str
    endpoint: str
    may: May


class Pages(Blueprint):
    """The desk's pages. `rules`: whom each is for, by endpoint.

        @pages.get("/staff", may=May.ADMIN, menu="staff")

    `asked=False`: what a page asks for by itself, which does not keep a session alive.
    `alike=True`: what is the same for everybody, so that nobody is asked who they are.
    """

    def __init__(self) -> None:
        super().__init__(NAME, __name__, url_prefix=PREFIX, template_folder="templates")
        self.rules: dict[str, May] = {}
        self.by_itself: set[str] = set()
        self.alike: set[str] = set()
        self.menu: list[Menu] = []

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: Callable[..., Any] | None = None,
        provide_automatic_options: bool | None = None,  # noqa: FBT001  Flask's own signature
        **options: Any,
    ) -> None:
        may, menu, asked = options.pop("may", None), options.pop("menu", None), True
        asked, alike = options.pop("asked", True), options.pop("alike", False)
        name = endpoint or getattr(view_func, "__name__", "")
        if not isinstance(may, May):
            raise NoRuleError(f"{rule} ({name}) does not say whom it is for: give it may=")
        if alike and may is not May.ANYBODY:
            raise NoRuleError(f"{rule} ({name}) is not for anybody: ask who they are")
        full = f"{NAME}.{name}"
        if self.rules.setdefault(full, may) is not may:
            raise NoRuleError(f"{rule} ({name}) has two rules: give each its own function")
        if alike:
            self.alike.add(full)
        if not asked:
            self.by_itself.add(full)
        if menu:
            self.menu.append(Menu(menu, full, may))
        super().add_url_rule(rule, endpoint, view_func, provide_automatic_options, **options)


def require_rules(application: Flask, others: Iterable[str]) -> None:
    """NoRuleError for any route of `application` that nothing guards.

    `others`: the names of the blueprints that guard themselves, or are for everybody.
    """
    known = set(others)
    for rule in application.url_map.iter_rules():
        owner = rule.endpoint.rpartition(".")[0]
        pages = application.blueprints.get(owner)
        ruled = isinstance(pages, Pages) and rule.endpoint in pages.rules
        if not ruled and owner not in known:
            raise NoRuleError(f"{rule.rule} ({rule.endpoint}) does not say whom it is for")


def allows(may: May, session: Session | None) -> bool:
    """Whether a page is for the person of `session`; None: a stranger."""
    if may is May.ANYBODY:
        return True
    if session is None:
        return False
    if may in _STEPS:
        return session.stage is _STEPS[may]
    if may is May.INSTALLER:
        return session.stage is Stage.IN and is_installer(session)
    place = session.place
    return session.stage is Stage.IN and place is not None and place.role.covers(Role(may.value))


def is_installer(session: Session) -> bool:
    """Whether somebody is an admin of the first clinic, at whosever desk they are just now."""
    return any(one.clinic == FIRST and one.role is Role.ADMIN for one in session.places)


_STEPS: Final = {
    May.PASSWORD: Stage.PASSWORD,
    May.CODE: Stage.CODE,
    May.ENROL: Stage.ENROL,
}


def visit() -> Session:
    """Whoever asked for this page; only in pages that are not for ANYBODY."""
    found: Session = g.desk_session
    return found


def visitor() -> Session | None:
    """Whoever asked for this page; None for a stranger."""
    found: Session | None = g.get("desk_session")
    return found
