"""Other ids of an item; items that are held back."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Nothing is held, and every item has the one id that it came with."""
    op.add_column("item", sa.Column("held", sa.Text))
    op.add_column("item", sa.Column("held_until", sa.DateTime(timezone=True)))
    there = sa.text("held IS NOT NULL")
    op.create_index("ix_item_held", "item", ["source"], sqlite_where=there, postgresql_where=there)
    op.create_table(
        "item_alias",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("item", sa.Text, nullable=False),
        sa.Column("item_id", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_item_alias"),
        sa.ForeignKeyConstraint(["item"], ["item.key"], name="fk_item_alias_item"),
    )
    op.create_index("ix_item_alias_item_at", "item_alias", ["item", "at"])
