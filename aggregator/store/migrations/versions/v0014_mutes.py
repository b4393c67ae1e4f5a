"""What persons mute by the command line, beside what the configuration mutes."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Nothing is muted yet."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "mute",
        sa.Column("match", sa.Text, nullable=False),
        sa.Column("until", moment),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("match", name="pk_mute"),
    )
