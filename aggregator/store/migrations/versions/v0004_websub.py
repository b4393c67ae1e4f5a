"""What was agreed with hubs, and what they sent that is not read yet."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

SEQ = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables, empty: each source's next changed document says whether it has a hub."""
    op.create_table(
        "subscription",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("hub", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("callback", sa.Text),
        sa.Column("asked_at", MOMENT),
        sa.Column("granted_until", MOMENT),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("problem", sa.Text, nullable=False),
        sa.Column("deliveries", sa.BigInteger, nullable=False),
        sa.Column("in_a_row", sa.BigInteger, nullable=False),
        sa.Column("last_delivery_at", MOMENT),
        sa.Column("untold_since", MOMENT),
        sa.Column("fence", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subscription"),
        sa.ForeignKeyConstraint(["source"], ["source_state.id"], name="fk_subscription_source"),
    )
    op.create_index("ix_subscription_source", "subscription", ["source"])
    op.create_index("ix_subscription_due_at", "subscription", ["due_at"])
    op.create_table(
        "inbox",
        sa.Column("seq", SEQ, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("content_type", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary),
        sa.PrimaryKeyConstraint("seq", name="pk_inbox"),
        sa.ForeignKeyConstraint(["source"], ["source_state.id"], name="fk_inbox_source"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_inbox_source_seq", "inbox", ["source", "seq"])
