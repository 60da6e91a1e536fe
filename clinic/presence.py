"""Whether somebody is signed in at the desk, for pages that are not the desk's."""

from flask import Flask, request

from clinic.cookies import DeskCookies
from clinic.guard import NAME
from clinic.office import Office
from store.errors import StoreError
from store.sessions import Stage


def is_staff(application: Flask) -> bool:
    """Whether whoever makes this request is signed in. False where nobody can tell."""
    cookies, office = application.session_interface, application.extensions[NAME]
    assert isinstance(cookies, DeskCookies)
    assert isinstance(office, Office)
    session = cookies.carried(application, request)
    key = session.get("key") if session is not None else None
    if not isinstance(key, str):
        return False
    try:
        found = office.sessions.find(key, office.now())
    except StoreError:
        return False
    return found is not None and found.stage is Stage.IN
