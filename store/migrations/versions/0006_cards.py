"""The cards of the lists, the index of words, and what staff did. See `store.card_tables`."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    instant = sa.Text() if sqlite else sa.DateTime(timezone=True)
    op.create_table(
        "cards",
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("clinic_id", sa.Integer, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("started_at", instant, nullable=False),
        sa.Column("channels", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("standing", sa.Text, nullable=False),
        sa.Column("disposition", sa.Text),
        sa.Column("ended_at", instant),
        sa.Column("told", sa.Text, nullable=False),
        sa.Column("waiting_since", instant),
        sa.Column("acknowledged_at", instant),
        sa.Column("settled_at", instant),
        sa.Column("assignee", sa.Integer),
        sa.Column("sort_id", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_cards"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], "fk_cards_conversation_id"
        ),
    )
    _list("cards", "place")
    for column in ("standing", "language", "assignee"):
        _list("cards", column, "place")
    op.create_table(
        "card_marks",
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("mark", sa.Text, nullable=False),
        sa.Column("clinic_id", sa.Integer, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("sort_id", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "mark", name="pk_card_marks"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["cards.conversation_id"], "fk_card_marks_conversation_id"
        ),
    )
    _list("card_marks", "mark", "place")
    op.create_table(
        "words",
        sa.Column("word", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("word", "conversation_id", name="pk_words"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], "fk_words_conversation_id"
        ),
    )
    op.create_index("ix_words_conversation_id", "words", ["conversation_id"])
    op.create_table(
        "actions",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("clinic_id", sa.Integer, nullable=False),
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("staff_id", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("detail", sa.Text),
        sa.Column("assignee", sa.Integer),
        sa.Column("words", sa.LargeBinary),
        sa.PrimaryKeyConstraint("id", name="pk_actions"),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], "fk_actions_clinic_id"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], "fk_actions_conversation_id"
        ),
    )
    op.create_index("ix_actions_conversation_id", "actions", ["conversation_id"])


def _list(table: str, *columns: str) -> None:
    names = ["clinic_id", *columns, "sort_id"]
    op.create_index(f"ix_{table}_{'_'.join(names)}", table, names)
