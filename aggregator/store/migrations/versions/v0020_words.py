"""An index of the words of items, for searching."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

# One column of terms that are parted already, at spaces alone: what else is ASCII and no letter in them (query/indexed)
# belongs to them, and all that is not ASCII does so to this tokenizer. No places: the query is asked of what is found.
_TABLE = "CREATE VIRTUAL TABLE item_words USING fts5(terms, detail=none, tokenize=\"ascii tokenchars '''=*'\"{})"
_CONTENTLESS = (3, 43)  # the first SQLite that can delete from an index without keeping what was indexed


def upgrade() -> None:
    """Items that are there already are indexed in the background, the newest first."""
    op.add_column("item", sa.Column("words_at", sa.DateTime(timezone=True)))
    waits = sa.text("words_at IS NULL")
    op.create_index("ix_item_unindexed", "item", ["seq"], sqlite_where=waits, postgresql_where=waits)
    conn = op.get_bind()
    if conn.dialect.name == "postgresql":
        op.execute("CREATE TABLE item_words (seq BIGINT PRIMARY KEY, terms TSVECTOR NOT NULL)")
        op.execute("CREATE INDEX ix_item_words_terms ON item_words USING gin (terms)")
        return
    version = tuple(map(int, conn.exec_driver_sql("SELECT sqlite_version()").scalar_one().split(".")))
    conn.exec_driver_sql(_TABLE.format(", content='', contentless_delete=1" if version >= _CONTENTLESS else ""))
