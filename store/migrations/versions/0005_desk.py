"""The clinic's desk: staff, their sessions, and what they did."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    instant = sa.Text() if sqlite else sa.DateTime(timezone=True)
    op.create_table(
        "staff",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("login", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("password", sa.Text),
        sa.Column("totp", sa.LargeBinary),
        sa.Column("totp_since", instant),
        sa.Column("totp_next", sa.LargeBinary),
        sa.Column("language", sa.Text),
        sa.Column("scheme", sa.Text),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("disabled_at", instant),
        sa.PrimaryKeyConstraint("id", name="pk_staff"),
        sa.UniqueConstraint("login", name="uq_staff_login"),
    )
    op.create_table(
        "memberships",
        _staff_id(),
        sa.Column("clinic_id", sa.Integer, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("staff_id", "clinic_id", name="pk_memberships"),
        _of_staff("memberships"),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], "fk_memberships_clinic_id"),
    )
    op.create_table(
        "tickets",
        sa.Column("digest", sa.LargeBinary, nullable=False),
        _staff_id(),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("ends_at", instant),
        sa.PrimaryKeyConstraint("digest", name="pk_tickets"),
        _of_staff("tickets"),
    )
    op.create_index("ix_tickets_staff_id", "tickets", ["staff_id"])
    op.create_table(
        "spent",
        _staff_id(),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.PrimaryKeyConstraint("staff_id", "what", name="pk_spent"),
        _of_staff("spent"),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.LargeBinary, nullable=False),
        _staff_id(),
        sa.Column("clinic_id", sa.Integer),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("seen_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_sessions"),
        _of_staff("sessions"),
    )
    op.create_index("ix_sessions_staff_id", "sessions", ["staff_id"])
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attempts"),
    )
    op.create_index("ix_attempts_key", "attempts", ["key", "at"])
    op.create_table(
        "audit",
        sa.Column("clinic_id", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("staff_id", sa.Integer),
        sa.Column("login", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("chain", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "number", name="pk_audit"),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], "fk_audit_clinic_id"),
    )


def _staff_id() -> sa.Column[int]:
    return sa.Column("staff_id", sa.Integer, nullable=False)


def _of_staff(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], f"fk_{table}_staff_id")
