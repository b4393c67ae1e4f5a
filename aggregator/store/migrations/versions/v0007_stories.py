"""Copies apart from stories; the words that stories are found by."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """What was a story until now was a group of copies. It is both from now on: a copy is in the story of its text."""
    op.create_table(
        "copy_item",
        sa.Column("item", sa.Text, nullable=False),
        sa.Column("story", sa.Text, nullable=False),
        sa.Column("of", sa.Text, nullable=False),
        sa.Column("method", sa.Text, nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("evidence", sa.Text, nullable=False),
        sa.Column("rule", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("item", name="pk_copy_item"),
        sa.ForeignKeyConstraint(["item"], ["item.key"], name="fk_copy_item_item"),
    )
    op.create_index("ix_copy_item_story", "copy_item", ["story"])
    columns = 'item, story, "of", method, score, evidence, rule, at'
    op.execute(f"INSERT INTO copy_item ({columns}) SELECT {columns} FROM story_item")  # noqa: S608 - names of ours
    op.create_table(
        "background",
        sa.Column("root", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("articles", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("root", name="pk_background"),
    )
