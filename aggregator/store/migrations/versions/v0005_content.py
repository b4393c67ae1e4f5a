"""How far dates lie ahead of when their items appear: a zone's label may lie."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the columns; what is stored keeps its place in time."""
    op.add_column("source_state", sa.Column("aheads", sa.Text, nullable=False, server_default="[]"))
    op.add_column("item", sa.Column("ahead_us", sa.BigInteger, nullable=False, server_default="0"))
