"""What each clinic was named and where it was reached, since when. See `store.tables`."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    instant = sa.Text() if sqlite else sa.DateTime(timezone=True)
    op.create_table(
        "clinic_facts",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("clinic_id", sa.Integer, nullable=False),
        sa.Column("since", instant, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("locale", sa.Text, nullable=False),
        sa.Column("phone", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_clinic_facts"),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], "fk_clinic_facts_clinic_id"),
    )
    clinics = sa.table(
        "clinics", *(sa.column(name) for name in ("id", "created_at", "name", "locale", "phone"))
    )
    facts = sa.table(
        "clinic_facts",
        *(sa.column(name) for name in ("clinic_id", "since", "name", "locale", "phone")),
    )
    # What they were before nobody wrote down.
    op.execute(facts.insert().from_select([c.name for c in facts.c], sa.select(*clinics.c)))
