"""What whoever looks after this place should hear of."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0022"


def upgrade() -> None:
    """Make the table, empty: what is wrong now is told when it is next found so."""
    big = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "incident",
        sa.Column("seq", big, nullable=False, autoincrement=True),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("problem", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_incident"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_incident_about_name", "incident", ["about", "name"])
