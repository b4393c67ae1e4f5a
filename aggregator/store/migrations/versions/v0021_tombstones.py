"""When items left the documents of their sources, and what is remembered of those that are pruned."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Of what left before, nobody wrote down when; it was while its source was read last, at the latest."""
    op.create_table(
        "tombstone",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_tombstone"),
        sqlite_with_rowid=False,
    )
    op.add_column("item", sa.Column("left_at", sa.DateTime(timezone=True)))
    home = "FROM source_state WHERE source_state.id = item.source"
    op.execute(
        f"UPDATE item SET left_at = (SELECT coalesce(last_success_at, added_at) {home}) "  # noqa: S608 - our own words
        f"WHERE EXISTS (SELECT 1 {home} AND (NOT enabled OR item.document <> source_state.document))"
    )
    listed, left = sa.text("left_at IS NULL"), sa.text("left_at IS NOT NULL")
    op.create_index("ix_item_listed", "item", ["source"], sqlite_where=listed, postgresql_where=listed)
    op.create_index("ix_item_left", "item", ["left_at", "seq"], sqlite_where=left, postgresql_where=left)
