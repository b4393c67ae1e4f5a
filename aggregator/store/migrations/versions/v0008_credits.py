"""Who is cited as the source of an item's news."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Items that were curated before have none until they are edited."""
    op.create_table(
        "item_credit",
        sa.Column("item", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("outlet", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("body", sa.Boolean, nullable=False),
        sa.Column("phrase", sa.Text, nullable=False),
        sa.Column("begins", sa.Integer, nullable=False),
        sa.Column("ends", sa.Integer, nullable=False),
        sa.Column("via", sa.Text),
        sa.PrimaryKeyConstraint("item", "number", name="pk_item_credit"),
        sa.ForeignKeyConstraint(["item"], ["item.key"], name="fk_item_credit_item"),
    )
