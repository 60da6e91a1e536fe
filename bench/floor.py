"""The floor: a signed, durable turn with nothing around it, written by hand.

Flask, the carrier's own signature check, the bare driver, one transaction that reads one row and
writes one, a reply that is always the same. It is as durable as the line itself, keeps its
connections as the line does, queues its writers at the same kind of gate, and writes a line of log
for each request, because the line does too.
"""

import fcntl
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

import psycopg
from flask import Flask, Response, request
from twilio.request_validator import RequestValidator

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

QUESTION = (
    "Since this began: any new trouble with your bladder? For example, you cannot pass water, "
    "you cannot feel it pass, or you leak without knowing."
)
TEXT_REPLY = (
    '<?xml version="1.0" encoding="UTF-8"?><Response><Message>'
    f"{QUESTION}\n1 yes, 2 no, 3 not sure</Message></Response>"
)
CALL_REPLY = (
    '<?xml version="1.0" encoding="UTF-8"?><Response>'
    '<Gather action="https://line.example/voice/turn" input="dtmf speech" method="POST">'
    f"<Say>{QUESTION} Press 1 for yes, 2 for no, 3 for not sure.</Say></Gather>"
    '<Redirect method="POST">https://line.example/voice/turn</Redirect></Response>'
)

# The newest row of a person, and one more: the least that a log of turns can be.
TABLE = (
    "CREATE TABLE turns (person TEXT NOT NULL, number INTEGER NOT NULL, words TEXT NOT NULL, "
    "PRIMARY KEY (person, number))"
)
NEWEST = "SELECT number, words FROM turns WHERE person = {} ORDER BY number DESC LIMIT 1"
APPEND = "INSERT INTO turns (person, number, words) VALUES ({0}, {0}, {0})"


class Turns(Protocol):
    """Where the floor keeps its turns."""

    def append(self, person: str, words: str) -> None:
        """Read the newest row of `person`, write the next, and return when it is on the disk."""


class SqliteTurns:
    """One connection a thread, one writer at a time."""

    _newest = NEWEST.format("?")
    _append = APPEND.format("?")

    def __init__(self, path: str) -> None:
        self._path = path
        self._own = threading.local()

    def append(self, person: str, words: str) -> None:
        if not hasattr(self._own, "connection"):
            self._open()
        execute = self._own.connection.execute
        fcntl.flock(self._own.gate, fcntl.LOCK_EX)
        try:
            execute("BEGIN IMMEDIATE")
            newest = execute(self._newest, (person,)).fetchone()
            execute(self._append, (person, newest[0] + 1 if newest else 1, words))
            execute("COMMIT")
        finally:
            fcntl.flock(self._own.gate, fcntl.LOCK_UN)

    def _open(self) -> None:
        connection = sqlite3.connect(self._path, timeout=5, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        self._own.gate = os.open(f"{self._path}-lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
        self._own.connection = connection


class PostgresTurns:
    """One connection a thread."""

    _newest = NEWEST.format("%s")
    _append = APPEND.format("%s")

    def __init__(self, url: str) -> None:
        self._url = url
        self._own = threading.local()

    def append(self, person: str, words: str) -> None:
        if not hasattr(self._own, "connection"):
            self._own.connection = psycopg.connect(self._url, autocommit=True)
        with self._own.connection.transaction():
            execute = self._own.connection.execute
            newest = execute(self._newest, (person,)).fetchone()
            execute(self._append, (person, newest[0] + 1 if newest else 1, words))


def create_app() -> Flask:
    """The floor with the settings of the environment, which are named as the line's own."""
    url, public_url = os.environ["DATABASE_URL"], os.environ["PUBLIC_URL"]
    kind, _, path = url.partition(":///")
    turns: Turns = SqliteTurns(path) if kind == "sqlite" else PostgresTurns(url)
    validator = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"])
    application = Flask(__name__, static_folder=None)
    text_reply, call_reply = TEXT_REPLY.encode(), CALL_REPLY.encode()

    @application.before_request
    def refuse_strangers() -> Response | None:
        query = request.query_string.decode()
        called = public_url + request.path + (f"?{query}" if query else "")
        signature = request.headers.get("X-Twilio-Signature", "")
        signed = validator.validate(called, request.form, signature)
        return None if signed else Response(status=403)

    @application.post("/sms")
    def text() -> Response:
        turns.append(request.form["From"], request.form["Body"])
        return Response(text_reply, content_type="text/xml; charset=utf-8")

    @application.post("/voice")
    @application.post("/voice/turn")
    def call() -> Response:
        turns.append(request.form["From"], request.form.get("Digits", ""))
        return Response(call_reply, content_type="text/xml; charset=utf-8")

    application.wsgi_app = _logged(application.wsgi_app)  # type: ignore[assignment, method-assign]
    return application


def _logged(application: "WSGIApplication") -> "WSGIApplication":
    """A line of log for each request, written without `logging`, as the line writes its own."""

    def logged(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        began = time.perf_counter()
        body = application(environ, start_response)
        took = 1000 * (time.perf_counter() - began)
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        sys.stderr.write(f"{time.time():.3f} {method} {path} {took:.1f} ms\n")
        return body

    return logged


def create_nothing() -> "WSGIApplication":
    """What answers at once: against it the load generator shows how fast it is itself."""
    reply = TEXT_REPLY.encode()
    head = [("Content-Type", "text/xml; charset=utf-8"), ("Content-Length", str(len(reply)))]

    def nothing(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        environ["wsgi.input"].read()
        start_response("200 OK", head)
        return [reply]

    return nothing
