"""Who hears from our own hub, and what waits to be sent to subscribers and to the hubs of others."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables, empty: whoever reads us finds the hub in the next document."""
    op.create_table(
        "subscriber",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("callback", sa.Text, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("format", sa.Text, nullable=False),
        sa.Column("secret", sa.Text),
        sa.Column("until", MOMENT),
        sa.Column("wish", sa.Text),
        sa.Column("wish_secret", sa.Text),
        sa.Column("wish_lease_us", sa.BigInteger),
        sa.Column("wished_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subscriber"),
    )
    op.create_index("ix_subscriber_topic_format", "subscriber", ["topic", "format"])
    op.create_index("ix_subscriber_host", "subscriber", ["host"])
    op.create_table(
        "outbox",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("receiver", sa.Text, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("format", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT),
        sa.Column("news", sa.BigInteger, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("problem", sa.Text, nullable=False),
        sa.Column("fence", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    )
    op.create_index("ix_outbox_due_at", "outbox", ["due_at"])
    op.create_index("ix_outbox_receiver", "outbox", ["receiver"], postgresql_using="hash")
