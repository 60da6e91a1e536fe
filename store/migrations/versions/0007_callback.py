"""A number for the clinic to call back, of whoever has none that the line can see."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("contacts", sa.Column("callback", sa.LargeBinary))
