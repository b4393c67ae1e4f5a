"""A store moved to the other engine: the same rows, ids and numbers; or nothing at all."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select, text
from store_makers import (
    QUIET,
    a_curation,
    a_delivery,
    a_place,
    an_artefact,
    an_item,
    claim,
    configured,
    curate,
    stored,
)

from aggregator.errors import BackupError, StoreError
from aggregator.store import Store, artefacts, checking, items, meta, polls
from aggregator.store.copying import copy
from aggregator.store.schema import item, metadata


@pytest.fixture
def urls(sqlite_url, postgresql_url):
    return {"sqlite": sqlite_url, "postgresql": postgresql_url}


@pytest.fixture
def other(store, urls):
    """An empty store on the engine that `store` is not on."""
    opened = Store.open(urls["postgresql" if store.dialect == "sqlite" else "sqlite"])
    yield opened
    opened.close()


@pytest.fixture
def full(store, time):
    """Have a store with something of most kinds, and rows that are gone from its end; returns the item that is left."""
    configured(store, time, "lake")
    store.write_now(meta.authority, "feeds.example", time.now)
    keys = stored(store, time, *(an_item(str(n)) for n in range(3)))
    memberships = [a_place(keys[0], keys[0], kind=kind) for kind in ("story", "copy")]
    cited = a_curation(keys[0], verdicts=[("lake", True)], memberships=memberships, sections=[("war", 0.25)])
    curate(store, time, cited, a_curation(keys[1]), a_curation(keys[2]))
    row = a_delivery(keys[0])
    facts = {"rows": [row], "entered": {keys[0]: row.entry_id}, "flaw": "", "now": time.now, **QUIET}
    body = an_artefact(b"<feed>\xff\x00</feed>")
    store.write_now(artefacts.publish, topic="lake", dirty=1, artefacts=[body], **facts)
    store.write_now(lambda conn: conn.execute(delete(item).where(item.c.key.in_(keys[1:]))))
    return keys[0]


def rows(store):
    """Return all rows as Python has them, but for what is not taken along."""

    def read(conn):
        tables = {t: [c for c in t.c if c is not item.c.words_at] for t in metadata.sorted_tables}
        found = {t.name: [tuple(row) for row in conn.execute(select(*some))] for t, some in tables.items()}
        return {name: sorted(some, key=repr) for name, some in found.items()}

    return store.read_now(read)


def test_a_copy_on_the_other_engine_has_the_same_rows_and_goes_on_counting_behind_them(store, time, other, full):
    told = []
    counted = copy(store, other, lambda left, whole: told.append((left, whole)))
    assert rows(other) == rows(store)
    assert (counted["item"], counted["delivery"], counted["artefact"]) == (1, 1, 1)
    assert told[-1] == (0, sum(counted.values()))
    assert other.read_now(checking.check, lambda _: None) == []
    next_numbers = []
    for one in (store, other):
        (key,) = stored(one, time, an_item("later"), document=2)
        next_numbers.append(one.read_now(items.by_key, key).seq)
    assert next_numbers == [4, 4]  # 2 and 3 are gone, and are given to nobody again
    assert other.read_now(items.by_key, full) == store.read_now(items.by_key, full)


def test_a_store_that_holds_something_is_left_alone(store, time, other):
    stored(other, time, an_item())
    before = rows(other)
    with pytest.raises(BackupError, match=r"not empty: it has rows in \w+"):
        copy(store, other)
    assert rows(other) == before


def test_a_copy_that_fails_half_way_leaves_an_empty_store(store, other, full):
    assert full

    def stop(left, _whole):
        if left == 0:
            raise RuntimeError("the network is gone")

    with pytest.raises(RuntimeError):
        copy(store, other, stop)
    assert not any(rows(other).values())
    copy(store, other)
    assert rows(other) == rows(store)


@pytest.mark.usefixtures("full")
def test_what_an_engine_would_refuse_is_cleaned_on_the_way(store, other):
    if store.dialect == "postgresql":
        pytest.skip("PostgreSQL never lets it in")
    store.write_now(lambda conn: conn.execute(text("UPDATE item SET title = 'a' || char(0) || 'b'")))
    copy(store, other)
    assert other.read_now(lambda conn: conn.scalar(select(item.c.title))) == "a\ufffdb"


@pytest.mark.usefixtures("full")
def test_a_copy_that_is_not_the_same_is_not_kept(store, other):
    """A rule of the target's own that changes rows: the counts agree, the checksums do not."""
    if other.dialect == "sqlite":
        spoil = ["CREATE TRIGGER spoil AFTER INSERT ON delivery BEGIN UPDATE delivery SET why = 'spoilt'; END"]
    else:
        body = "BEGIN NEW.why := 'spoilt'; RETURN NEW; END"
        spoil = [
            f"CREATE FUNCTION spoil() RETURNS trigger AS $$ {body} $$ LANGUAGE plpgsql",
            "CREATE TRIGGER spoil BEFORE INSERT ON delivery FOR EACH ROW EXECUTE FUNCTION spoil()",
        ]
    for statement in spoil:
        other.write_now(lambda conn, one=statement: conn.execute(text(one)) and None)
    with pytest.raises(BackupError, match="the copy of delivery is not what was copied"):
        copy(store, other)
    assert not any(rows(other).values())


def test_the_lives_of_claims_go_along(store, time, other, full):
    """Who held a claim on the first store cannot commit by it on the second, unless it stands there too."""
    assert full
    (held,) = claim(store, time, ignore_schedule=True)
    copy(store, other)
    assert other.write_now(polls.release, held)


def test_a_database_of_another_program_is_no_target(sqlite_url):
    store = Store.open(sqlite_url)
    try:
        store.write_now(lambda conn: conn.execute(text("DROP TABLE alembic_version")) and None)
    finally:
        store.close()
    with pytest.raises(StoreError, match="another program"):
        Store.open(sqlite_url)
