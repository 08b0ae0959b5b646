"""The files and logs of a run as a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from runs.queries import folders
from runs.queries.folders import Look
from studio.contract import places

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runs.models import LogFile, Run, RunFile
    from runs.queries.folders import Tree

# In this order, these before all others.
_FIRST = (places.USER_LOGS, places.LOGS, places.OUTPUTS)
_CLOSED = (places.SYSTEM_LOGS,)
# So many are read; a search finds the others.
_MOST = 10_000
LONGEST_SEARCH = 200


def tree(run: Run, *, search: str = "", whole: str = "", chosen: str = "") -> Tree:
    """Return the files of a run whose path has ``search`` in it, logs first where there are too many.

    All of the folder ``whole`` is shown, and the way to the ``chosen`` file is open.
    """
    meant = Q(path__icontains=search[:LONGEST_SEARCH]) if search else Q()
    logs, files = run.logs.filter(meant).order_by("path"), run.files.filter(meant).order_by("path")
    found: list[RunFile | LogFile] = [*logs[: _MOST + 1], *files[: _MOST + 1]]
    left_out = logs.count() + files.count() - _MOST if len(found) > _MOST else 0
    look = Look(chosen, whole, search, _CLOSED)
    return folders.tree(found[:_MOST], look, left_out=left_out, rank=_rank)


def chosen(run: Run, path: str) -> RunFile | LogFile | None:
    """Return the file of that path; without one the script's log, else the first log or file."""
    if path:
        return run.logs.filter(path=path).first() or run.files.filter(path=path).first()
    log = run.logs.filter(path=places.STD_LOG).first() or run.logs.order_by("path").first()
    return log or run.files.order_by("path").first()


def known(run: Run, paths: Iterable[str]) -> list[str]:
    """Return which of these paths are files or logs of the run, in their order, each once."""
    asked = list(dict.fromkeys(paths))
    found = {
        *run.logs.filter(path__in=asked).values_list("path", flat=True),
        *run.files.filter(path__in=asked).values_list("path", flat=True),
    }
    return [path for path in asked if path in found]


def inside(run: Run, folder: str) -> dict[str, int | None]:
    """Return what lies in a folder of a run, "" for its root: names with bytes, None for a folder.

    A file with the name of a folder is told as the folder.
    """
    prefix = f"{folder}/" if folder else ""
    found: dict[str, int | None] = {}
    for kind in (run.files, run.logs):
        rows = kind.filter(path__startswith=prefix).values_list("path", "size")
        for path, size in rows.iterator():
            # SQLite takes upper and lower case for one here.
            if path.startswith(prefix):
                name, divided, _ = path.removeprefix(prefix).partition("/")
                found[name] = None if divided or found.get(name, 0) is None else size
    return dict(sorted(found.items()))


def _rank(name: str) -> tuple[int, str]:
    return (_FIRST.index(name), "") if name in _FIRST else (len(_FIRST), name)
