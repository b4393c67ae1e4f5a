"""What a person said of an item's sections, and what sections are learned from."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Nothing was said and nothing learned until now."""
    op.create_table(
        "section_said",
        sa.Column("item", sa.Text, nullable=False),
        sa.Column("sections", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("item", name="pk_section_said"),
        sa.ForeignKeyConstraint(["item"], ["item.key"], name="fk_section_said_item"),
    )
    op.create_table(
        "section_example",
        sa.Column("item", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("sections", sa.Text, nullable=False),
        sa.Column("said", sa.Boolean, nullable=False),
        sa.Column("reading", sa.Integer, nullable=False),
        sa.Column("clues", sa.Text, nullable=False),
        sa.Column("meaning", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("item", name="pk_section_example"),
    )
