"""Entries know of how many outlets readers were told at most, and a restored store what was withdrawn meanwhile."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Until now readers were told of as many as are listed."""
    op.add_column("delivery", sa.Column("told", sa.Integer, nullable=False, server_default="1"))
    op.add_column("remembered", sa.Column("told", sa.Integer, nullable=False, server_default="1"))
    op.execute("UPDATE delivery SET told = 1 + listed")
    op.create_table(
        "withdrawn_item",
        sa.Column("item", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("item", name="pk_withdrawn_item"),
    )
