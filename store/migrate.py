"""Brings the tables of a database up to date. Never imported while the line answers: it is slow.

Several processes may do it at once: the first one does it, the others wait and find it done.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Engine, create_engine, event, pool, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from store import sqlite
from store.database import parse
from store.errors import StoreError

_SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = 0x6261636B6C696E65
"""The number of PostgreSQL's advisory lock: "backline"."""


def upgrade(url: str) -> None:
    """Make the tables, or change them to this program's; nothing where they are.

    All of it happens, or none. StoreError: the database cannot be reached, cannot be changed, or
    was made by a newer program. ValueError: not the address of a database.
    """
    parsed = parse(url)
    engine = create_engine(parsed, poolclass=pool.NullPool)
    try:
        with _alone(parsed, engine) as connection:
            command.upgrade(configuration(connection), "head")
    except (OSError, OperationalError) as error:
        # About the file, the network or the server, never about a row.
        said = error.strerror if isinstance(error, OSError) else str(error.orig)
        raise StoreError(f"the database cannot be upgraded: {said}") from None
    except CommandError:
        raise StoreError("the database was made by a newer version of this program") from None
    except SQLAlchemyError as error:
        raise StoreError(f"the database cannot be upgraded: {type(error).__name__}") from None
    finally:
        engine.dispose()


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's settings: where the scripts are, and the connection on which they run."""
    config = Config(attributes={"connection": connection})
    # Alembic reads a percent sign in a path as the beginning of a name.
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config


@contextmanager
def _alone(url: URL, engine: Engine) -> Iterator[Connection]:
    """A connection in a transaction, while no other process changes tables."""
    if url.drivername != "sqlite":
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            yield connection
        return
    path = sqlite.path_of(url)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Patients' words, if sealed: nobody else on the machine needs to read the file.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    # The driver begins no transaction before a change of tables by itself.
    event.listen(engine, "connect", lambda driver, _: setattr(driver, "isolation_level", None))
    event.listen(engine, "begin", lambda begun: begun.exec_driver_sql("BEGIN IMMEDIATE"))
    with sqlite.gated(path), engine.begin() as connection:
        yield connection
