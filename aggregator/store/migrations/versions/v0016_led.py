"""A restored store knows of each item whether an entry of its own was delivered, though it stood in another last."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Of restores before this one nobody knows."""
    op.add_column("remembered", sa.Column("led", sa.Boolean, nullable=False, server_default=sa.false()))
