"""What must happen after a turn or at a time, and the record of it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    instant = sa.Text() if sqlite else sa.DateTime(timezone=True)
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("clinic_id", sa.Integer, nullable=False),
        sa.Column("conversation_id", sa.Text),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("lane", sa.Text, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("sender", sa.Text),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("due_at", instant),
        sa.Column("lease_by", sa.Text),
        sa.Column("lease_until", instant),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("tried_at", instant),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("slot_at", instant),
        sa.Column("carrier_sid", sa.Text),
        sa.Column("carrier_state", sa.Text),
        sa.Column("carrier_rank", sa.Integer, nullable=False),
        sa.Column("error_code", sa.Integer),
        sa.Column("sent_at", instant),
        sa.Column("settled_at", instant),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("key", name="uq_outbox_key"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], "fk_outbox_conversation_id"
        ),
    )
    op.create_index("ix_outbox_conversation_id", "outbox", ["conversation_id"])
    for name, columns, there in (
        ("ix_outbox_lane_due_at", ["lane", "due_at"], sa.column("due_at").is_not(None)),
        ("ix_outbox_carrier_sid", ["carrier_sid"], sa.column("carrier_sid").is_not(None)),
    ):
        op.create_index(name, "outbox", columns, sqlite_where=there, postgresql_where=there)
    op.create_table(
        "senders",
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("free_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("sender", name="pk_senders"),
    )
