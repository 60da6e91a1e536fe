"""The log of turns, and who signed off the content. What the tables mean: `store.tables`."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    instant = sa.Text() if sqlite else sa.DateTime(timezone=True)
    op.create_table(
        "clinics",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("locale", sa.Text, nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_clinics"),
    )
    op.create_table(
        "contacts",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("clinic_id", sa.Integer, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary),
        sa.Column("address", sa.LargeBinary),
        sa.Column("created_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_contacts"),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], "fk_contacts_clinic_id"),
        sa.UniqueConstraint("fingerprint", "clinic_id", name="uq_contacts_fingerprint_clinic_id"),
    )
    op.create_table(
        "conversations",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("contact_id", sa.Integer, nullable=False),
        sa.Column("flow", sa.Text, nullable=False),
        sa.Column("flow_version", sa.Text, nullable=False),
        sa.Column("started_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], "fk_conversations_contact_id"),
    )
    op.create_index("ix_conversations_contact_id", "conversations", ["contact_id"])
    op.create_table(
        "turns",
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("contact_id", sa.Integer, nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("clinic_id", sa.Integer, nullable=False),
        sa.Column("sid", sa.Text, nullable=False),
        sa.Column("token", sa.Text),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("chain", sa.LargeBinary, nullable=False),
        sa.Column("erased_at", instant),
        sa.Column("erased_because", sa.Text),
        sa.Column("tombstone", sa.LargeBinary),
        sa.Column("at", instant, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("medium", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("heard", sa.LargeBinary),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("attachments", sa.Integer, nullable=False),
        sa.Column("keyword", sa.Text),
        sa.Column("in_reply_to", sa.Integer),
        sa.Column("question", sa.Text),
        sa.Column("asked", sa.Text),
        sa.Column("meaning", sa.Text),
        sa.Column("rule", sa.Text),
        sa.Column("flags", sa.Text),
        sa.Column("said", sa.LargeBinary),
        sa.Column("state", sa.Text),
        sa.Column("position", sa.Text, nullable=False),
        sa.Column("alerts", sa.Text, nullable=False),
        sa.Column("connect", sa.Boolean, nullable=False),
        sa.Column("hang_up", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "number", name="pk_turns"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], "fk_turns_conversation_id"
        ),
        sa.UniqueConstraint("contact_id", "ordinal", name="uq_turns_contact_id_ordinal"),
        sa.UniqueConstraint("sid", "clinic_id", name="uq_turns_sid_clinic_id"),
    )
    there = sa.column("token").is_not(None)
    op.create_index(
        "uq_turns_token_clinic_id",
        "turns",
        ["token", "clinic_id"],
        unique=True,
        sqlite_where=there,
        postgresql_where=there,
    )
    op.create_table(
        "sign_offs",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("clinic_id", sa.Integer, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("flow", sa.Text, nullable=False),
        sa.Column("flow_version", sa.Text, nullable=False),
        sa.Column("red_flags", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("registration", sa.Text, nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("mark", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_offs"),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], "fk_sign_offs_clinic_id"),
    )
