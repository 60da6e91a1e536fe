"""Run by Alembic: the migrations, on the connection and in the transaction that it is given."""

from alembic import context

from store import duty_tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=duty_tables.alerts.metadata,
    render_as_batch=True,  # SQLite can hardly change a table: Alembic copies it
)
context.run_migrations()
