"""How far dates lie ahead of when their items appear, as a zone's label may lie; what podcasts say; full texts."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the columns; what is stored keeps its place in time."""
    op.add_column("source_state", sa.Column("aheads", sa.Text, nullable=False, server_default="[]"))
    op.add_column("item", sa.Column("ahead_us", sa.BigInteger, nullable=False, server_default="0"))
    for table in ("item", "item_revision"):
        op.add_column(table, sa.Column("extras", sa.Text, nullable=False, server_default="{}"))
    op.add_column("item", sa.Column("full_text", sa.Text, nullable=False, server_default=""))
