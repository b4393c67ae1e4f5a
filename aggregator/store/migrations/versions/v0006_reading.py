"""Articles that later polls ask for; items that are read otherwise than before."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the columns. How sources are asked is noted anew, with how they are read, and nothing is forgotten for it."""
    op.add_column("item", sa.Column("article_due_at", sa.DateTime(timezone=True)))
    op.add_column("item", sa.Column("reread_from", sa.LargeBinary))
    there = sa.text("article_due_at IS NOT NULL")
    op.create_index("ix_item_articles", "item", ["source"], sqlite_where=there, postgresql_where=there)
    op.execute("UPDATE source_state SET variant = NULL")
