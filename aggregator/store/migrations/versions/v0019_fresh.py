"""A document knows how long it is likely to stay as it is, and a topic under which id its feed was minted."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0017"


def upgrade() -> None:
    """Until each is rendered again: a minute."""
    op.add_column("artefact", sa.Column("fresh_us", sa.BigInteger, nullable=False, server_default="60000000"))
    op.add_column("topic_state", sa.Column("minted_as", sa.Text))
