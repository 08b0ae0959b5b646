"""The web server: ``python -m runs.management.web HOST PORT``.

Imports no Django itself; its workers do. One of them also does what the ``worker`` command does, so
that no further interpreter with Django stays in memory.
"""

from __future__ import annotations

import argparse
import os
from functools import partial
from typing import TYPE_CHECKING

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from runs.management.ties import end_with_parent

if TYPE_CHECKING:
    from django.core.handlers.wsgi import WSGIHandler

WORKERS = 2
# Long polls hold a thread each; at most 32 of them are held in one worker, so pages always get one.
THREADS = 64
STOP_SECONDS = 2


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    asked = parser.parse_args()
    server = Granian(
        "studio.wsgi:application",
        address=asked.host,
        port=asked.port,
        interface=Interfaces.WSGI,
        workers=WORKERS,
        blocking_threads=THREADS,
        http=HTTPModes.http1,
        websockets=False,
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=STOP_SECONDS,
    )
    server.serve(target_loader=partial(_application, os.getpid()), wrap_loader=False)


def _application(parent: int) -> WSGIHandler:
    """Return the application; called in each worker, which must not outlive its server."""
    end_with_parent(parent)
    from runs.management.warm import warm
    from studio.wsgi import application

    warm()
    _work_beside()
    return application


def _work_beside() -> None:
    """Begin the worker's thread; Django is set up by now."""
    from runs.management.watching import watch_beside

    watch_beside()


if __name__ == "__main__":
    main()
