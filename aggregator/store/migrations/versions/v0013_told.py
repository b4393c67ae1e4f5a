"""Entries know of how many outlets readers were told at most: a list that shrank and grows again is no news."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Until now readers were told of as many as are listed."""
    op.add_column("delivery", sa.Column("told", sa.Integer, nullable=False, server_default="1"))
    op.add_column("remembered", sa.Column("told", sa.Integer, nullable=False, server_default="1"))
    op.execute("UPDATE delivery SET told = 1 + listed")
