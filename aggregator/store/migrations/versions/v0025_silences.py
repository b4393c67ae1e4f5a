"""How often in a row a host said nothing, whichever of its sources asked."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Begin to count."""
    op.add_column("host_state", sa.Column("silences", sa.Integer, nullable=False, server_default="0"))
