"""The tables by which the installation is run, column by column: erasing by rule, abuse.

No words are in them. A number is in one of them, sealed, where staff blocked it.
"""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from store.tables import Instant, metadata

retention_runs = Table(
    "retention_runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("clinic_id", ForeignKey("clinics.id"), nullable=False),
    # The day on which the night ended, by the clinic's own time, ISO 8601. NULL: begun by hand.
    Column("night", Text),
    Column("began_at", Instant, nullable=False),
    # NULL: it goes on, or was cut off.
    Column("ended_at", Instant),
    # How many conversations were erased by each rule, their turns, and the numbers forgotten.
    Column("unfinished", Integer, nullable=False),
    Column("expired", Integer, nullable=False),
    Column("turns", Integer, nullable=False),
    Column("contacts", Integer, nullable=False),
)

_night = retention_runs.c.night
Index(
    "uq_retention_runs_clinic_id_night",
    retention_runs.c.clinic_id,
    _night,
    unique=True,
    sqlite_where=_night.is_not(None),
    postgresql_where=_night.is_not(None),
)

blocked = Table(
    "blocked",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("clinic_id", ForeignKey("clinics.id"), nullable=False),
    # The contact's, as in `contacts`: a keyed hash, and the number, sealed.
    Column("fingerprint", LargeBinary, nullable=False),
    Column("address", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
    # Who blocked it, and why, in their own words.
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    # NULL, both: it is blocked still.
    Column("lifted_at", Instant),
    Column("lifted_by", Text),
)

_lifted = blocked.c.lifted_at
Index(
    "uq_blocked_fingerprint_clinic_id",
    blocked.c.fingerprint,
    blocked.c.clinic_id,
    unique=True,
    sqlite_where=_lifted.is_(None),
    postgresql_where=_lifted.is_(None),
)

arrivals = Table(
    "arrivals",
    metadata,
    # Somebody new wrote or called from another country than the clinic's: which, and when.
    Column("id", Integer, primary_key=True),
    Column("clinic_id", ForeignKey("clinics.id"), nullable=False),
    # Such as "FR" (ISO 3166).
    Column("country", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_arrivals_clinic_id_country_at", "clinic_id", "country", "at"),
)
