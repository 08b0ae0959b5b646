"""One moment of the database as a file, and back. Writers go on meanwhile."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection, transaction

from runs.management.backup.layout import BackupError
from runs.models import LogFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LOGS_AT_ONCE = 2_000


class Moment:
    """The database as it was: ``file`` holds it, and ``logs`` says how long each log was then."""

    def __init__(self, file: Path, logs: Iterator[LogFile]) -> None:
        self.file = file
        self.logs = logs


@contextmanager
def moment_of(folder: Path) -> Iterator[Moment]:
    """Keep a copy of the database in ``folder`` while the block lasts.

    Raises:
        BackupError: the database's own program is not there or fails.
    """
    file = folder / "database"
    if connection.vendor == "sqlite":
        _copy_sqlite(str(settings.DATABASES["default"]["NAME"]), file)
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as copy:
            yield Moment(file, _logs_in(copy))
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        _call(
            "pg_dump", "--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--file={file}"
        )
        yield Moment(file, LogFile.objects.iterator(chunk_size=_LOGS_AT_ONCE))


def check_empty() -> None:
    """Refuse to restore into a server's database that has tables; a file of SQLite's is looked for elsewhere.

    Raises:
        BackupError: it has some.
    """
    if connection.vendor != "sqlite" and connection.introspection.table_names():
        raise BackupError(
            "The database in DATABASE_URL is not empty. Make a new one (createdb) and name that."
        )


def bring_back(file: Path) -> None:
    """Put the database of a backup where the settings say that it lies.

    Raises:
        BackupError: it is broken.
    """
    if connection.vendor == "sqlite":
        _check_sqlite(file)
        os.replace(file, settings.DATABASES["default"]["NAME"])
        return
    _call("pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", str(file))


def _copy_sqlite(source: str, target: Path) -> None:
    target.touch(mode=0o600)
    with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target)) as there:
        # In one piece: a copy in steps begins again with every write of somebody else.
        here.backup(there, pages=-1)
    _check_sqlite(target)


def _check_sqlite(file: Path) -> None:
    try:
        with closing(sqlite3.connect(file)) as copy:
            words = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        words = str(error)
    if words != "ok":
        raise BackupError(f"The copy of the database is broken: {words}. Nothing was changed.")


def _logs_in(copy: sqlite3.Connection) -> Iterator[LogFile]:
    rows = copy.execute("SELECT run_id, path, size FROM runs_logfile ORDER BY run_id")
    for run_key, path, size in rows:
        yield LogFile(run_id=run_key, path=path, size=size)


# What PostgreSQL's own programs read, by the name that it has in a connection. The address of a
# socket and what TLS asks for stand in the options of DATABASE_URL.
_VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}


def _call(program: str, *arguments: str) -> None:
    known = connection.get_connection_params()
    told = {name: str(known[key]) for key, name in _VARIABLES.items() if known.get(key)}
    try:
        subprocess.run(  # noqa: S603  (no shell; the program is ours to name)
            [program, f"--dbname={known['dbname']}", *arguments],
            env={**os.environ, **told},
            check=True,
            capture_output=True,
            text=True,
        )
    except FileNotFoundError:
        reason = f"{program} is not on this machine: install PostgreSQL's client programs."
        raise BackupError(reason) from None
    except subprocess.CalledProcessError as error:
        raise BackupError(f"{program} failed: {error.stderr.strip()[-500:]}") from None
