"""A PostgreSQL server for a benchmark: its data in a folder, a socket of its own, stopped at the end."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ADMIN = "postgres"
_SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "512MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
}


@contextlib.contextmanager
def server(folder: Path, databases: Sequence[str]) -> Iterator[str]:
    """Start a server whose data is kept in ``folder``, with databases of these names.

    Yields DATABASE_URL with ``{}`` for such a name.
    """
    programs = _programs()
    # So that the server is stopped, too, when somebody ends the benchmark.
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    data = folder / "postgresql"
    # The name of a socket has to be short.
    with tempfile.TemporaryDirectory(prefix="pg-") as place:
        socket = Path(place)
        folder.mkdir(parents=True, exist_ok=True)
        if not (data / "PG_VERSION").exists():
            data.mkdir(mode=0o700, exist_ok=True)
            _give(data)
            _run(programs / "initdb", "-D", data, "-U", _ADMIN, "-A", "trust", "-E", "UTF8",
                 "--locale=C.UTF-8")  # fmt: skip
        _give(socket)
        told = {**_SETTINGS, "unix_socket_directories": str(socket)}
        options = " ".join(f"-c {name}={value!r}" for name, value in told.items())
        control = programs / "pg_ctl"
        _run(control, "-D", data, "-o", options, "-l", socket / "log", "-w", "start")
        try:
            for name in databases:
                _make(programs, socket, name)
            asked = urlencode({"host": str(socket), "user": _ADMIN})
            yield f"postgres:///{{}}?{asked}"
        finally:
            _run(control, "-D", data, "-m", "fast", "-w", "stop")
            signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def for_a_while(*databases: str) -> Iterator[str]:
    """Start a server whose data is gone at the end; yields what ``server`` does."""
    with tempfile.TemporaryDirectory(prefix="postgresql-") as place:
        folder = Path(place)
        # Another user may be the one who runs it.
        folder.chmod(0o755)
        with server(folder, databases) as url:
            yield url


def is_here() -> bool:
    """Whether a server can be started on this machine, and a studio can talk to it."""
    can_talk = importlib.util.find_spec("psycopg") is not None
    return can_talk and _found() is not None and (_user() is None or _ADMIN in _names())


def _programs() -> Path:
    place = _found()
    if place is None:
        sys.exit("PostgreSQL's initdb is not here: install it, or leave --postgresql out.")
    return place


def _found() -> Path | None:
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else []
    # Debian keeps them beside the versions, out of the path.
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for place in places:
        if (place / "initdb").exists() and (place / "pg_ctl").exists():
            return place
    return None


def _make(programs: Path, socket: Path, name: str) -> None:
    # Its own list, because to make one that is there is an error.
    there = _run(programs / "psql", "-h", socket, "-U", _ADMIN, "-d", _ADMIN, "-Atc",
                 "SELECT datname FROM pg_database").split()  # fmt: skip
    if name not in there:
        _run(programs / "createdb", "-h", socket, "-U", _ADMIN, name)


def _run(*command: str | Path) -> str:
    done = subprocess.run(
        list(map(str, command)),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=sys.stderr,
        check=True, text=True, cwd="/", user=_user(),
    )  # fmt: skip
    return done.stdout


def _user() -> str | None:
    """Return who runs the server: PostgreSQL refuses to be run by root."""
    return None if os.getuid() else _ADMIN


def _names() -> set[str]:
    return {each.pw_name for each in pwd.getpwall()}


def _give(folder: Path) -> None:
    user = _user()
    if user is not None:
        shutil.chown(folder, user, user)
