"""Former versions of an item know whether only we read its document otherwise."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Of versions from before this was noted, all count as their publisher's."""
    op.add_column("item_revision", sa.Column("reread_from", sa.LargeBinary))
