"""The schema of a store: which one it has, and how it gets the one that this program wants.

In:    a connection, inside a transaction: a schema changes whole or not at all, whoever is killed meanwhile.
Out:   a store with the schema HEAD, or StoreError.
Never: touches a database that holds something else.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, func, inspect, select, text

from aggregator.errors import StoreError
from aggregator.store.dialect import on_postgresql
from aggregator.store.schema import HEAD, REVISIONS

_FOLDER = Path(__file__).parent / "migrations"
_ONE_AT_A_TIME = 0x41676772  # an advisory lock of PostgreSQL: two daemons start, one of them upgrades


def revision_of(conn: Connection) -> str | None:
    """The revision of the stored schema; None for an empty database."""
    tables = inspect(conn).get_table_names()
    if "alembic_version" in tables:
        return str(conn.scalar(text("SELECT version_num FROM alembic_version")))
    if tables:
        raise StoreError("the database holds tables of another program; give the aggregator one of its own")
    return None


def refuse_unknown(revision: str | None) -> None:
    """Raise StoreError for a schema that a newer program made: writing into it would damage what we cannot see."""
    if revision is not None and revision not in REVISIONS:
        known = f"this program knows up to {HEAD}"
        raise StoreError(f"the store has the newer schema {revision}, {known}: upgrade the program or restore a backup")


def nobody(_revision: str) -> None:
    """Do without."""


def upgrade(conn: Connection, told: Callable[[str], None] = nobody) -> None:
    """Bring the schema to HEAD. Alembic is only loaded if there is something to do. told: of each revision it has now.

    All in one transaction: whoever is killed in it, whatever step he was at, leaves the schema that was there.
    """
    if on_postgresql(conn):
        conn.execute(select(func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
    revision = revision_of(conn)
    refuse_unknown(revision)
    if revision == HEAD:
        return
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": conn, "told": told})
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    command.upgrade(config, "head")
