"""Run by Alembic for every command; `agent.db.upgrade` hands it an open connection."""

from alembic import context

from agent.db.upgrade import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata(),
    render_as_batch=True,  # SQLite alters a column only by making its table anew
    transactional_ddl=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
