"""Erasing by rule, blocked numbers, who came from where. See `store.running_tables`."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    instant = sa.Text() if sqlite else sa.DateTime(timezone=True)
    op.create_table(
        "retention_runs",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("clinic_id", sa.Integer, nullable=False),
        sa.Column("night", sa.Text),
        sa.Column("began_at", instant, nullable=False),
        sa.Column("ended_at", instant),
        sa.Column("unfinished", sa.Integer, nullable=False),
        sa.Column("expired", sa.Integer, nullable=False),
        sa.Column("turns", sa.Integer, nullable=False),
        sa.Column("contacts", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_retention_runs"),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], "fk_retention_runs_clinic_id"),
    )
    by_night = sa.column("night").is_not(None)
    op.create_index(
        "uq_retention_runs_clinic_id_night",
        "retention_runs",
        ["clinic_id", "night"],
        unique=True,
        sqlite_where=by_night,
        postgresql_where=by_night,
    )
    op.create_table(
        "blocked",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("clinic_id", sa.Integer, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary, nullable=False),
        sa.Column("address", sa.LargeBinary, nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("lifted_at", instant),
        sa.Column("lifted_by", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_blocked"),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], "fk_blocked_clinic_id"),
    )
    still = sa.column("lifted_at").is_(None)
    op.create_index(
        "uq_blocked_fingerprint_clinic_id",
        "blocked",
        ["fingerprint", "clinic_id"],
        unique=True,
        sqlite_where=still,
        postgresql_where=still,
    )
    op.create_table(
        "arrivals",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("clinic_id", sa.Integer, nullable=False),
        sa.Column("country", sa.Text, nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_arrivals"),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], "fk_arrivals_clinic_id"),
    )
    op.create_index("ix_arrivals_clinic_id_country_at", "arrivals", ["clinic_id", "country", "at"])
