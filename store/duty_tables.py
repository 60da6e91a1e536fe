"""The tables of alerts and rotas, column by column: who must be told what, and who was.

No words and no numbers of patients are in them.
"""

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from store.tables import Instant, metadata

alerts = Table(
    "alerts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("clinic_id", ForeignKey("clinics.id"), nullable=False),
    # The conversation that it is about, and the turn that raised it. NULL: of none.
    Column("conversation_id", ForeignKey("conversations.id")),
    Column("turn_number", Integer),
    # "T1", "crisis", "undelivered:T1" and the like (`duty.alert`); "erased:7" where the
    # conversation was erased.
    Column("about", Text, nullable=False),
    Column("raised_at", Instant, nullable=False),
    # How far the telling has come (`duty.alert.Ladder`).
    Column("ladder", Text, nullable=False),
    # When, by whose name and how it was acknowledged. NULL, all three: it is open.
    Column("acknowledged_at", Instant),
    Column("acknowledged_by", Text),
    Column("acknowledged_how", Text),
    # What came of it, a plain word. NULL: nobody has said.
    Column("came_of", Text),
    UniqueConstraint("conversation_id", "about"),
)
_of_none = alerts.c.conversation_id.is_(None)
Index(
    "uq_alerts_clinic_id_about",
    alerts.c.clinic_id,
    alerts.c.about,
    unique=True,
    sqlite_where=_of_none,
    postgresql_where=_of_none,
)
_open = alerts.c.acknowledged_at.is_(None)
Index(
    "ix_alerts_clinic_id_open",
    alerts.c.clinic_id,
    sqlite_where=_open,
    postgresql_where=_open,
)

people = Table(
    "people",
    metadata,
    # Who can be on call. A row stays when somebody leaves, since alerts tell who was rung.
    Column("id", Integer, primary_key=True),
    Column("clinic_id", ForeignKey("clinics.id"), nullable=False),
    Column("name", Text, nullable=False),
    # Sealed, and a keyed hash to find them by. NULL: removed.
    Column("phone", LargeBinary),
    Column("fingerprint", LargeBinary),
    # Sealed. NULL: none.
    Column("email", LargeBinary),
    # The id of their account. NULL: they do not sign in.
    Column("staff_id", Integer),
    Column("created_at", Instant, nullable=False),
    # NULL: they can be on call.
    Column("removed_at", Instant),
    UniqueConstraint("fingerprint", "clinic_id"),
)

shifts = Table(
    "shifts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False, index=True),
    # 1 is told first.
    Column("rung", Integer, nullable=False),
    # The days on which it begins, Monday 0, such as "0,1,2"; from and to which time of day,
    # such as "17:00", in which zone. One that ends no later than it begins ends the next day.
    Column("days", Text, nullable=False),
    Column("begins", Text, nullable=False),
    Column("ends", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
)

overrides = Table(
    "overrides",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("clinic_id", ForeignKey("clinics.id"), nullable=False, index=True),
    # Who is away. NULL: whoever is on `rung`.
    Column("absent_id", ForeignKey("people.id")),
    # Who stands in. NULL: nobody.
    Column("present_id", ForeignKey("people.id")),
    # NULL: the absent one's own.
    Column("rung", Integer),
    Column("begins", Instant, nullable=False),
    Column("ends", Instant, nullable=False),
)

rungs = Table(
    "rungs",
    metadata,
    Column("alert_id", ForeignKey("alerts.id"), primary_key=True),
    # From 1 within the alert.
    Column("number", Integer, primary_key=True, autoincrement=False),
    # Who is told. NULL: the clinic's own number.
    Column("person_id", ForeignKey("people.id")),
    Column("at", Instant, nullable=False),
    # How it ended, such as "busy", and when. NULL, both: it has not.
    Column("outcome", Text),
    Column("ended_at", Instant),
)
