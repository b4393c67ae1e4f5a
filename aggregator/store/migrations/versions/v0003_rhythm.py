"""What is learned of how a source publishes, of what a host bears, and of when an item came."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the columns; every source begins to learn with its next poll."""
    for column in (
        sa.Column("rhythm", sa.Text, nullable=False, server_default="{}"),
        sa.Column("rate_per_day", sa.Float),
        sa.Column("lags", sa.Text, nullable=False, server_default="[]"),
        sa.Column("quiet_at", MOMENT),
    ):
        op.add_column("source_state", column)
    for column in (
        sa.Column("price", sa.Float, nullable=False, server_default="1"),
        sa.Column("penalty", sa.Float, nullable=False, server_default="1"),
        sa.Column("penalty_at", MOMENT),
    ):
        op.add_column("host_state", column)
    for column in (sa.Column("missing_at", MOMENT), sa.Column("listed_at", MOMENT)):
        op.add_column("item", column)
    op.create_index("ix_source_state_host", "source_state", ["host"])
