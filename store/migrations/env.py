"""Run by Alembic: the migrations, on the connection and in the transaction that it is given."""

from alembic import context

from store import card_tables, desk_tables, duty_tables, running_tables, tables

TABLES = (tables, duty_tables, desk_tables, card_tables, running_tables)
"""Each puts its own into the one metadata."""

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.metadata,
    render_as_batch=True,  # SQLite can hardly change a table: Alembic copies it
)
context.run_migrations()
