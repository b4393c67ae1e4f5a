"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

SEQ = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make all tables. There is no way back but a backup."""
    _sources()
    _items()
    _topics()
    _meta()


def _sources() -> None:
    """Who is polled, and how it went."""
    op.create_table(
        "source_state",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("etag", sa.LargeBinary),
        sa.Column("last_modified", sa.LargeBinary),
        sa.Column("body_sha256", sa.LargeBinary),
        sa.Column("document", sa.Integer, nullable=False),
        sa.Column("interval_us", sa.BigInteger),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("problem_since", MOMENT),
        sa.Column("last_poll_at", MOMENT),
        sa.Column("last_success_at", MOMENT),
        sa.Column("next_poll_at", MOMENT, nullable=False),
        sa.Column("due_why", sa.Text, nullable=False),
        sa.Column("due_terms", sa.Text, nullable=False),
        sa.Column("ended", sa.Text),
        sa.Column("status", sa.Integer),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("problem", sa.Text, nullable=False),
        sa.Column("hint", sa.Text, nullable=False),
        sa.Column("feed", sa.Text),
        sa.Column("flaws", sa.Text, nullable=False),
        sa.Column("flaw_count", sa.Integer, nullable=False),
        sa.Column("lease_until", MOMENT),
        sa.Column("lease_owner", sa.Text),
        sa.Column("fence", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_source_state"),
    )
    op.create_index("ix_source_state_lease_until", "source_state", ["lease_until"])
    op.create_index("ix_source_state_next_poll_at", "source_state", ["next_poll_at"])
    op.create_table(
        "host_state",
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("next_allowed_at", MOMENT),
        sa.Column("paused_until", MOMENT),
        sa.PrimaryKeyConstraint("host", name="pk_host_state"),
    )
    op.create_table(
        "poll_log",
        sa.Column("seq", SEQ, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("ended", sa.Text, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("took_us", sa.BigInteger, nullable=False),
        sa.Column("bytes_read", sa.BigInteger, nullable=False),
        sa.Column("new", sa.Integer, nullable=False),
        sa.Column("changed", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("problem", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_poll_log"),
        sa.ForeignKeyConstraint(["source"], ["source_state.id"], name="fk_poll_log_source"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_poll_log_source_seq", "poll_log", ["source", "seq"])


def _items() -> None:
    """What was published, and what belongs together."""
    op.create_table(
        "item",
        sa.Column("seq", SEQ, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("item_id", sa.Text, nullable=False),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT),
        sa.Column("document", sa.Integer, nullable=False),
        sa.Column("arrival", sa.Text, nullable=False),
        sa.Column("arrival_why", sa.Text, nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("curated_at", MOMENT),
        sa.Column("language_seen", sa.Text),
        sa.Column("canonical_url", sa.Text),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        sa.Column("raw_sha256", sa.LargeBinary, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("link", sa.Text),
        sa.Column("published", MOMENT),
        sa.Column("updated", MOMENT),
        sa.Column("language", sa.Text),
        sa.Column("comments", sa.Text),
        sa.Column("authors", sa.Text, nullable=False),
        sa.Column("categories", sa.Text, nullable=False),
        sa.Column("enclosures", sa.Text, nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_item"),
        sa.UniqueConstraint("key", name="uq_item_key"),
        sa.ForeignKeyConstraint(["source"], ["source_state.id"], name="fk_item_source"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_item_canonical_url", "item", ["canonical_url"], postgresql_using="hash")
    op.create_index("ix_item_link", "item", ["link"], postgresql_using="hash")
    op.create_index(
        "ix_item_uncurated",
        "item",
        ["seq"],
        postgresql_where=sa.text("curated_at IS NULL"),
        sqlite_where=sa.text("curated_at IS NULL"),
    )
    op.create_index("ix_item_source_seq", "item", ["source", "seq"])
    op.create_table(
        "item_revision",
        sa.Column("seq", SEQ, nullable=False),
        sa.Column("item", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        sa.Column("raw_sha256", sa.LargeBinary, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("link", sa.Text),
        sa.Column("published", MOMENT),
        sa.Column("updated", MOMENT),
        sa.Column("language", sa.Text),
        sa.Column("comments", sa.Text),
        sa.Column("authors", sa.Text, nullable=False),
        sa.Column("categories", sa.Text, nullable=False),
        sa.Column("enclosures", sa.Text, nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_item_revision"),
        sa.ForeignKeyConstraint(["item"], ["item.key"], name="fk_item_revision_item"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_item_revision_item_seq", "item_revision", ["item", "seq"])
    op.create_table(
        "item_section",
        sa.Column("item", sa.Text, nullable=False),
        sa.Column("section", sa.Text, nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("item", "section", name="pk_item_section"),
        sa.ForeignKeyConstraint(["item"], ["item.key"], name="fk_item_section_item"),
    )
    op.create_table(
        "story",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_story"),
    )
    op.create_table(
        "story_item",
        sa.Column("item", sa.Text, nullable=False),
        sa.Column("story", sa.Text, nullable=False),
        sa.Column("of", sa.Text, nullable=False),
        sa.Column("method", sa.Text, nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("evidence", sa.Text, nullable=False),
        sa.Column("rule", sa.Integer, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("item", name="pk_story_item"),
        sa.ForeignKeyConstraint(["item"], ["item.key"], name="fk_story_item_item"),
        sa.ForeignKeyConstraint(["story"], ["story.id"], name="fk_story_item_story"),
    )
    op.create_index("ix_story_item_story", "story_item", ["story"])


def _topics() -> None:
    """What is published, and was."""
    op.create_table(
        "topic_state",
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("configured", sa.Boolean, nullable=False),
        sa.Column("rules_sha256", sa.LargeBinary, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("dirty", sa.BigInteger, nullable=False),
        sa.Column("published_dirty", sa.BigInteger, nullable=False),
        sa.Column("published_at", MOMENT),
        sa.Column("publications", sa.BigInteger, nullable=False),
        sa.Column("entries", sa.Integer, nullable=False),
        sa.Column("flaw", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("topic", name="pk_topic_state"),
    )
    op.create_table(
        "topic_item",
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("item", sa.Text, nullable=False),
        sa.Column("admitted", sa.Boolean, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("entry_id", sa.Text),
        sa.PrimaryKeyConstraint("topic", "item", name="pk_topic_item"),
        sa.ForeignKeyConstraint(["item"], ["item.key"], name="fk_topic_item_item"),
    )
    op.create_index("ix_topic_item_item", "topic_item", ["item"])
    op.create_index(
        "ix_topic_item_pending",
        "topic_item",
        ["topic"],
        postgresql_where=sa.text("admitted AND entry_id IS NULL"),
        sqlite_where=sa.text("admitted = 1 AND entry_id IS NULL"),
    )
    op.create_table(
        "delivery",
        sa.Column("seq", SEQ, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("entry_id", sa.Text, nullable=False),
        sa.Column("rev", sa.Integer, nullable=False),
        sa.Column("anchor", sa.Text, nullable=False),
        sa.Column("story", sa.Text),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.Column("updated", MOMENT, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("current", sa.Boolean, nullable=False),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        sa.Column("face", sa.Text, nullable=False),
        sa.Column("outlets", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_delivery"),
        sa.UniqueConstraint("topic", "entry_id", "rev", name="uq_delivery_topic_entry_id_rev"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_delivery_current",
        "delivery",
        ["topic"],
        postgresql_where=sa.text("current IS true"),
        sqlite_where=sa.text("current IS 1"),
    )
    op.create_table(
        "artefact",
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("format", sa.Text, nullable=False),
        sa.Column("encoding", sa.Text, nullable=False),
        sa.Column("etag", sa.Text, nullable=False),
        sa.Column("last_modified", MOMENT, nullable=False),
        sa.Column("entries", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("topic", "format", "encoding", name="pk_artefact"),
    )


def _meta() -> None:
    """What is said once."""
    op.create_table(
        "meta",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_meta"),
    )
