"""Several clinics in one installation, each with numbers and settings of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("clinics") as clinics:
        clinics.add_column(sa.Column("phone", sa.Text))
        clinics.add_column(sa.Column("time_zone", sa.Text))
        clinics.add_column(sa.Column("settings", sa.Text))
    op.create_table(
        "numbers",
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("clinic_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_numbers"),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], "fk_numbers_clinic_id"),
    )
