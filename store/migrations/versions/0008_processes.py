"""Which processes go on. What the table means: `store.tables`."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    instant = sa.Text() if sqlite else sa.DateTime(timezone=True)
    op.create_table(
        "processes",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("started_at", instant, nullable=False),
        sa.Column("seen_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_processes"),
    )
