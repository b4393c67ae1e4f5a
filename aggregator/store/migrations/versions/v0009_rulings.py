"""A person's word about stories."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Nobody has said anything yet."""
    op.create_table(
        "ruling",
        sa.Column("says", sa.Text, nullable=False),
        sa.Column("item", sa.Text, nullable=False),
        sa.Column("other", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("says", "item", "other", name="pk_ruling"),
        sa.ForeignKeyConstraint(["item"], ["item.key"], name="fk_ruling_item"),
        sa.ForeignKeyConstraint(["other"], ["item.key"], name="fk_ruling_other"),
    )
