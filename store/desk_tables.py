"""The tables of the clinic's desk: who may sign in, who is signed in, and what they did.

Beside `store.tables`, whose metadata they share. Nothing of a caller's is in them.
"""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from store.tables import Instant, metadata

staff = Table(
    "staff",
    metadata,
    Column("id", Integer, primary_key=True),
    # What they sign in with, in small letters: an e-mail address or a short name.
    Column("login", Text, nullable=False, unique=True),
    # As it is shown to the others.
    Column("name", Text, nullable=False),
    # An argon2 hash with its parameters. NULL: not chosen yet.
    Column("password", Text),
    # Sealed: the secret of the second factor, and since when it is in use. NULL, both: none.
    Column("totp", LargeBinary),
    Column("totp_since", Instant),
    # Sealed: a secret that was shown, and not yet confirmed by a code. NULL: none.
    Column("totp_next", LargeBinary),
    # What they chose: "en" or "es", "light" or "dark". NULL: as the browser says.
    Column("language", Text),
    Column("scheme", Text),
    Column("created_at", Instant, nullable=False),
    # NULL: they may sign in.
    Column("disabled_at", Instant),
)

memberships = Table(
    "memberships",
    metadata,
    # A clinic whose desk they may see, and what they may do there (`duty.roles`).
    Column("staff_id", ForeignKey("staff.id"), primary_key=True),
    Column("clinic_id", ForeignKey("clinics.id"), primary_key=True),
    Column("role", Text, nullable=False),
)

tickets = Table(
    "tickets",
    metadata,
    # A keyed hash of something that is good once: a recovery code, or a link to sign in with.
    Column("digest", LargeBinary, primary_key=True),
    Column("staff_id", ForeignKey("staff.id"), nullable=False, index=True),
    # "recovery" or "link".
    Column("kind", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    # NULL: it does not run out.
    Column("ends_at", Instant),
)

spent = Table(
    "spent",
    metadata,
    # What was used and is not taken again: "totp:SECOND", "ticket:DIGEST". Of two who use it at
    # the same moment one finds the key taken.
    Column("staff_id", ForeignKey("staff.id"), primary_key=True),
    Column("what", Text, primary_key=True),
    Column("at", Instant, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    # A keyed hash of what the browser's cookie holds: who reads the table cannot sign in with it.
    Column("digest", LargeBinary, primary_key=True),
    Column("staff_id", ForeignKey("staff.id"), nullable=False, index=True),
    # Whose desk they are at. NULL: none, while a step of signing in is missing.
    Column("clinic_id", Integer),
    # "code" or "enrol" while the second factor is due, "password" while one must be chosen; "in".
    Column("stage", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    # When the last page was asked for, to the minute.
    Column("seen_at", Instant, nullable=False),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    # A keyed hash of the account or the network address that somebody tried to sign in with, or
    # from. (Not who it is: there may be no such account.)
    Column("key", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_attempts_key", "key", "at"),
)

audit = Table(
    "audit",
    metadata,
    Column("clinic_id", ForeignKey("clinics.id"), primary_key=True),
    # From 1 within the clinic, without gaps.
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    # Who did it, and their login at that time. NULL and "": whoever runs the installation.
    Column("staff_id", Integer),
    Column("login", Text, nullable=False),
    # Such as "conversation.viewed" (`store.audit`), and the id of what it was done to, or "".
    Column("action", Text, nullable=False),
    Column("about", Text, nullable=False),
    # JSON: more of it, never a caller's words or number.
    Column("detail", Text, nullable=False),
    # A keyed hash of all of the clinic's rows up to this one.
    Column("chain", LargeBinary, nullable=False),
)
