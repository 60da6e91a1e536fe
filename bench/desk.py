"""`./dev bench desk`: how fast the desk's pages are over years of conversations.

One million conversations in PostgreSQL and a hundred thousand in SQLite, asked for through the
application itself: sessions, queries, unsealing, templates, everything but the network. It takes
gigabytes of disk and many minutes; `--conversations` makes it smaller, for a try.
"""

import argparse
import logging
import platform
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psycopg
from flask.testing import FlaskClient
from sqlalchemy import Table
from sqlalchemy.dialects.sqlite import pysqlite

from app.settings import read_settings
from app.web import create_app
from bench.__main__ import DISK, line_settings
from bench.desk_rows import BEGAN, VOCABULARY, Made, Years, word
from bench.processes import processor
from bench.servers import ROOT
from duty.roles import Role
from flows.line import build_line
from store.card_tables import card_marks, cards, words
from store.clinics import ensure_clinic
from store.database import Database
from store.duty_tables import alerts
from store.migrate import upgrade
from store.sealing import Sealer
from store.sessions import Sessions, Stage
from store.staff import StaffBook
from store.tables import contacts, conversations, turns
from tests.clinic.running import desk_cookie
from tests.postgres import PostgresServer

TIMES: Final = 31
GOAL: Final = 200.0
"""Milliseconds, at the median."""

Ask = Callable[[FlaskClient, int], int]


