"""PostgreSQL: how it is opened, and which of its failures pass by themselves.

In:    a URL.
Out:   an engine whose sessions never hang for ever.
Never: knows the tables.
"""

from __future__ import annotations

from sqlalchemy import URL, Engine, create_engine
from sqlalchemy.exc import DBAPIError

from aggregator.errors import StoreError

# A session that nobody ends must not block the others: a statement of ours takes milliseconds, a transaction a second.
_SETTINGS = {
    "timezone": "UTC",
    "statement_timeout": "60s",
    "lock_timeout": "30s",
    "idle_in_transaction_session_timeout": "60s",
}
_CONNECT = {"connect_timeout": 10, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
# PostgreSQL manual, appendix A: connection lost, operator intervention (a statement that took too long among it), too
# few resources, a lost race, a lock that somebody held for too long, a server that took over and is not ready to write
_PASSES = ("08", "57", "53", "40", "55P03", "25006", "25P03")
# What libpq says, which gives no code, where only a person can help.
_STAYS = ("authentication failed", "does not exist", "no password supplied", "no pg_hba.conf entry", "SSL was required")
_AGAIN = ("40001", "40P01", "08", "57P")  # serialization failure, deadlock


def connect(url: URL, connections: int) -> Engine:
    """Connections are tried before use: a restart of the server costs nobody an error."""
    options = " ".join(f"-c {name}={value}" for name, value in _SETTINGS.items())
    try:
        return create_engine(
            url.set(drivername="postgresql+psycopg"),
            pool_size=connections,
            max_overflow=0,
            pool_pre_ping=True,
            connect_args={**_CONNECT, "options": options, "application_name": "aggregator"},
        )
    except ImportError as error:
        raise StoreError("PostgreSQL needs the package psycopg: install aggregator[postgres]") from error


def reading(writer: Engine) -> Engine:
    """The same connections, but each transaction only reads and sees one state of the database."""
    return writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def try_again(error: DBAPIError) -> bool:
    """Whether the same transaction may succeed at once: it lost a race, or its connection."""
    return error.connection_invalidated or _state(error).startswith(_AGAIN)


def passes(error: DBAPIError) -> bool:
    """Whether waiting may help: the server is away, restarts or is full; not a wrong password or a missing database."""
    if error.connection_invalidated or _state(error).startswith(_PASSES):
        return True
    said = str(error.orig)
    return not _state(error) and not any(word in said for word in _STAYS)


def _state(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""
