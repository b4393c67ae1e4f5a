"""What is remembered of redirects, of long rows of 304, and of how a source was asked."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the columns; nothing is known of the past."""
    for column in (
        sa.Column("variant", sa.LargeBinary),
        sa.Column("unmodified_since", MOMENT),
        sa.Column("moved_url", sa.Text),
        sa.Column("moved_times", sa.Integer, nullable=False, server_default="0"),
        sa.Column("moved_since", MOMENT),
        sa.Column("adopted_url", sa.Text),
    ):
        op.add_column("source_state", column)
