"""What Alembic runs: the migrations, on the connection and inside the transaction that upgrade.py gives it."""

from typing import Any

from alembic import context

from aggregator.crash import crash

_given = context.config.attributes


def _applied(ctx: Any, step: Any, heads: Any, run_args: Any) -> None:  # noqa: ARG001 - called by these names
    crash(f"in-{step.up_revision_id}")
    _given["told"](step.up_revision_id)


context.configure(connection=_given["connection"], transactional_ddl=True, on_version_apply=_applied)
context.run_migrations()
