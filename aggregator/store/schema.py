"""The tables, written once for both engines.

In:    nothing.
Out:   the tables, and the names of all revisions that the schema went through.
Never: opens a database. Never changes without a migration beside it: a test builds both ways and compares.

Times are aware UTC outside and inside: SQLite keeps them as text that sorts, PostgreSQL as timestamptz.
Lists and small values are JSON text (rows.py), so that a row reads the same on both engines.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    and_,
    false,
    literal_column,
    or_,
    true,
)

from aggregator.store.columns import Moment, Seq, Span, Words

# Oldest first; the last is what this program wants.
REVISIONS = tuple(f"{number:04}" for number in (*range(1, 18), *range(19, 23), 24, 25))
HEAD = REVISIONS[-1]

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)


def _table(name: str, *parts: Column[Any] | Index | UniqueConstraint, **more: Any) -> Table:
    numbered = "seq" in {part.name for part in parts if isinstance(part, Column)}
    return Table(name, metadata, *parts, sqlite_autoincrement=numbered, **more)


def _must(name: str, kind: Any, **more: Any) -> Column[Any]:
    return Column(name, kind, nullable=False, **more)


def _published() -> list[Column[Any]]:
    """What a publisher says of an item: the columns of `item` and of its former versions."""
    return [
        _must("sha256", LargeBinary),
        _must("raw_sha256", LargeBinary),
        _must("title", Words),
        Column("link", Words),
        Column("published", Moment),
        Column("updated", Moment),
        Column("language", Words),
        Column("comments", Words),
        _must("authors", Words),
        _must("categories", Words),
        _must("enclosures", Words),
        _must("summary", Words),
        _must("content", Words),
        Column("extras", Words, nullable=False, server_default="{}"),
    ]


def _index_where(where: ColumnElement[bool], name: str, *columns: Column[Any]) -> None:
    """An index of those rows alone."""
    Index(name, *columns, sqlite_where=where, postgresql_where=where)


source_state = _table(
    "source_state",
    Column("id", Text, primary_key=True),
    _must("url", Words),
    _must("host", Words),
    _must("enabled", Boolean),
    _must("added_at", Moment),
    # what we remember between two polls: model.PollState
    Column("etag", LargeBinary),
    Column("last_modified", LargeBinary),
    Column("body_sha256", LargeBinary),
    _must("document", Integer),
    Column("interval_us", Span),
    _must("failures", Integer),
    Column("problem_since", Moment),
    Column("last_poll_at", Moment),
    Column("last_success_at", Moment),
    Column("unmodified_since", Moment),
    Column("moved_url", Words),
    Column("moved_times", Integer, nullable=False, server_default="0"),
    Column("moved_since", Moment),
    Column("adopted_url", Words),
    Column("rhythm", Words, nullable=False, server_default="{}"),  # model.Rhythm, to_plain
    Column("rate_per_day", Float),  # items, of that rhythm
    Column("lags", Words, nullable=False, server_default="[]"),  # seconds
    Column("aheads", Words, nullable=False, server_default="[]"),  # seconds: [least, most] ...
    Column("quiet_at", Moment),
    _must("next_poll_at", Moment),
    Column("variant", LargeBinary),  # fingerprint of how it was asked and read: polls.variant_of
    Column("private", Boolean, nullable=False, server_default=false()),
    # what we tell of the last poll
    _must("due_why", Words),
    _must("due_terms", Words),
    Column("ended", Text),
    Column("status", Integer),
    _must("kind", Text),
    _must("problem", Words),
    _must("hint", Words),
    Column("feed", Words),
    _must("flaws", Words),
    _must("flaw_count", Integer),
    # who polls it just now
    Column("lease_until", Moment),
    Column("lease_owner", Text),
    _must("fence", BigInteger),
    Index(None, "host"),
)
_enabled = source_state.c.enabled == true()  # else SQLite does not see its `enabled = 1` in it
# In the order of claims; what left the configuration is due for ever, and must not stand in front.
_index_where(_enabled, "ix_source_state_due", source_state.c.next_poll_at, source_state.c.id)
_index_where(source_state.c.lease_until.is_not(None), "ix_source_state_leased", source_state.c.lease_until)
# Whoever is not simply well: model.standing says how they are. Written out: an engine compares it with what is asked.
TROUBLED = or_(
    source_state.c.ended.is_(None),
    source_state.c.ended == literal_column("'failed'"),
    source_state.c.last_success_at >= source_state.c.quiet_at,
)
_index_where(and_(_enabled, TROUBLED), "ix_source_state_troubled", source_state.c.ended)

host_state = _table(
    "host_state",
    Column("host", Words, primary_key=True),
    Column("next_allowed_at", Moment),
    Column("paused_until", Moment),
    Column("price", Float, nullable=False, server_default="1"),  # model.Burden
    Column("penalty", Float, nullable=False, server_default="1"),
    Column("penalty_at", Moment),
    Column("silences", Integer, nullable=False, server_default="0"),
)

# `key` is the hash of source and item_id (model.key_of), so its uniqueness is theirs. An index over the id itself would
# fail on PostgreSQL for an id above 2.7 kB, and there the links have hash indexes for the same reason.
item = _table(
    "item",
    Column("seq", Seq, primary_key=True),
    _must("key", Text, unique=True),
    Column("source", Text, ForeignKey("source_state.id"), nullable=False),
    _must("item_id", Words),
    _must("first_seen_at", Moment),
    Column("missing_at", Moment),
    Column("listed_at", Moment),
    Column("ahead_us", Span, nullable=False, server_default="0"),
    Column("changed_at", Moment),
    _must("document", Integer),  # the number of the newest document of its source that showed it
    Column("left_at", Moment),  # when a document came without it; empty: it stands in the present one
    _must("arrival", Text),
    _must("arrival_why", Text),
    _must("rank", Integer),
    Column("curated_at", Moment),  # empty: to be curated, for the first time or again
    Column("words_at", Moment),  # since when the index of words (words.py) has it as it is; empty: to be put there
    Column("language_seen", Text),
    Column("canonical_url", Words),
    Column("full_text", Words, nullable=False, server_default=""),
    Column("article_due_at", Moment),  # when the page it links to may be asked for its article; empty: not
    Column(
        "reread_from", LargeBinary
    ),  # its sha256 before we read its document otherwise, until its publisher edits it
    Column("held", Text),  # why it goes into no topic yet: model.HELD
    Column("held_until", Moment),
    Column("withdrawn_at", Moment),
    Column("withdrawn", Words),  # why
    *_published(),
    Index(None, "source", "seq"),
    Index(None, "first_seen_at"),
    Index(None, "link", postgresql_using="hash"),
    Index(None, "canonical_url", postgresql_using="hash"),
)
_index_where(item.c.article_due_at.is_not(None), "ix_item_articles", item.c.source)
_index_where(item.c.held.is_not(None), "ix_item_held", item.c.source)
_index_where(item.c.curated_at.is_(None), "ix_item_uncurated", item.c.seq)
_index_where(item.c.words_at.is_(None), "ix_item_unindexed", item.c.seq)
_index_where(item.c.left_at.is_(None), "ix_item_listed", item.c.source)
_index_where(item.c.left_at.is_not(None), "ix_item_left", item.c.left_at, item.c.seq)

# An item that was pruned, or another id that it had: shown again, it is known and no news. For ever, so it is small.
tombstone = _table("tombstone", Column("key", Text, primary_key=True), _must("source", Text), sqlite_with_rowid=False)

# Other ids under which documents showed an item: model.Alias.
item_alias = _table(
    "item_alias",
    Column("key", Text, primary_key=True),
    Column("item", Text, ForeignKey("item.key"), nullable=False),
    _must("item_id", Words),
    _must("why", Words),
    _must("at", Moment),
    Index(None, "item", "at"),
)

item_revision = _table(
    "item_revision",
    Column("seq", Seq, primary_key=True),
    Column("item", Text, ForeignKey("item.key"), nullable=False),
    _must("at", Moment),  # when the next version took its place
    Column("reread_from", LargeBinary),  # as of `item`, while this version stood there
    *_published(),
    Index(None, "item", "seq"),
)

item_section = _table(
    "item_section",
    Column("item", Text, ForeignKey("item.key"), primary_key=True),
    Column("section", Text, primary_key=True),
    _must("confidence", Float),
    _must("why", Words),
)

# What a person said an item's sections are, all of them: a JSON list.
section_said = _table(
    "section_said",
    Column("item", Text, ForeignKey("item.key"), primary_key=True),
    _must("sections", Words),
    _must("at", Moment),
)

# What sections are learned from: model.Example. It outlives its item.
section_example = _table(
    "section_example",
    Column("item", Text, primary_key=True),
    _must("language", Text),
    _must("sections", Words),
    _must("said", Boolean),
    _must("reading", Integer),  # the version of how clues are read
    _must("clues", Words),
    _must("meaning", LargeBinary),
    _must("at", Moment),
)

story = _table(
    "story",
    Column("id", Text, primary_key=True),
    _must("at", Moment),
)


def _memberships(name: str, group: Column[Any]) -> Table:
    """Who is in which group, with the evidence: model.Membership. An item is in one group of a kind at a time."""
    return _table(
        name,
        Column("item", Text, ForeignKey("item.key"), primary_key=True),
        group,
        _must("of", Text),
        _must("method", Text),
        _must("score", Float),
        _must("evidence", Words),
        _must("rule", Integer),
        _must("at", Moment),
        Index(None, "story"),
    )


story_item = _memberships("story_item", Column("story", Text, ForeignKey("story.id"), nullable=False))
copy_item = _memberships("copy_item", _must("story", Text))  # `story`: the item that founded the group of copies

# What a person said of two items, the smaller key first, or of one ("pinned", twice its key): model.Ruling.
ruling = _table(
    "ruling",
    Column("says", Text, primary_key=True),
    Column("item", Text, ForeignKey("item.key"), primary_key=True),
    Column("other", Text, ForeignKey("item.key"), primary_key=True),
    _must("at", Moment),
)

# Who is cited in an item: model.Credit, in the order of its text.
item_credit = _table(
    "item_credit",
    Column("item", Text, ForeignKey("item.key"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _must("outlet", Words),
    _must("name", Words),
    _must("body", Boolean),
    _must("phrase", Words),
    _must("begins", Integer),  # in its text: the title, a line's end, the body
    _must("ends", Integer),
    Column("via", Words),
)

# In how many articles a root stood (dedup.Background), of those that were counted until meta's "background".
background = _table(
    "background",
    Column("root", BigInteger, primary_key=True, autoincrement=False),
    _must("articles", Integer),
)

topic_state = _table(
    "topic_state",
    Column("topic", Text, primary_key=True),
    _must("configured", Boolean),
    _must("rules_sha256", LargeBinary),
    _must("created_at", Moment),
    _must("dirty", BigInteger),  # counts the reasons to render
    _must("published_dirty", BigInteger),  # how many of them the present artefacts have seen
    Column("published_at", Moment),
    _must("publications", BigInteger),  # how often an artefact changed
    _must("entries", Integer),
    _must("flaw", Text),
    Column("due_at", Moment),  # when it is to be rendered although nothing new has come
    Column("minted_as", Text),  # the id that it had when its feed's id was minted, if that was another
)

topic_item = _table(
    "topic_item",
    Column("topic", Text, primary_key=True),
    Column("item", Text, ForeignKey("item.key"), primary_key=True),
    _must("admitted", Boolean),
    _must("why", Words),
    _must("at", Moment),
    Column("entry_id", Text),  # empty until it stands in an entry
    # It stands in an entry, and since then it was put into another story or withdrawn: publishing looks at it again.
    Column("moved", Boolean, nullable=False, server_default=false()),
    Index(None, "item"),
)
_index_where(topic_item.c.admitted & topic_item.c.entry_id.is_(None), "ix_topic_item_pending", topic_item.c.topic)
_index_where(topic_item.c.moved.is_(True), "ix_topic_item_moved", topic_item.c.topic)

# The ledger (publication.md R1): rows are only appended. `current` alone is cleared: it marks a live entry's newest.
delivery = _table(
    "delivery",
    Column("seq", Seq, primary_key=True),
    _must("topic", Text),
    _must("entry_id", Text),
    _must("rev", Integer),
    _must("anchor", Text),
    Column("story", Text),
    _must("entered_at", Moment),
    _must("updated", Moment),
    _must("state", Text),
    _must("current", Boolean),
    _must("sha256", LargeBinary),
    _must("face", Words),
    _must("outlets", Words),
    _must("why", Words),
    _must("at", Moment),
    # how its list and its face changed so far: model.Delivery
    Column("shows", Text),
    Column("listed", Integer, nullable=False, server_default="0"),
    Column("told", Integer, nullable=False, server_default="1"),
    Column("growths", Integer, nullable=False, server_default="0"),
    Column("grown_at", Moment),
    Column("edits", Words, nullable=False, server_default="[]"),
    Column("into", Text),
    UniqueConstraint("topic", "entry_id", "rev"),
)
_index_where(delivery.c.current.is_(True), "ix_delivery_current", delivery.c.topic)
_index_where(delivery.c.state.in_(("absorbed", "withdrawn")), "ix_delivery_left", delivery.c.topic, delivery.c.at)
_index_where(delivery.c.rev == 1, "ix_delivery_entered", delivery.c.topic, delivery.c.entered_at)

# After a restore: what readers were shown since the backup was made, by the record beside the database.
remembered = _table(
    "remembered",
    Column("topic", Text, primary_key=True),
    Column("item", Text, primary_key=True),  # which stood in the entry
    _must("entry_id", Text),
    _must("anchor", Text),
    _must("entered_at", Moment),
    _must("updated", Moment),
    _must("state", Text),
    Column("told", Integer, nullable=False, server_default="1"),
    Column("led", Boolean, nullable=False, server_default=false()),
)

# After a restore as well: what was withdrawn since the backup was made, and may come again.
withdrawn_item = _table(
    "withdrawn_item",
    Column("item", Text, primary_key=True),
    _must("why", Text),
    _must("at", Moment),
)

# What persons muted by the command line.
mute = _table(
    "mute",
    Column("match", Text, primary_key=True),  # a query, canonical
    Column("until", Moment),
    _must("at", Moment),
)

# Addresses of private topics: the token stands in the address, its hash here.
topic_token = _table(
    "topic_token",
    Column("sha256", LargeBinary, primary_key=True),
    _must("topic", Text),
    _must("at", Moment),
    Index(None, "topic"),
)

artefact = _table(
    "artefact",
    Column("topic", Text, primary_key=True),
    Column("format", Text, primary_key=True),
    Column("encoding", Text, primary_key=True),
    _must("etag", Text),
    _must("last_modified", Moment),
    _must("entries", Integer),
    Column("fresh_us", Span, key="fresh", nullable=False, server_default="60000000"),
    _must("body", LargeBinary),
)

poll_log = _table(
    "poll_log",
    Column("seq", Seq, primary_key=True),
    Column("source", Text, ForeignKey("source_state.id"), nullable=False),
    _must("at", Moment),
    _must("ended", Text),
    Column("status", Integer),
    _must("took_us", Span),
    _must("bytes_read", BigInteger),
    _must("new", Integer),
    _must("changed", Integer),
    _must("kind", Text),
    _must("problem", Words),
    Index(None, "source", "seq"),
)

# What we and hubs agreed on: model.Subscription. Who claims one moves its `due_at` and counts its fence up.
subscription = _table(
    "subscription",
    Column("id", Text, primary_key=True),
    Column("source", Text, ForeignKey("source_state.id"), nullable=False),
    _must("hub", Words),
    _must("topic", Words),
    _must("secret", Text),
    _must("state", Text),
    _must("due_at", Moment),
    Column("callback", Words),
    Column("asked_at", Moment),
    Column("granted_until", Moment),
    _must("failures", Integer),
    _must("problem", Words),
    _must("deliveries", BigInteger),
    _must("in_a_row", BigInteger),
    Column("last_delivery_at", Moment),
    Column("untold_since", Moment),  # a poll found news of which no hub has told since
    _must("fence", BigInteger),
    Index(None, "source"),
    Index(None, "due_at"),
)

# What hubs sent, until it is read. Whoever holds the source's lease reads it.
inbox = _table(
    "inbox",
    Column("seq", Seq, primary_key=True),
    Column("source", Text, ForeignKey("source_state.id"), nullable=False),
    _must("topic", Words),
    _must("at", Moment),
    _must("content_type", Words),
    Column("body", LargeBinary),  # empty: only that there is something new
    Index(None, "source", "seq"),
)

meta = _table(
    "meta",
    Column("name", Text, primary_key=True),
    _must("value", Words),
)