@dataclass(frozen=True, slots=True)
class Page:
    """A page that is asked for `times`.  `ask`: gives the status of one answer.

    `goal`: milliseconds, at the median; None: it is looked at now and then, and may take longer.
    """

    name: str
    ask: Ask
    times: int = TIMES
    goal: float | None = GOAL


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds of each answer, in their order of length."""

    name: str
    milliseconds: tuple[float, ...]
    goal: float | None

    @property
    def median(self) -> float:
        return statistics.median(self.milliseconds)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="./dev bench desk", description="Measure the desk.")
    parser.add_argument("--conversations", type=int, default=1_000_000, help="in PostgreSQL")
    parser.add_argument("--sqlite", type=int, default=100_000, help="conversations in SQLite")
    parser.add_argument("--only", choices=("SQLite", "PostgreSQL"), help="one of the two")
    parser.add_argument("--output", type=Path, help="keep the report there")
    given = parser.parse_args(arguments)
    logging.disable(logging.INFO)  # a line for each request
    whole = given.conversations == 1_000_000 and given.sqlite == 100_000 and not given.only
    output = given.output or (ROOT / "docs" / "performance-desk.md" if whole else None)
    parts = [*_opening()]
    with tempfile.TemporaryDirectory(prefix="backline-desk-", dir=DISK) as name:
        folder = Path(name)
        if given.only != "PostgreSQL":
            url = f"sqlite:///{folder / 'desk.sqlite3'}"
            parts += _measured("SQLite", url, given.sqlite, folder)
            (folder / "desk.sqlite3").unlink(missing_ok=True)
        if given.only != "SQLite":
            with PostgresServer(parent=DISK) as server:
                url = server.new_database()
                parts += _measured("PostgreSQL", url, given.conversations, folder)
    text = "\n".join(parts)
    print(text, end="")
    if output:
        output.write_text(text, encoding="utf-8")


def _measured(kind: str, url: str, count: int, folder: Path) -> Iterator[str]:
    """The table of one database."""
    environ = {**line_settings(), "DATABASE_URL": url}
    settings = read_settings(environ, folder)
    sealer = Sealer(settings.secret_key)
    upgrade(url)
    database = Database(url)
    ensure_clinic(database, settings.clinic.name, settings.locale, settings.clinic.phone)
    _say(f"{kind}: making {count:,} conversations")
    years = Years(build_line(settings.locale, settings.clinic, 0), sealer, count)
    rows = _fill(url, years)
    client = create_app(settings).test_client()
    client.set_cookie(
        "__Host-desk", _signed_in(database, sealer), domain="line.example", secure=True
    )
    _say(f"{kind}: asking")
    took = [_time(client, page) for page in _pages(years.made)]
    database.close()
    yield from ["", f"## {kind}", ""]
    yield f"{count:,} conversations, {rows['turns']:,} turns, {rows['words']:,} words in the index."
    yield from ["", "| Page | Median | Slowest of ten | Slowest |", "|---|---|---|---|"]
    for one in took:
        tenth = one.milliseconds[int(len(one.milliseconds) * 0.9)]
        mark = "" if one.goal is None or one.median < one.goal else " **too slow**"
        yield (
            f"| {one.name} | {one.median:,.0f} ms{mark} | {tenth:,.0f} ms |"
            f" {one.milliseconds[-1]:,.0f} ms |"
        )
    yield ""


def _opening() -> Iterator[str]:
    yield "# How fast the desk is"
    yield ""
    yield "Written by `./dev bench desk`; a few conversations are really held, and told many times."
    yield f"Each page is asked for {TIMES} times, through the application, without a network."
    yield f"The goal is {GOAL:.0f} ms at the median, on two cores."
    yield "Figures have no goal: they count every turn of their days, and are asked for less often."
    yield ""
    at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    yield f"{at}, {processor()}, Python {platform.python_version()}, load {_load():.1f}."


def _load() -> float:
    return float(Path("/proc/loadavg").read_text(encoding="ascii").split()[0])


# --- Asking -----------------------------------------------------------------------------------


def _pages(made: Made) -> list[Page]:
    days = [BEGAN + timedelta(400 + n) for n in range(300)]

    def get(path: str) -> Ask:
        return lambda client, _: client.get(f"/desk{path}", base_url=_BASE).status_code

    def after(client: FlaskClient, n: int) -> int:
        id_ = made.opened[(len(made.opened) // 2 + n) % len(made.opened)]
        return client.get(f"/desk/?after=7.{id_}", base_url=_BASE).status_code

    def on_a_day(client: FlaskClient, n: int) -> int:
        day = days[n * 7 % len(days)].date()
        return client.get(f"/desk/?from={day}&to={day}&tier=T3", base_url=_BASE).status_code

    def one(client: FlaskClient, n: int) -> int:
        id_ = made.opened[n * 31 % len(made.opened)]
        return client.get(f"/desk/conversations/{id_}", base_url=_BASE).status_code

    def search(*ranks: int) -> Ask:
        def ask(client: FlaskClient, n: int) -> int:
            typed = " ".join(word((rank + n) % VOCABULARY) for rank in ranks)
            return _search(client, typed)

        return ask

    def figures(length: int) -> Ask:
        def ask(client: FlaskClient, n: int) -> int:
            last = days[-1] + timedelta(n)
            first = last - timedelta(length - 1)
            path = f"/desk/figures?from={first.date()}&to={last.date()}"
            return client.get(path, base_url=_BASE).status_code

        return ask

    def by_number(client: FlaskClient, n: int) -> int:
        return _search(client, made.numbers[n * 17 % len(made.numbers)])

    return [
        Page("inbox", get("/")),
        Page("inbox, in the middle", after),
        Page("inbox, polled", get("/live")),
        Page("filter: tier", get("/?tier=T3")),
        Page("filter: language", get("/?language=es")),
        Page("filter: a tier that nobody has", get("/?tier=T4")),
        Page("filter: channel and tier", get("/?channel=voice&tier=T3")),
        Page("filter: question flagged", get("/?question=foot_drop")),
        Page("filter: a day and a tier", on_a_day),
        Page("filter: mine", get("/?mine=1")),
        Page("search: a rare word", search(2900)),
        Page("search: two common words", search(0, 1)),
        Page("search: a common and a rare word", search(3, 2500)),
        Page("search: a number", by_number),
        Page("a conversation", one),
        Page("figures: 30 days", figures(30), times=11, goal=None),
        Page("the flow, with its live counts", get("/flow"), times=11, goal=None),
        Page("figures: a year", figures(366), times=3, goal=None),
    ]


_BASE: Final = "https://line.example"


def _search(client: FlaskClient, typed: str) -> int:
    form = {"for": typed, "csrf_token": _token(client)}
    return client.post("/desk/search", data=form, base_url=_BASE).status_code


def _token(client: FlaskClient) -> str:
    """The token of this client's forms, read off a page once."""
    token: str | None = getattr(client, "token", None)
    if token is None:
        page = client.get("/desk/erase", base_url=_BASE).get_data(as_text=True)
        token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
        client.token = token  # type: ignore[attr-defined]
    return token


def _time(client: FlaskClient, page: Page) -> Took:
    if page.ask(client, 0) != 200:
        raise SystemExit(f"{page.name}: it does not answer")
    taken = []
    for number in range(page.times):
        began = time.perf_counter()
        page.ask(client, number)
        taken.append((time.perf_counter() - began) * 1000)
    return Took(page.name, tuple(sorted(taken)), page.goal)


