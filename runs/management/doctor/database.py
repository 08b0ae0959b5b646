"""The database: whether it answers, is whole, and is what this version expects."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from runs.management.doctor.finding import broken, good, poor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runs.management.doctor.finding import Finding

# Older ones can lose the end of a write-ahead log in a rare race of a checkpoint with a writer.
SAFE_SQLITE = (3, 51, 3)
_OVER_THE_NET = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "ceph", "lustre"}


def look() -> Iterator[Finding]:
    """Yield what there is to say of the database; nothing more if it does not answer."""
    try:
        connection.ensure_connection()
        yield from _tables()
        yield from _sqlite() if connection.vendor == "sqlite" else _postgresql()
    except DatabaseError as error:
        mend = "Look at DATABASE_URL, and whether the database server runs."
        yield broken("database", f"it does not answer: {str(error).strip()[:200]}", mend)


def _tables() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    unknown = set(executor.loader.applied_migrations) - set(executor.loader.disk_migrations)
    if missing:
        says = f"{len(missing)} migrations were not applied"
        yield broken("tables", says, "Run `manage.py migrate`, or start the studio, which does it.")
    elif any(app == "runs" for app, _ in unknown):
        says = "they are of a newer Run Studio than this one"
        yield broken("tables", says, "Install the newer version again.")
    else:
        yield good("tables", "as this version expects them")


def _sqlite() -> Iterator[Finding]:
    version = ".".join(map(str, sqlite3.sqlite_version_info))
    if sqlite3.sqlite_version_info < SAFE_SQLITE:
        safe = ".".join(map(str, SAFE_SQLITE))
        mend = (
            f"Run the studio with a Python that brings SQLite {safe} or newer, or use PostgreSQL."
        )
        yield poor("database", f"SQLite {version} is older than {safe}", mend)
    else:
        yield good("database", f"SQLite {version}")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        mode = cursor.fetchone()[0]
        cursor.execute("PRAGMA quick_check(1)")
        words = cursor.fetchone()[0]
    if mode != "wal":
        yield broken(
            "journal", f"its mode is {mode}, not wal", "Stop the studio and start it again."
        )
    if words == "ok":
        yield good("content", "the database is whole")
    else:
        mend = "Stop the studio, and restore the last backup into an empty data folder."
        yield broken("content", f"the database is damaged: {words}", mend)
    kind = _file_system()
    if kind in _OVER_THE_NET:
        mend = "Move the data folder to a disk of this machine, or use PostgreSQL."
        yield broken("file system", f"SQLite lies on {kind}, which cannot lock it safely", mend)


def _postgresql() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0]
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        is_super = cursor.fetchone()[0]
    if is_super:
        mend = "Give the studio a role of its own that owns its database and nothing else."
        yield poor("database", f"PostgreSQL {version}, entered as a superuser", mend)
    else:
        yield good("database", f"PostgreSQL {version}")


def _file_system() -> str:
    place = str(settings.DATA_DIR)
    best, kind = "", ""
    try:
        with open("/proc/mounts", encoding="utf-8", errors="replace") as mounts:
            for line in mounts:
                _, point, found, *_ = line.split()
                if place.startswith(point) and len(point) > len(best):
                    best, kind = point, found
    except FileNotFoundError:
        return ""
    return kind
