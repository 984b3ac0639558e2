"""The bot's own tables, beside those of the engine: what its processes have to know of each other's work."""

from __future__ import annotations

SCHEMA = "gptdeploy"
"""On PostgreSQL. The engine has one of its own, called dbos."""

_RATE_LIMITS = (
    "(account VARCHAR(100) NOT NULL, resource VARCHAR(100) NOT NULL, remaining INTEGER NOT NULL, most INTEGER NOT NULL,"
    " resets_at DOUBLE PRECISION NOT NULL, PRIMARY KEY (account, resource))"
)

_SLUGS = "(repo TEXT NOT NULL, slug VARCHAR(63) NOT NULL, issue INTEGER NOT NULL, PRIMARY KEY (repo, slug))"

# To GitHub, names that differ only in case are the same.
SQLITE_TABLES = (
    "CREATE TABLE IF NOT EXISTS repositories (key TEXT COLLATE NOCASE PRIMARY KEY, id INTEGER NOT NULL, name TEXT)",
    "CREATE UNIQUE INDEX IF NOT EXISTS repositories_key ON repositories (lower(key))",
    f"CREATE TABLE IF NOT EXISTS rate_limits {_RATE_LIMITS}",
    f"CREATE TABLE IF NOT EXISTS slugs {_SLUGS}",
)

POSTGRES_TABLES = (
    # `rowid` is what SQLite has by itself: the order in which rows came.
    f"CREATE TABLE IF NOT EXISTS {SCHEMA}.repositories"
    " (rowid BIGSERIAL, key TEXT NOT NULL, id BIGINT NOT NULL, name TEXT)",
    f"CREATE UNIQUE INDEX IF NOT EXISTS repositories_key ON {SCHEMA}.repositories (lower(key))",
    f"CREATE TABLE IF NOT EXISTS {SCHEMA}.rate_limits {_RATE_LIMITS}",
    f"CREATE TABLE IF NOT EXISTS {SCHEMA}.slugs {_SLUGS}",
    # A worker's slot, for as long as somebody may hold it or has left something in it; see `server_slot.py`.
    f"CREATE TABLE IF NOT EXISTS {SCHEMA}.slots (slot INTEGER PRIMARY KEY, holder TEXT NOT NULL, version TEXT NOT NULL,"
    " renewed_at TIMESTAMPTZ NOT NULL, looked_at TIMESTAMPTZ)",
    # What is at work in a worker, and how often it was at a crash; see `crashes.py`. What the server itself forgets
    # when it crashes is nobody's fault.
    f"CREATE UNLOGGED TABLE IF NOT EXISTS {SCHEMA}.at_work"
    " (slot INTEGER NOT NULL, workflow TEXT NOT NULL, PRIMARY KEY (slot, workflow))",
    # What people were answered in the last hour; see `windows.py`.
    f"CREATE TABLE IF NOT EXISTS {SCHEMA}.counted"
    " (what TEXT NOT NULL, name TEXT NOT NULL, at TIMESTAMPTZ NOT NULL, PRIMARY KEY (what, name))",
    f"CREATE INDEX IF NOT EXISTS counted_name ON {SCHEMA}.counted (name, at)",
    # What was written to GitHub in the last hour, and when the bucket of an installation is full again; `writes.py`.
    f"CREATE TABLE IF NOT EXISTS {SCHEMA}.written"
    " (installation BIGINT NOT NULL, share TEXT NOT NULL, at DOUBLE PRECISION NOT NULL)",
    f"CREATE INDEX IF NOT EXISTS written_share ON {SCHEMA}.written (installation, share, at)",
    f"CREATE TABLE IF NOT EXISTS {SCHEMA}.buckets (installation BIGINT PRIMARY KEY, full_at DOUBLE PRECISION NOT NULL)",
    # What is under way and what waits for that, by the holder of a worker's slot, and who has given one back when;
    # see `server_seats.py`. A server that crashes ends all workers' leases, too.
    f"CREATE UNLOGGED TABLE IF NOT EXISTS {SCHEMA}.seats"
    " (work TEXT NOT NULL, owner TEXT NOT NULL, repo TEXT NOT NULL, run TEXT NOT NULL, name TEXT NOT NULL,"
    " holder TEXT NOT NULL, since DOUBLE PRECISION NOT NULL, taken BOOLEAN NOT NULL, PRIMARY KEY (work, run, name))",
    f"CREATE UNLOGGED TABLE IF NOT EXISTS {SCHEMA}.served"
    " (work TEXT NOT NULL, name TEXT NOT NULL, at DOUBLE PRECISION NOT NULL, PRIMARY KEY (work, name))",
    # Where GitHub cannot be used, who waits for that, and for which owners GitHub itself has said until when; see
    # `server_gates.py`.
    f"CREATE UNLOGGED TABLE IF NOT EXISTS {SCHEMA}.gates"
    " (place TEXT PRIMARY KEY, next_at DOUBLE PRECISION NOT NULL, tries INTEGER NOT NULL, trying TEXT NOT NULL,"
    " since DOUBLE PRECISION NOT NULL, waiting TEXT[] NOT NULL)",
    f"CREATE UNLOGGED TABLE IF NOT EXISTS {SCHEMA}.refusing (owner TEXT PRIMARY KEY, until TIMESTAMPTZ NOT NULL)",
    f"CREATE UNLOGGED TABLE IF NOT EXISTS {SCHEMA}.crashes (workflow TEXT PRIMARY KEY, count INTEGER NOT NULL)",
)
