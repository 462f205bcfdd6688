"""Alembic runs this file for every command; ``webapp.database.migrate`` hands it a connection with its transaction."""

from alembic import context

# SQLite cannot alter most of a table in place; in batch mode Alembic writes it anew instead.
context.configure(
    connection=context.config.attributes["connection"],
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
