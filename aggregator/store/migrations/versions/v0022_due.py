"""Indexes of what ticks and starts are about, so that they cost the same however much there is beside it."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Replace two indexes over all sources by those of the few rows that a tick is about; know the newest items."""
    op.drop_index("ix_source_state_next_poll_at", "source_state")
    op.drop_index("ix_source_state_lease_until", "source_state")
    on = "enabled = true" if op.get_bind().dialect.name == "postgresql" else "enabled = 1"
    enabled, leased = sa.text(on), sa.text("lease_until IS NOT NULL")
    troubled = sa.text(f"{on} AND (ended IS NULL OR ended = 'failed' OR last_success_at >= quiet_at)")
    op.create_index(
        "ix_source_state_due", "source_state", ["next_poll_at", "id"], sqlite_where=enabled, postgresql_where=enabled
    )
    op.create_index(
        "ix_source_state_leased", "source_state", ["lease_until"], sqlite_where=leased, postgresql_where=leased
    )
    op.create_index(
        "ix_source_state_troubled", "source_state", ["ended"], sqlite_where=troubled, postgresql_where=troubled
    )
    op.create_index("ix_item_first_seen_at", "item", ["first_seen_at"])
