"""Stories that merge and part, growth in steps, withdrawal, private data, and what a restore remembers."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

STEPS = (2, 3, 5, 8, 13, 21)  # as lists of outlets grew until now


def upgrade() -> None:
    """Nothing has moved or is withdrawn or private; lists are as long as readers saw them."""
    moment = sa.DateTime(timezone=True)
    op.add_column("source_state", sa.Column("private", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("item", sa.Column("withdrawn_at", moment))
    op.add_column("item", sa.Column("withdrawn", sa.Text))
    op.add_column("topic_state", sa.Column("due_at", moment))
    op.add_column("topic_item", sa.Column("moved", sa.Boolean, nullable=False, server_default=sa.false()))
    there = sa.text("moved IS TRUE") if op.get_bind().dialect.name == "postgresql" else sa.text("moved IS 1")
    op.create_index("ix_topic_item_moved", "topic_item", ["topic"], sqlite_where=there, postgresql_where=there)
    op.add_column("delivery", sa.Column("shows", sa.Text))
    op.add_column("delivery", sa.Column("listed", sa.Integer, nullable=False, server_default="0"))
    op.add_column("delivery", sa.Column("growths", sa.Integer, nullable=False, server_default="0"))
    op.add_column("delivery", sa.Column("grown_at", moment))
    op.add_column("delivery", sa.Column("edits", sa.Text, nullable=False, server_default="[]"))
    op.add_column("delivery", sa.Column("into", sa.Text))
    for name, column, where in (
        ("left", "at", "state IN ('absorbed', 'withdrawn')"),
        ("entered", "entered_at", "rev = 1"),
    ):
        which = sa.text(where)
        op.create_index(
            f"ix_delivery_{name}", "delivery", ["topic", column], sqlite_where=which, postgresql_where=which
        )
    _list_as_before()
    op.create_table(
        "remembered",
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("item", sa.Text, nullable=False),
        sa.Column("entry_id", sa.Text, nullable=False),
        sa.Column("anchor", sa.Text, nullable=False),
        sa.Column("entered_at", moment, nullable=False),
        sa.Column("updated", moment, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("topic", "item", name="pk_remembered"),
    )
    op.create_table(
        "topic_token",
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_topic_token"),
    )
    op.create_index("ix_topic_token_topic", "topic_token", ["topic"])


def _list_as_before() -> None:
    """Keep the lists of live entries as long as they stand in the documents."""
    delivery = sa.table("delivery", *(sa.column(name, None) for name in ("seq", "outlets", "current", "listed")))
    there = sa.select(delivery.c.seq, delivery.c.outlets).where(delivery.c.current.is_(True))
    for seq, outlets in op.get_bind().execute(there).all():
        told = 1 + len(json.loads(outlets))
        listed = max((step for step in STEPS if step <= told), default=1) - 1
        if listed:
            op.execute(sa.update(delivery).where(delivery.c.seq == seq).values(listed=listed))