def _signed_in(database: Database, sealer: Sealer) -> str:
    at, book = datetime.now(UTC), StaffBook(database, sealer)
    person = book.add("bench", "Ann Example", at)
    key, begins = Sessions(database, sealer).begin(person, Stage.IN, at, 1)
    with database.link() as link:
        link.write([book.giving_role(person, 1, Role.ADMIN), begins])
    return desk_cookie(sealer, _BASE, key)


# --- Filling ----------------------------------------------------------------------------------


def _fill(url: str, years: Years) -> dict[str, int]:
    """Store every row; how many there are, by table."""
    parts: list[tuple[Table, Iterable[Mapping[str, Any]]]] = [
        (contacts, years.contacts()),
        (conversations, years.conversations()),
        (turns, years.turns()),
        (cards, years.cards()),
        (card_marks, years.marks()),
        (words, years.words()),
        (alerts, years.alerts()),
    ]
    if url.startswith("sqlite"):
        return _fill_sqlite(url, parts)
    return _fill_postgres(url, years, parts)


_Parts = list[tuple[Table, Iterable[Mapping[str, Any]]]]


def _fill_sqlite(url: str, parts: _Parts) -> dict[str, int]:
    found = {}
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        for table, rows in parts:
            names = [column.key for column in table.c]
            types = [column.type.dialect_impl(_SQLITE) for column in table.c]
            ready = list(zip(names, [one.bind_processor(_SQLITE) for one in types], strict=True))
            marks = ", ".join("?" * len(names))
            statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608
            made = (
                [bind(row[name]) if bind else row[name] for name, bind in ready] for row in rows
            )
            found[table.name] = connection.executemany(statement, made).rowcount
            connection.commit()
            _say(f"  {table.name}: {found[table.name]:,}")
        connection.execute("ANALYZE")
        connection.commit()
    return found


_SQLITE: Final = pysqlite.dialect()


def _fill_postgres(url: str, years: Years, parts: _Parts) -> dict[str, int]:
    """As above; millions of turns are told by the database itself, from a few that are copied."""
    found = {}
    plain = url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(plain, autocommit=True) as connection:
        # What is made here refers to itself; asking that of each row would take far longer.
        connection.execute("SET session_replication_role = replica")
        connection.execute("DROP INDEX ix_words_conversation_id")
        for table, rows in parts:
            names = [column.key for column in table.c]
            if table is turns:
                found[table.name] = _tell(connection, years, names)
            else:
                found[table.name] = _copy(connection, table.name, names, rows)
            _say(f"  {table.name}: {found[table.name]:,}")
        connection.execute("CREATE INDEX ix_words_conversation_id ON words (conversation_id)")
        connection.execute("ANALYZE")
    return found


def _copy(
    connection: "psycopg.Connection[Any]",
    table: str,
    names: Sequence[str],
    rows: Iterable[Mapping[str, Any]],
) -> int:
    count = 0
    copying = f"COPY {table} ({', '.join(names)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(copying.encode()) as copy:
        for row in rows:
            copy.write_row([row[name] for name in names])
            count += 1
    return count


def _tell(connection: "psycopg.Connection[Any]", years: Years, names: Sequence[str]) -> int:
    """Every turn: those of the conversations that are opened one by one, the others in one go."""
    connection.execute("CREATE TEMP TABLE told AS SELECT *, 0 AS kind_number FROM turns LIMIT 0")
    connection.execute(
        "CREATE TEMP TABLE tellings (n int, id text, kind_number int, contact int, before int,"
        " at timestamptz)"
    )
    _copy(connection, "told", [*names, "kind_number"], years.told())
    fields = ("n", "id", "kind_number", "contact", "before", "at")
    _copy(connection, "tellings", fields, years.tellings())
    made = {
        "conversation_id": "one.id",
        "contact_id": "one.contact",
        "ordinal": "one.before + told.number",
        "sid": "'SM' || lpad(to_hex(one.n), 24, '0') || lpad(to_hex(told.number), 8, '0')",
        "at": f"one.at + (told.at - '{BEGAN.isoformat()}'::timestamptz)",
    }
    chosen = ", ".join(made.get(name, f"told.{name}") for name in names)
    connection.execute("ANALYZE told")
    connection.execute("ANALYZE tellings")
    done = connection.execute(
        f"INSERT INTO turns ({', '.join(names)}) SELECT {chosen}"  # noqa: S608
        " FROM tellings AS one JOIN told USING (kind_number)"
    )
    return done.rowcount + _copy(connection, "turns", names, years.turns(opened_alone=True))


def _say(what: str) -> None:
    print(f"{what} ...", file=sys.stderr, flush=True)
