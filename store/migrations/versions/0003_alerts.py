"""Alerts, and who is on call. What the tables mean: `store.duty_tables`."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    instant = sa.Text() if sqlite else sa.DateTime(timezone=True)
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("clinic_id", sa.Integer, nullable=False),
        sa.Column("conversation_id", sa.Text),
        sa.Column("turn_number", sa.Integer),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("raised_at", instant, nullable=False),
        sa.Column("ladder", sa.Text, nullable=False),
        sa.Column("acknowledged_at", instant),
        sa.Column("acknowledged_by", sa.Text),
        sa.Column("acknowledged_how", sa.Text),
        sa.Column("came_of", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], "fk_alerts_clinic_id"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], "fk_alerts_conversation_id"
        ),
        sa.UniqueConstraint("conversation_id", "about", name="uq_alerts_conversation_id_about"),
    )
    of_none = sa.column("conversation_id").is_(None)
    op.create_index(
        "uq_alerts_clinic_id_about",
        "alerts",
        ["clinic_id", "about"],
        unique=True,
        sqlite_where=of_none,
        postgresql_where=of_none,
    )
    still_open = sa.column("acknowledged_at").is_(None)
    op.create_index(
        "ix_alerts_clinic_id_open",
        "alerts",
        ["clinic_id"],
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
    op.create_table(
        "people",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("clinic_id", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("phone", sa.LargeBinary),
        sa.Column("fingerprint", sa.LargeBinary),
        sa.Column("email", sa.LargeBinary),
        sa.Column("staff_id", sa.Integer),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("removed_at", instant),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], "fk_people_clinic_id"),
        sa.UniqueConstraint("fingerprint", "clinic_id", name="uq_people_fingerprint_clinic_id"),
    )
    op.create_table(
        "shifts",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("person_id", sa.Integer, nullable=False),
        sa.Column("rung", sa.Integer, nullable=False),
        sa.Column("days", sa.Text, nullable=False),
        sa.Column("begins", sa.Text, nullable=False),
        sa.Column("ends", sa.Text, nullable=False),
        sa.Column("time_zone", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_shifts"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], "fk_shifts_person_id"),
    )
    op.create_index("ix_shifts_person_id", "shifts", ["person_id"])
    op.create_table(
        "overrides",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("clinic_id", sa.Integer, nullable=False),
        sa.Column("absent_id", sa.Integer),
        sa.Column("present_id", sa.Integer),
        sa.Column("rung", sa.Integer),
        sa.Column("begins", instant, nullable=False),
        sa.Column("ends", instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_overrides"),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], "fk_overrides_clinic_id"),
        sa.ForeignKeyConstraint(["absent_id"], ["people.id"], "fk_overrides_absent_id"),
        sa.ForeignKeyConstraint(["present_id"], ["people.id"], "fk_overrides_present_id"),
    )
    op.create_index("ix_overrides_clinic_id", "overrides", ["clinic_id"])
    op.create_table(
        "rungs",
        sa.Column("alert_id", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Integer),
        sa.Column("at", instant, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.Column("ended_at", instant),
        sa.PrimaryKeyConstraint("alert_id", "number", name="pk_rungs"),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], "fk_rungs_alert_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], "fk_rungs_person_id"),
    )
